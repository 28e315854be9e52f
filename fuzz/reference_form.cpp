#include "fuzz/reference_form.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace ebagent::pattern {
namespace {

namespace json = boost::json;

// The bytes of an address, four or sixteen; IPv4 within IPv6 is IPv4.
using Address = std::vector<unsigned char>;

std::optional<Address> address_of(const std::string& text) {
  Address out(4);
  if (inet_pton(AF_INET, text.c_str(), out.data()) == 1) return out;
  // 1:2:3:4:5:6:7.8.9.10 is no address to EventBridge.
  out.resize(16);
  if (text.find('.') != std::string::npos || inet_pton(AF_INET6, text.c_str(), out.data()) != 1)
    return std::nullopt;
  constexpr std::array<unsigned char, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  if (std::equal(kMapped.begin(), kMapped.end(), out.begin())) out.erase(out.begin(), out.begin() + 12);
  return out;
}

bool is_in_block(const std::string& text, const std::string& block) {
  const std::size_t slash = block.find('/');
  const auto address = address_of(text);
  const auto network = address_of(block.substr(0, slash));
  if (!address || address->size() != network->size()) return false;
  const auto bits = std::size_t(std::stoi(block.substr(slash + 1)));
  for (std::size_t bit = 0; bit < bits; ++bit) {
    const auto at = [bit](const Address& all) { return (all[bit / 8] >> (7 - bit % 8)) & 1; };
    if (at(*address) != at(*network)) return false;
  }
  return true;
}

bool wildcard_matches(std::string_view wildcard, std::string_view text) {
  if (wildcard.empty()) return text.empty();
  if (wildcard[0] == '*') {
    return wildcard_matches(wildcard.substr(1), text) ||
           (!text.empty() && wildcard_matches(wildcard, text.substr(1)));
  }
  if (wildcard[0] == '\\') wildcard.remove_prefix(1);
  return !text.empty() && text[0] == wildcard[0] && wildcard_matches(wildcard.substr(1), text.substr(1));
}

std::string string_of(const json::value& value) {
  return std::string(value.as_string().data(), value.as_string().size());
}

class Rewriter {
 public:
  explicit Rewriter(const std::set<std::string>& texts) : texts_(texts) {}

  json::object object(const json::object& pattern) {
    json::object out;
    for (const auto& [name, member] : pattern) {
      if (member.is_object()) {
        out[name] = object(member.as_object());
      } else if (name == "$or") {
        json::array choices;
        for (const json::value& choice : member.as_array()) choices.push_back(object(choice.as_object()));
        out[name] = std::move(choices);
      } else {
        json::array wanted;
        for (const json::value& one : member.as_array()) append(one, wanted);
        out[name] = std::move(wanted);
      }
    }
    return out;
  }

 private:
  void append(const json::value& wanted, json::array& out) {
    const auto* operation = wanted.if_object();
    if (operation == nullptr) {
      const auto address = wanted.is_string() ? address_of(string_of(wanted)) : std::nullopt;
      if (!address) {
        out.push_back(wanted);
      } else {
        append_texts([&](const std::string& text) { return address_of(text) == address; }, out);
      }
      return;
    }
    const auto& [name, operand] = *operation->begin();
    if (name == "cidr") {
      append_texts([block = string_of(operand)](const std::string& text) { return is_in_block(text, block); },
                   out);
    } else if (name == "wildcard" && has_escapes(operand)) {
      append_texts(
          [one = string_of(operand)](const std::string& text) { return wildcard_matches(one, text); }, out);
    } else if (name == "anything-but" && operand.is_object() && has_escapes(operand)) {
      out.push_back({{"anything-but", excluded_texts(operand.as_object().at("wildcard"))}});
    } else {
      out.push_back(wanted);
    }
  }

  template <class Accepts>
  void append_texts(Accepts accepts, json::array& out) {
    out.push_back({{"exactly", never()}});
    for (const std::string& text : texts_) {
      if (accepts(text)) out.push_back({{"exactly", text}});
    }
  }

  json::array excluded_texts(const json::value& wildcards) {
    const json::array list = wildcards.is_array() ? wildcards.as_array() : json::array{wildcards};
    json::array out{never()};
    for (const std::string& text : texts_) {
      if (std::any_of(list.begin(), list.end(),
                      [&text](const json::value& one) { return wildcard_matches(string_of(one), text); })) {
        out.push_back(json::value(text));
      }
    }
    return out;
  }

  // A text that no event has, since a list must not be empty.
  [[nodiscard]] static const char* never() { return "(never)"; }

  // Whether a wildcard, or {"wildcard": one or a list}, has escapes.
  static bool has_escapes(const json::value& value) {
    if (value.is_string()) return value.as_string().find('\\') != json::string::npos;
    if (value.is_array()) return std::any_of(value.as_array().begin(), value.as_array().end(), has_escapes);
    const auto* wildcard = value.is_object() ? value.as_object().if_contains("wildcard") : nullptr;
    return wildcard != nullptr && has_escapes(*wildcard);
  }

  const std::set<std::string>& texts_;
};

}  // namespace

void collect_texts(const json::value& event, std::set<std::string>& out) {
  if (event.is_string()) {
    out.insert(string_of(event));
  } else if (const auto* array = event.if_array()) {
    for (const json::value& element : *array) collect_texts(element, out);
  } else if (const auto* object = event.if_object()) {
    for (const auto& [name, member] : *object) collect_texts(member, out);
  }
}

json::object reference_form(const json::object& pattern, const std::set<std::string>& texts) {
  return Rewriter(texts).object(pattern);
}

}  // namespace ebagent::pattern
