#include "core/json.hpp"

#include <simdjson.h>

#include <boost/json/basic_parser_impl.hpp>

#include <array>
#include <charconv>
#include <cmath>
#include <set>
#include <vector>

namespace ebagent::core {
namespace {

namespace json = boost::json;

// SAX handler for what Boost.JSON takes silently: the last of duplicate keys, which would hide a value from a rule or a
// tool, and numbers that no double holds (even 0e999), which could not be written as JSON again.
class DuplicateKeys {
 public:
  constexpr static std::size_t max_object_size = std::size_t(-1);
  constexpr static std::size_t max_array_size = std::size_t(-1);
  constexpr static std::size_t max_key_size = std::size_t(-1);
  constexpr static std::size_t max_string_size = std::size_t(-1);
  std::string duplicate;
  bool has_huge_number = false;

  bool on_document_begin(json::error_code&) { return true; }
  bool on_document_end(json::error_code&) { return true; }
  bool on_object_begin(json::error_code&) {
    objects_.emplace_back();
    return true;
  }
  bool on_object_end(std::size_t, json::error_code&) {
    objects_.pop_back();
    return true;
  }
  bool on_array_begin(json::error_code&) { return true; }
  bool on_array_end(std::size_t, json::error_code&) { return true; }
  bool on_key_part(json::string_view part, std::size_t, json::error_code&) {
    key_.append(part.data(), part.size());
    return true;
  }
  bool on_key(json::string_view part, std::size_t, json::error_code& error) {
    key_.append(part.data(), part.size());
    if (!objects_.back().insert(key_).second) {
      duplicate = key_;
      error = json::error::syntax;
      return false;
    }
    key_.clear();
    return true;
  }
  bool on_string_part(json::string_view, std::size_t, json::error_code&) { return true; }
  bool on_string(json::string_view, std::size_t, json::error_code&) { return true; }
  bool on_number_part(json::string_view, json::error_code&) { return true; }
  bool on_int64(std::int64_t, json::string_view, json::error_code&) { return true; }
  bool on_uint64(std::uint64_t, json::string_view, json::error_code&) { return true; }
  bool on_double(double number, json::string_view, json::error_code& error) {
    if (std::isfinite(number)) return true;
    has_huge_number = true;
    error = json::error::syntax;
    return false;
  }
  bool on_bool(bool, json::error_code&) { return true; }
  bool on_null(json::error_code&) { return true; }
  bool on_comment_part(json::string_view, json::error_code&) { return true; }
  bool on_comment(json::string_view, json::error_code&) { return true; }

 private:
  std::vector<std::set<std::string, std::less<>>> objects_;
  std::string key_;
};

void append_number(std::string& out, double number) {
  std::array<char, 32> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number).ptr;
  out.append(buffer.data(), end);
}

void append(std::string& out, const json::value& value, int indent, int depth);

void new_line(std::string& out, int indent, int depth) {
  if (indent == 0) return;
  out.push_back('\n');
  out.append(std::size_t(indent) * std::size_t(depth), ' ');
}

void append_object(std::string& out, const json::object& object, int indent, int depth) {
  out.push_back('{');
  bool first = true;
  for (const auto& [key, member] : object) {
    if (!first) out.push_back(',');
    first = false;
    new_line(out, indent, depth + 1);
    append_json_string(out, {key.data(), key.size()});
    out.append(indent == 0 ? ":" : ": ");
    append(out, member, indent, depth + 1);
  }
  if (!first) new_line(out, indent, depth);
  out.push_back('}');
}

void append_array(std::string& out, const json::array& array, int indent, int depth) {
  out.push_back('[');
  bool first = true;
  for (const auto& element : array) {
    if (!first) out.push_back(',');
    first = false;
    new_line(out, indent, depth + 1);
    append(out, element, indent, depth + 1);
  }
  if (!first) new_line(out, indent, depth);
  out.push_back(']');
}

void append(std::string& out, const json::value& value, int indent, int depth) {
  switch (value.kind()) {
    case json::kind::null:
      out += "null";
      break;
    case json::kind::bool_:
      out += value.get_bool() ? "true" : "false";
      break;
    case json::kind::int64:
      out += std::to_string(value.get_int64());
      break;
    case json::kind::uint64:
      out += std::to_string(value.get_uint64());
      break;
    case json::kind::double_:
      append_number(out, value.get_double());
      break;
    case json::kind::string:
      append_json_string(out, {value.get_string().data(), value.get_string().size()});
      break;
    case json::kind::array:
      append_array(out, value.get_array(), indent, depth);
      break;
    case json::kind::object:
      append_object(out, value.get_object(), indent, depth);
      break;
  }
}

// 0xED begins, among others, half a surrogate pair, which JSON can name but UTF-8 cannot.
bool may_need_escape(unsigned char c) {
  return c < 0x20 || c == '"' || c == '\\' || c == 0xED;
}

void append_unit(std::string& out, unsigned unit) {
  constexpr char kHex[] = "0123456789abcdef";
  out += "\\u";
  for (const unsigned shift : {12U, 8U, 4U, 0U}) out.push_back(kHex[(unit >> shift) & 15U]);
}

// Appends the first character, which may need an escape; returns how many bytes of `text` that were.
std::size_t append_escaped(std::string& out, std::string_view text) {
  const auto byte = [&text](std::size_t at) {
    return at < text.size() ? static_cast<unsigned char>(text[at]) : 0U;
  };
  switch (text.front()) {
    case '"':
      out += "\\\"";
      return 1;
    case '\\':
      out += "\\\\";
      return 1;
    case '\n':
      out += "\\n";
      return 1;
    case '\r':
      out += "\\r";
      return 1;
    case '\t':
      out += "\\t";
      return 1;
    default:
      break;
  }
  if (byte(0) == 0xED && byte(1) >= 0xA0 && byte(2) >= 0x80) {
    append_unit(out, 0xD000U | ((byte(1) & 0x3FU) << 6U) | (byte(2) & 0x3FU));
    return 3;
  }
  if (byte(0) == 0xED) {
    out.push_back(text.front());
  } else {
    append_unit(out, byte(0));
  }
  return 1;
}

}  // namespace

bool is_utf8(std::string_view text) {
  return simdjson::validate_utf8(text.data(), text.size());
}

std::size_t character_count(std::string_view text) {
  // All bytes but those that continue a character.
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::string text_member(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string{value->get_string()} : std::string{};
}

std::optional<std::int64_t> integer_member(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(json::string_view{name.data(), name.size()});
  if (value == nullptr || !value->is_int64()) return std::nullopt;
  return value->get_int64();
}

Result<json::value> parse_json(std::string_view text, JsonLimits limits) {
  if (!is_utf8(text)) return fail(ErrorCode::Malformed, "The JSON text is not valid UTF-8.");
  json::parse_options options;
  options.max_depth = limits.max_depth;
  json::basic_parser<DuplicateKeys> checker(options);
  json::error_code error;
  const std::size_t read = checker.write_some(false, text.data(), text.size(), error);
  if (!checker.handler().duplicate.empty()) {
    return fail(ErrorCode::Malformed, "The JSON text has the key \"" + checker.handler().duplicate +
                                          "\" twice in one object, at byte " + std::to_string(read) + ".");
  }
  if (checker.handler().has_huge_number) {
    return fail(ErrorCode::Malformed,
                "The JSON text has a number that is out of range, at byte " + std::to_string(read) + ".");
  }
  if (error == json::error::too_deep) {
    return fail(ErrorCode::Malformed,
                "The JSON text is nested deeper than " + std::to_string(limits.max_depth) + " levels.");
  }
  json::stream_parser parser({}, options);
  const std::size_t used = parser.write_some(text.data(), text.size(), error);
  if (!error && used < text.size() && text.find_first_not_of(" \t\r\n", used) != std::string_view::npos) {
    return fail(ErrorCode::Malformed,
                "There is text after the end of the JSON value, at byte " + std::to_string(used) + ".");
  }
  if (!error) parser.finish(error);
  if (error) {
    return fail(ErrorCode::Malformed,
                "The JSON text is not valid at byte " + std::to_string(used) + ": " + error.message() + ".");
  }
  return parser.release();
}

std::string write_json(const json::value& value) {
  std::string out;
  append(out, value, 0, 0);
  return out;
}

std::string write_json_pretty(const json::value& value) {
  std::string out;
  append(out, value, 2, 0);
  return out;
}

void append_json_string(std::string& out, std::string_view text) {
  out.reserve(out.size() + text.size() + 2);
  out.push_back('"');
  std::size_t plain = 0;  // from here on nothing is appended yet
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto c = static_cast<unsigned char>(text[at]);
    if (!may_need_escape(c)) continue;
    out.append(text, plain, at - plain);
    at += append_escaped(out, text.substr(at)) - 1;
    plain = at + 1;
  }
  out.append(text, plain);
  out.push_back('"');
}

}  // namespace ebagent::core
