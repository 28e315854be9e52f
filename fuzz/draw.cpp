#include "fuzz/draw.hpp"

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <iterator>
#include <string_view>
#include <utility>

namespace ebagent::pattern {
namespace {

namespace json = boost::json;

// Names that share beginnings and ends, of sizes around those at which the engine compares names differently; more
// than it compares one by one.
// clang-format off
constexpr std::string_view kNames[] = {
    "a", "b", "a.b", "c", "b.a", "A", "ab", "a.", "a\"b", "seven77", "eight888", "eight88_", "nine99999",
    "fifteen-bytes-_", "sixteen-bytes-__", "more-than-sixteen-bytes", "more-than_sixteen-bytes"};
// clang-format on

// Of the characters beyond ASCII only such as have no other case that occurs: the slow matcher folds ASCII alone.
constexpr std::string_view kTexts[] = {
    "",          "ab",        "Ab",          "abc",  "xabc",           "b",    "cab",
    "a*c",       "10.0.0.1",  "10.0.7.9",    "::1",  "2001:db8::1",    "abab", "2001:DB8:0:0:0:0:0:1",
    "a\\b",      "€",         "é\U0001F680", "true", "::ffff:a00:1",   "1",    "\"}],{\"a\":[",
    "10.0.0.10", "256.0.0.1", "2001:db8::",  "null", "255.255.255.255"};
constexpr std::string_view kPieces[] = {"a", "b", "c", "A", "ab", "*", "\\", "é", "€", "1"};
constexpr std::string_view kLongText =
    "a text of more than one block of 64 characters, for searches that look at several at once: abc";

// Doubles of which these are the shortest decimals, which is what the engine takes a number for.
// clang-format off
constexpr double kNumbers[] = {
    0, 1, 2, 3, 100, -1, 0.5, 1.5, -0.5, -2.5, -17.25, 0.1, 0.30000000000000004, 123456789.125,
    1e-7, 1e10, 1e15, 9007199254740992.0, 1e22, 1e300, -1e-300};
// clang-format on

// A text as a wildcard that only it matches.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '*' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

// `at`, or the beginning of the character behind when that is inside a character.
std::size_t character_begin(const std::string& text, std::size_t at) {
  while (at < text.size() && (text[at] & 0xC0) == 0x80) ++at;
  return at;
}

std::string wildcard_around(const std::string& begin, const std::string& end) {
  const std::string middle = escaped(end.substr(0, character_begin(end, end.size() / 2)));
  return escaped(begin) + "*" + (middle.empty() ? "" : middle + "*");
}

constexpr const char* kOperations[] = {"=", "<", "<=", ">", ">="};

constexpr int kEventDepth = 3;
constexpr int kPatternDepth = 2;
// The slow matcher tries every combination of leaves.
constexpr std::size_t kMaxEventValues = 32;

}  // namespace

json::object Draw::event() {
  room_ = kMaxEventValues;
  json::object out = object(kEventDepth);
  std::vector<std::string> path;
  collect_leaves(out, path, events_.emplace_back());
  return out;
}

void Draw::collect_leaves(const json::value& value, std::vector<std::string>& path, std::vector<Leaf>& out) {
  if (const auto* object = value.if_object()) {
    for (const auto& [name, member] : *object) {
      path.emplace_back(name);
      collect_leaves(member, path, out);
      path.pop_back();
    }
  } else if (const auto* array = value.if_array()) {
    for (const json::value& element : *array) collect_leaves(element, path, out);
  } else {
    out.push_back({path, value});
  }
}

json::object Draw::pattern() {
  const std::vector<Leaf>& leaves = events_[choices_.below(events_.size())];
  return pattern_object(kPatternDepth, leaves.empty() ? nullptr : &leaves);
}

json::string Draw::name() {
  // Half of all are among the first four, so that patterns and events meet.
  constexpr std::size_t kFrequent = 4;
  return json::string(
      kNames[choices_.once_in(2) ? choices_.below(std::size(kNames)) : choices_.below(kFrequent)]);
}

std::string Draw::text() {
  std::string out;
  switch (choices_.below(8)) {
    case 6:
      out = kLongText;
      [[fallthrough]];
    case 7:
      for (std::size_t i = choices_.below(5); i > 0; --i) out += choices_.one_of(kPieces);
      return out;
    default:
      return std::string(choices_.one_of(kTexts));
  }
}

json::value Draw::number() {
  const double number = choices_.one_of(kNumbers);
  constexpr double kExactIntegers = 9007199254740992.0;
  const bool is_small = number >= -kExactIntegers && number <= kExactIntegers;
  if (is_small && double(std::int64_t(number)) == number && !choices_.once_in(4)) return std::int64_t(number);
  return number;
}

json::value Draw::scalar() {
  switch (choices_.below(6)) {
    case 3:
      return number();
    case 4:
      return choices_.once_in(2);
    case 5:
      return nullptr;
    default:
      return json::value(text());
  }
}

json::value Draw::value(int depth) {
  if (room_ > 0) --room_;
  const std::size_t kind = depth == 0 || room_ == 0 ? 0 : choices_.below(4);
  if (kind < 2) return scalar();
  if (kind == 2) return object(depth - 1);
  json::array out;
  for (std::size_t i = choices_.below(4); i > 0 && room_ > 0; --i) out.push_back(value(depth - 1));
  return out;
}

json::object Draw::object(int depth) {
  json::object out;
  for (std::size_t i = 1 + choices_.below(4); i > 0 && room_ > 0; --i) out[name()] = value(depth);
  return out;
}

json::object Draw::pattern_object(int depth, const std::vector<Leaf>* aims_at) {
  json::object out;
  for (std::size_t i = 1 + choices_.below(3); i > 0; --i) {
    const std::size_t kind = choices_.below(8);
    if (kind == 7 && depth > 0) {
      out["$or"] = alternatives(depth - 1, aims_at);
    } else if (aims_at != nullptr && kind < 5) {
      add_aimed(*aims_at, out);
    } else if (kind == 6 && depth > 0) {
      out[name()] = pattern_object(depth - 1, nullptr);
    } else {
      out[name()] = wanted();
    }
  }
  return out;
}

json::array Draw::alternatives(int depth, const std::vector<Leaf>* aims_at) {
  json::array out;
  for (std::size_t i = 2 + choices_.below(2); i > 0; --i) out.push_back(pattern_object(depth, aims_at));
  return out;
}

// Asks for what a leaf is, and perhaps for something else beside it.
void Draw::add_aimed(const std::vector<Leaf>& leaves, json::object& out) {
  const Leaf& leaf = leaves[choices_.below(leaves.size())];
  json::object* at = &out;
  for (std::size_t i = 0; i + 1 < leaf.path.size(); ++i) {
    json::value& member = (*at)[leaf.path[i]];
    if (!member.is_object()) member = json::object();
    at = &member.get_object();
  }
  json::value& field = (*at)[leaf.path.back()];
  if (field.is_object()) return;  // that leaf stands beside an object whose fields are asked for already
  json::array any_of{aimed_at(leaf.value)};
  if (choices_.once_in(4)) any_of.push_back(operation());
  field = std::move(any_of);
}

json::value Draw::aimed_at(const json::value& leaf) {
  if (choices_.once_in(8)) return operation();
  if (leaf.is_string()) return aimed_at_text(std::string(leaf.get_string()));
  if (leaf.is_number()) return aimed_at_number(leaf.to_number<double>());
  return leaf;
}

json::value Draw::aimed_at_text(const std::string& text) {
  const std::size_t cut = character_begin(text, choices_.below(text.size() + 1));
  const std::string begin = text.substr(0, cut);
  const std::string end = text.substr(cut);
  const auto other_case = [](std::string all) {
    for (char& c : all)
      c = char(std::isupper(static_cast<unsigned char>(c)) != 0 ? std::tolower(c) : std::toupper(c));
    return all;
  };
  switch (choices_.below(8)) {
    case 1:
      return {{"prefix", begin}};
    case 2:
      return {{"suffix", end}};
    case 3:
      return {{"prefix", {{"equals-ignore-case", other_case(begin)}}}};
    case 4:
      return {{"suffix", {{"equals-ignore-case", other_case(end)}}}};
    case 5:
      return {{"equals-ignore-case", other_case(text)}};
    case 6:
      return {{"wildcard", wildcard_around(begin, end)}};
    case 7:
      return {{"anything-but", choices_.once_in(2) ? json::value(text) : anything_but()}};
    default:
      return json::value(text);
  }
}

// The bounds of most ranges are the number itself, which they include or just do not.
json::value Draw::aimed_at_number(double number) {
  switch (choices_.below(6)) {
    case 1:
      return {{"numeric", {choices_.one_of(kOperations), number}}};
    case 2:
      return {{"numeric", range(number, 1e301)}};
    case 3:
      return {{"numeric", range(-1e301, number)}};
    case 4:
      return {{"anything-but", anything_but()}};
    case 5:
      return {{"anything-but", number}};
    default:
      return number;
  }
}

json::array Draw::wanted() {
  json::array out;
  for (std::size_t i = 1 + choices_.below(3); i > 0; --i) {
    out.push_back(choices_.once_in(2) ? operation() : scalar());
  }
  return out;
}

json::value Draw::operation() {
  switch (choices_.below(12)) {
    case 0:
      return {{"exists", true}};
    case 1:
      return {{"exists", false}};
    case 2:
      return {{"exactly", text()}};
    case 3:
      return {{"prefix", text()}};
    case 4:
      return {{"suffix", text()}};
    case 5:
      return {{"prefix", {{"equals-ignore-case", text()}}}};
    case 6:
      return {{"suffix", {{"equals-ignore-case", text()}}}};
    case 7:
      return {{"equals-ignore-case", text()}};
    case 8:
      return {{"wildcard", wildcard()}};
    case 9:
      return {{"numeric", numeric_terms()}};
    case 10:
      return {{"cidr", address_block()}};
    default:
      return {{"anything-but", anything_but()}};
  }
}

json::array Draw::numeric_terms() {
  if (!choices_.once_in(2)) return {choices_.one_of(kOperations), number()};
  const double one = number().to_number<double>();
  const double other = number().to_number<double>();
  if (one == other) return {"=", one};
  return range(std::min(one, other), std::max(one, other));
}

json::array Draw::range(double bottom, double top) {
  return {choices_.once_in(2) ? ">" : ">=", bottom, choices_.once_in(2) ? "<" : "<=", top};
}

std::string Draw::wildcard() {
  std::string out;
  bool is_behind_star = false;
  for (std::size_t i = choices_.below(6); i > 0; --i) {
    if (!is_behind_star && choices_.once_in(2)) {
      out += '*';
      is_behind_star = true;
      continue;
    }
    out += escaped(choices_.one_of(kPieces));
    is_behind_star = false;
  }
  return out;
}

std::string Draw::address_block() {
  constexpr std::string_view kV4[] = {"10.0.0.1", "10.0.7.9", "255.255.255.255", "0.0.0.0"};
  constexpr std::string_view kV6[] = {"2001:db8::1", "::1", "2001:0db8:0:0::", "::"};
  const bool is_v6 = choices_.once_in(2);
  const std::string_view address = is_v6 ? choices_.one_of(kV6) : choices_.one_of(kV4);
  return std::string(address) + "/" + std::to_string(choices_.below(is_v6 ? 128 : 32));
}

template <class One>
json::value Draw::one_or_list(One one) {
  if (!choices_.once_in(2)) return json::value(one());
  json::array out;
  for (std::size_t i = 1 + choices_.below(3); i > 0; --i) out.push_back(json::value(one()));
  return out;
}

json::value Draw::anything_but() {
  const auto end = [this] {
    std::string out = text();
    return out.empty() ? "a" : out;  // the engine refuses an empty prefix or suffix here
  };
  switch (choices_.below(6)) {
    case 0:
      return one_or_list([this] { return text(); });
    case 1:
      return one_or_list([this] { return number(); });
    case 2:
      return {{"prefix", one_or_list(end)}};
    case 3:
      return {{"suffix", one_or_list(end)}};
    case 4:
      return {{"equals-ignore-case", one_or_list([this] { return text(); })}};
    default:
      return {{"wildcard", one_or_list([this] { return wildcard(); })}};
  }
}

}  // namespace ebagent::pattern
