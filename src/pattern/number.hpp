#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string_view>

namespace ebagent::pattern {

// The exact value of a JSON number of up to 19 significant digits, in a form that is equal and ordered as the
// numbers are: two words that compare like one long integer.
struct Number {
  std::int64_t high = 0;  // sign and power of ten; 0 for zero
  std::uint64_t low = 0;  // the digits, the first one leftmost; complemented for negative numbers

  auto operator<=>(const Number&) const = default;

  // A word that never orders two numbers the wrong way round but may be the same for close ones.
  [[nodiscard]] std::uint64_t coarse() const {
    constexpr std::int64_t kMiddle = 2048;
    return (static_cast<std::uint64_t>(high + kMiddle) << 52) | (low >> 12);
  }
};

// The neighbours in this order; no comparable number lies between a comparable number and its neighbour.
[[nodiscard]] constexpr Number just_above(const Number& number) {
  return {number.low == ~std::uint64_t{0} ? number.high + 1 : number.high, number.low + 1};
}
[[nodiscard]] constexpr Number just_below(const Number& number) {
  return {number.low == 0 ? number.high - 1 : number.high, number.low - 1};
}

// Below and above every comparable number.
inline constexpr Number kLowestNumber{-2047, 0};
inline constexpr Number kHighestNumber{2047, ~std::uint64_t{0}};

// The value of a JSON number; nothing when it has more significant digits than fit. `text` must be a number as
// RFC 8259 writes them.
[[nodiscard]] std::optional<Number> number_of(std::string_view text);

// Whether a JSON number takes part in numeric matching: its value must be exactly the shortest decimal of its
// double (of two digits or more). Where it does not, only its text counts.
// `number` is its value.
[[nodiscard]] bool is_comparable(std::string_view text, const Number& number);

// The value of a number that takes part in numeric matching.
[[nodiscard]] inline std::optional<Number> comparable_number(std::string_view text) {
  const auto number = number_of(text);
  return number && is_comparable(text, *number) ? number : std::nullopt;
}

}  // namespace ebagent::pattern
