#include "core/json_difference.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <string_view>
#include <utility>

#include "core/json.hpp"

namespace ebagent::core {
namespace {

namespace json = boost::json;

constexpr std::size_t kShownBytes = 100;   // of a value in a difference
constexpr std::size_t kLeadingBytes = 20;  // shown before the first byte that differs
constexpr std::string_view kNothing = "nothing";
constexpr int kMaxDepth = 128;  // as parse_json() bounds it

bool is_inner_byte(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

std::string shortened(std::string_view text, std::size_t from) {
  if (text.size() <= kShownBytes) return std::string(text);
  std::size_t begin = from > kLeadingBytes ? from - kLeadingBytes : 0;
  while (begin > 0 && is_inner_byte(text[begin])) --begin;
  std::size_t end = std::min(text.size(), begin + kShownBytes);
  while (end < text.size() && is_inner_byte(text[end])) ++end;
  std::string shown = begin > 0 ? "…" : "";
  shown.append(text.substr(begin, end - begin));
  if (end < text.size()) shown += "…";
  return shown;
}

std::string escaped(std::string_view key) {
  std::string out;
  for (const char c : key) {
    if (c == '~') {
      out += "~0";
    } else if (c == '/') {
      out += "~1";
    } else {
      out += c;
    }
  }
  return out;
}

// Walks two values side by side.
class Comparison {
 public:
  explicit Comparison(std::size_t limit) : limit_(limit) {}

  void compare(const json::value* before, const json::value* after, const std::string& pointer, int depth) {
    if (found.size() >= limit_) return;
    if (before != nullptr && after != nullptr && depth < kMaxDepth) {
      if (before->is_object() && after->is_object()) {
        return compare_objects(before->get_object(), after->get_object(), pointer, depth);
      }
      if (before->is_array() && after->is_array()) {
        return compare_arrays(before->get_array(), after->get_array(), pointer, depth);
      }
      if (*before == *after) return;
    }
    const std::string old_text = before == nullptr ? std::string(kNothing) : write_json(*before);
    const std::string new_text = after == nullptr ? std::string(kNothing) : write_json(*after);
    const auto [at, other] =
        std::mismatch(old_text.begin(), old_text.end(), new_text.begin(), new_text.end());
    const auto from = static_cast<std::size_t>(at - old_text.begin());
    found.push_back({pointer, shortened(old_text, from), shortened(new_text, from)});
  }

  std::vector<JsonDifference> found;

 private:
  void compare_objects(const json::object& before, const json::object& after, const std::string& pointer,
                       int depth) {
    for (const auto& member : before) {
      compare(&member.value(), after.if_contains(member.key()), pointer + "/" + escaped(member.key()),
              depth + 1);
    }
    for (const auto& member : after) {
      if (before.contains(member.key())) continue;
      compare(nullptr, &member.value(), pointer + "/" + escaped(member.key()), depth + 1);
    }
  }

  void compare_arrays(const json::array& before, const json::array& after, const std::string& pointer,
                      int depth) {
    for (std::size_t i = 0; i < std::max(before.size(), after.size()); ++i) {
      compare(before.if_contains(i), after.if_contains(i), pointer + "/" + std::to_string(i), depth + 1);
    }
  }

  const std::size_t limit_;
};

json::value sorted(const json::value& value, int depth) {
  if (depth >= kMaxDepth) return value;
  if (const json::object* object = value.if_object()) {
    std::vector<const json::key_value_pair*> members;
    for (const auto& member : *object) members.push_back(&member);
    std::sort(members.begin(), members.end(),
              [](const auto* left, const auto* right) { return left->key() < right->key(); });
    json::object copy;
    for (const auto* member : members) copy.emplace(member->key(), sorted(member->value(), depth + 1));
    return copy;
  }
  if (const json::array* array = value.if_array()) {
    json::array copy;
    for (const json::value& element : *array) copy.push_back(sorted(element, depth + 1));
    return copy;
  }
  return value;
}

}  // namespace

json::value with_sorted_members(const json::value& value) {
  return sorted(value, 0);
}

std::vector<JsonDifference> differences(const json::value& before, const json::value& after,
                                        std::size_t limit) {
  Comparison comparison{limit};
  comparison.compare(&before, &after, "", 0);
  return std::move(comparison.found);
}

}  // namespace ebagent::core
