#pragma once

#include <boost/json.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "ebagent/result.hpp"

namespace ebagent::core {

// How much a JSON text may ask of us before it is refused.
struct JsonLimits {
  std::size_t max_depth = 128;  // nesting of arrays and objects; deeper is an attack, not an event
};

// Parses one JSON text strictly: valid UTF-8, no duplicate keys, no trailing text, at most `limits.max_depth`
// deep. Returns Malformed with what is wrong and where (a byte offset or a JSON pointer). Never throws on bad
// input. Source: https://www.rfc-editor.org/rfc/rfc8259
[[nodiscard]] Result<boost::json::value> parse_json(std::string_view text, JsonLimits limits = {});

// Compact JSON text with numbers as people write them (80, 99.99, 1e+30; never 8E1).
[[nodiscard]] std::string write_json(const boost::json::value& value);

// The same over several lines, two spaces an indentation level, for people.
[[nodiscard]] std::string write_json_pretty(const boost::json::value& value);

// Appends `text`, UTF-8 but for halves of surrogate pairs in three bytes each, to `out` as a JSON string with its quotes.
void append_json_string(std::string& out, std::string_view text);

// True when `text` is well-formed UTF-8.
// Source: https://www.rfc-editor.org/rfc/rfc3629
[[nodiscard]] bool is_utf8(std::string_view text);

// Characters (code points) of valid UTF-8.
[[nodiscard]] std::size_t character_count(std::string_view text);

// The text of a member; empty when it is absent or no text.
[[nodiscard]] std::string text_member(const boost::json::object& object, std::string_view name);
// The whole number of a member; nothing when it is absent or none.
[[nodiscard]] std::optional<std::int64_t> integer_member(const boost::json::object& object,
                                                         std::string_view name);

}  // namespace ebagent::core
