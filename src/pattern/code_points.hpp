#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace ebagent::pattern {

// What may stand behind a backslash in a JSON string, and what it then means.
inline constexpr std::string_view kEscapes = "\"\\/bfnrt";
inline constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";

// Halves of a pair that stands for one code point beyond U+FFFF.
[[nodiscard]] constexpr bool is_high_surrogate(std::uint32_t unit) {
  return unit >= 0xD800 && unit <= 0xDBFF;
}
[[nodiscard]] constexpr bool is_low_surrogate(std::uint32_t unit) {
  return unit >= 0xDC00 && unit <= 0xDFFF;
}
[[nodiscard]] constexpr std::uint32_t joined_surrogates(std::uint32_t high, std::uint32_t low) {
  return 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
}

// Appends the UTF-8 form of a code point; a lone surrogate keeps its three-byte form, so that it equals only
// itself.
void append_code_point(std::string& out, std::uint32_t code_point);

// Appends to `out` what stands between the quotes of a well-formed JSON string, its escapes replaced by what they
// stand for, and returns a view of it.
[[nodiscard]] std::string_view decode_string(std::string_view text, std::string& out);

// Decodes the code point at `at` (valid UTF-8 or a three-byte surrogate) and moves past it.
[[nodiscard]] std::uint32_t next_code_point(std::string_view text, std::size_t& at);

}  // namespace ebagent::pattern
