#include "event/strict_json.hpp"

#include <simdjson.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

namespace ebagent::event {
namespace {

namespace dom = simdjson::dom;

// Up to this many keys comparing each with each is quicker than sorting.
constexpr std::size_t kFewKeys = 12;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Moves past digits; false when there is none.
bool skip_digits(std::string_view text, std::size_t& at) {
  const std::size_t begin = at;
  while (at < text.size() && is_digit(text[at])) ++at;
  return at != begin;
}

// Source: https://www.rfc-editor.org/rfc/rfc8259#section-6
bool is_json_number(std::string_view text) {
  std::size_t at = !text.empty() && text[0] == '-' ? 1 : 0;
  if (at < text.size() && text[at] == '0') {
    ++at;
  } else if (!skip_digits(text, at)) {
    return false;
  }
  if (at < text.size() && text[at] == '.' && !skip_digits(text, ++at)) return false;
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    if (!skip_digits(text, at)) return false;
  }
  return at == text.size();
}

// The text with every well-formed number outside strings replaced by 0 and spaces: the parser refuses numbers
// that fit no 64 bits, but to an event they are as good as any other.
std::string with_small_numbers(std::string_view text) {
  std::string out{text};
  bool in_string = false;
  for (std::size_t at = 0; at < out.size();) {
    const char c = out[at];
    if (in_string) {
      if (c == '"') in_string = false;
      at += c == '\\' ? 2 : 1;
      continue;
    }
    if (c == '"') in_string = true;
    if (c != '-' && !is_digit(c)) {
      ++at;
      continue;
    }
    const std::size_t end = std::min(out.find_first_not_of("+-.eE0123456789", at), out.size());
    if (is_json_number(std::string_view{out}.substr(at, end - at))) {
      std::fill(out.begin() + std::ptrdiff_t(at), out.begin() + std::ptrdiff_t(end), ' ');
      out[at] = '0';
    }
    at = end;
  }
  return out;
}

// A key that `object` has twice.
std::optional<std::string> duplicate_key(const dom::object& object, std::vector<std::string_view>& keys) {
  const std::size_t first = keys.size();
  for (const auto& field : object) {
    if (keys.size() - first < kFewKeys) {
      for (std::size_t i = first; i < keys.size(); ++i) {
        if (keys[i] == field.key) return std::string{field.key};
      }
    }
    keys.push_back(field.key);
  }
  if (keys.size() - first > kFewKeys) {
    const auto begin = keys.begin() + std::ptrdiff_t(first);
    std::sort(begin, keys.end());
    const auto twice = std::adjacent_find(begin, keys.end());
    if (twice != keys.end()) return std::string{*twice};
  }
  keys.resize(first);
  return std::nullopt;
}

// The first duplicate key anywhere below `value`. Recursion is bounded by kMaxDepth.
std::optional<std::string> duplicate_below(const dom::element& value, std::vector<std::string_view>& keys) {
  if (value.type() == dom::element_type::OBJECT) {
    const dom::object object = value.get_object().value_unsafe();
    if (auto key = duplicate_key(object, keys)) return key;
    for (const auto& field : object) {
      if (auto key = duplicate_below(field.value, keys)) return key;
    }
  } else if (value.type() == dom::element_type::ARRAY) {
    const dom::array array = value.get_array().value_unsafe();
    for (const dom::element element : array) {
      if (auto key = duplicate_below(element, keys)) return key;
    }
  }
  return std::nullopt;
}

std::string reason(simdjson::error_code error) {
  switch (error) {
    case simdjson::UTF8_ERROR:
      return "it is not valid UTF-8";
    case simdjson::DEPTH_ERROR:
      return "it is nested deeper than " + std::to_string(kMaxDepth) + " levels";
    case simdjson::STRING_ERROR:
      return "a string has an escape sequence that stands for no character";
    case simdjson::UNCLOSED_STRING:
      return "a string is not closed";
    case simdjson::UNESCAPED_CHARS:
      return "a string contains an unescaped control character";
    case simdjson::NUMBER_ERROR:
      return "a number is not written as JSON numbers are";
    case simdjson::EMPTY:
      return "it is empty";
    case simdjson::CAPACITY:
      return "it is too long";
    default:
      return "it is not valid JSON";
  }
}

struct Buffers {
  dom::parser parser;
  std::vector<std::string_view> keys;
};

Buffers& buffers() {
  thread_local Buffers own = [] {
    Buffers made;
    // The parser counts the document itself as one level.
    if (made.parser.allocate(4096, kMaxDepth + 1) != simdjson::SUCCESS) throw std::bad_alloc{};
    return made;
  }();
  return own;
}

}  // namespace

Result<void> check_object(std::string_view text) {
  Buffers& own = buffers();
  own.keys.clear();
  dom::element root;
  auto error = own.parser.parse(text.data(), text.size(), true).get(root);
  if (error == simdjson::NUMBER_ERROR) error = own.parser.parse(with_small_numbers(text)).get(root);
  if (error != simdjson::SUCCESS) return fail(ErrorCode::Malformed, reason(error));
  if (root.type() != dom::element_type::OBJECT) return fail(ErrorCode::Malformed, "it is not a JSON object");
  if (const auto key = duplicate_below(root, own.keys)) {
    return fail(ErrorCode::Malformed, "the key \"" + *key + "\" comes twice in one object");
  }
  return success();
}

}  // namespace ebagent::event
