#include "pattern/reference_matcher.hpp"

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace ebagent::pattern {
namespace {

namespace json = boost::json;

// Which element of which array a leaf stands in.
using Membership = std::map<const json::value*, std::size_t>;

struct Leaf {
  std::string path;
  const json::value* value;
  Membership membership;
};

using Alternative = std::map<std::string, json::array>;

std::string joined(const std::string& path, json::string_view name) {
  return path.empty() ? std::string(name) : path + "." + std::string(name);
}

void flatten(const json::value& value, const std::string& path, const Membership& membership,
             std::vector<Leaf>& out) {
  if (const auto* object = value.if_object()) {
    for (const auto& [name, member] : *object) flatten(member, joined(path, name), membership, out);
  } else if (const auto* array = value.if_array()) {
    for (std::size_t i = 0; i < array->size(); ++i) {
      Membership inner = membership;
      if ((*array)[i].is_object() || (*array)[i].is_array()) inner[&value] = i;
      flatten((*array)[i], path, inner, out);
    }
  } else {
    out.push_back({path, &value, membership});
  }
}

std::vector<Alternative> expand(const json::object& pattern, const std::string& path,
                                std::vector<Alternative> so_far) {
  for (const auto& [name, member] : pattern) {
    if (name == "$or") {
      std::vector<Alternative> all;
      for (const json::value& choice : member.as_array()) {
        for (Alternative& alternative : expand(choice.as_object(), path, so_far))
          all.push_back(std::move(alternative));
      }
      so_far = std::move(all);
    } else if (member.is_object()) {
      so_far = expand(member.as_object(), joined(path, name), std::move(so_far));
    } else {
      for (Alternative& alternative : so_far) alternative[joined(path, name)] = member.as_array();
    }
  }
  return so_far;
}

std::optional<double> number_of(const json::value& value) {
  if (value.is_int64()) return double(value.get_int64());
  if (value.is_double()) return value.get_double();
  return std::nullopt;
}

std::string lowered(std::string text) {
  for (char& c : text) c = char(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

bool wildcard_matches(std::string_view wildcard, std::string_view text) {
  if (wildcard.empty()) return text.empty();
  if (wildcard[0] != '*')
    return !text.empty() && text[0] == wildcard[0] && wildcard_matches(wildcard.substr(1), text.substr(1));
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (wildcard_matches(wildcard.substr(1), text.substr(i))) return true;
  }
  return false;
}

std::optional<std::uint32_t> v4_of(const std::string& text) {
  unsigned a = 0;
  unsigned b = 0;
  unsigned c = 0;
  unsigned d = 0;
  char rest = 0;
  if (std::sscanf(text.c_str(), "%u.%u.%u.%u%c", &a, &b, &c, &d, &rest) != 4) return std::nullopt;
  if (a > 255 || b > 255 || c > 255 || d > 255) return std::nullopt;
  return a << 24 | b << 16 | c << 8 | d;
}

bool in_block(const std::string& text, const std::string& block) {
  const auto slash = block.find('/');
  const auto address = v4_of(text);
  const unsigned bits = unsigned(std::stoi(block.substr(slash + 1)));
  const std::uint32_t mask = bits == 0 ? 0 : ~std::uint32_t{0} << (32 - bits);
  return address && (*address & mask) == (*v4_of(block.substr(0, slash)) & mask);
}

bool in_range(double number, const json::array& terms) {
  for (std::size_t i = 0; i + 1 < terms.size(); i += 2) {
    const auto& operation = terms[i].as_string();
    const double bound = *number_of(terms[i + 1]);
    const bool good = operation == "="    ? number == bound
                      : operation == "<"  ? number < bound
                      : operation == "<=" ? number <= bound
                      : operation == ">"  ? number > bound
                                          : number >= bound;
    if (!good) return false;
  }
  return true;
}

bool accepts(const json::value& wanted, const json::value& leaf);

bool operator_accepts(json::string_view name, const json::value& operand, const json::value& leaf) {
  if (name == "exists") return operand.as_bool();
  if (name == "anything-but") {
    std::vector<json::value> excluded;
    json::string_view inner = "";
    const json::value* list = &operand;
    if (const auto* object = operand.if_object()) {
      inner = object->begin()->key();
      list = &object->begin()->value();
    }
    if (list->is_array())
      excluded.assign(list->as_array().begin(), list->as_array().end());
    else
      excluded.push_back(*list);
    return std::none_of(excluded.begin(), excluded.end(), [&](const json::value& value) {
      if (!inner.empty()) return operator_accepts(inner, value, leaf);
      if (value.is_string()) return operator_accepts("exactly", value, leaf);
      return accepts(value, leaf);
    });
  }
  if (name == "numeric") return number_of(leaf) && in_range(*number_of(leaf), operand.as_array());
  if (!leaf.is_string()) return false;
  const std::string text(leaf.as_string().c_str());
  if (const auto* object = operand.if_object()) {
    const std::string end = lowered(object->begin()->value().as_string().c_str());
    return name == "prefix" ? lowered(text).starts_with(end) : lowered(text).ends_with(end);
  }
  const std::string wanted(operand.as_string().c_str());
  if (name == "exactly") return text == wanted;
  if (name == "prefix") return text.starts_with(wanted);
  if (name == "suffix") return text.ends_with(wanted);
  if (name == "equals-ignore-case") return lowered(text) == lowered(wanted);
  if (name == "cidr") return in_block(text, wanted);
  return wildcard_matches(wanted, text);
}

bool accepts(const json::value& wanted, const json::value& leaf) {
  if (const auto* object = wanted.if_object())
    return operator_accepts(object->begin()->key(), object->begin()->value(), leaf);
  if (const auto number = number_of(wanted)) return number_of(leaf) == number;
  if (wanted.is_string() && leaf.is_string()) {
    const auto address = v4_of(wanted.as_string().c_str());
    return address ? v4_of(leaf.as_string().c_str()) == address : wanted == leaf;
  }
  return wanted == leaf;
}

bool is_consistent(const Membership& a, const Membership& b) {
  return std::all_of(a.begin(), a.end(), [&b](const auto& place) {
    const auto found = b.find(place.first);
    return found == b.end() || found->second == place.second;
  });
}

bool wants_absence(const json::array& wanted) {
  return std::any_of(wanted.begin(), wanted.end(), [](const json::value& value) {
    const auto* object = value.if_object();
    return object != nullptr && object->begin()->key() == "exists" && !object->begin()->value().as_bool();
  });
}

using FieldIterator = Alternative::const_iterator;

bool satisfied(FieldIterator field, FieldIterator end, const std::vector<Leaf>& leaves,
               const Membership& so_far) {
  if (field == end) return true;
  const auto& [path, wanted] = *field;
  bool is_present = false;
  for (const Leaf& leaf : leaves) {
    if (leaf.path != path || !is_consistent(leaf.membership, so_far)) continue;
    is_present = true;
    if (std::none_of(wanted.begin(), wanted.end(),
                     [&](const json::value& w) { return accepts(w, *leaf.value); }))
      continue;
    Membership with = so_far;
    with.insert(leaf.membership.begin(), leaf.membership.end());
    if (satisfied(std::next(field), end, leaves, with)) return true;
  }
  return !is_present && wants_absence(wanted) && satisfied(std::next(field), end, leaves, so_far);
}

}  // namespace

bool reference_matches(const json::object& pattern, const json::object& event) {
  std::vector<Leaf> leaves;
  const json::value root(event);
  flatten(root, "", {}, leaves);
  const std::vector<Alternative> alternatives = expand(pattern, "", {Alternative{}});
  return std::any_of(alternatives.begin(), alternatives.end(), [&leaves](const Alternative& alternative) {
    return satisfied(alternative.begin(), alternative.end(), leaves, {});
  });
}

}  // namespace ebagent::pattern
