#include "pattern/number.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <system_error>

namespace ebagent::pattern {
namespace {

// A double has at most 17 significant digits; a decimal with more equals no shortest form.
constexpr std::size_t kMaxDigits = 17;
// Beyond this an exponent is out of any double's reach, whatever the digits before it.
constexpr long kMaxExponent = 100'000'000;

// 0.d1d2d3... * 10^exponent with neither leading nor trailing zeros among the digits; zero has no digits.
struct Decimal {
  std::array<char, kMaxDigits + 1> digits{};
  std::size_t size = 0;
  long exponent = 0;
  bool too_long = false;
};

Decimal decimal_of(std::string_view text) {
  Decimal out;
  long pending_zeros = 0;
  bool after_point = false;
  std::size_t i = text[0] == '-' ? 1 : 0;
  for (; i < text.size() && text[i] != 'e' && text[i] != 'E'; ++i) {
    const char c = text[i];
    if (c == '.') {
      after_point = true;
      continue;
    }
    const bool leading = out.size == 0 && !out.too_long;
    if (c == '0') {
      if (leading) {
        if (after_point) --out.exponent;
        continue;
      }
      ++pending_zeros;
    } else {
      for (; pending_zeros > 0 && !out.too_long; --pending_zeros) {
        if (out.size == kMaxDigits)
          out.too_long = true;
        else
          out.digits[out.size++] = '0';
      }
      pending_zeros = 0;
      if (out.size == kMaxDigits)
        out.too_long = true;
      else
        out.digits[out.size++] = c;
    }
    if (!after_point) ++out.exponent;
  }
  if (i < text.size()) {
    ++i;
    const bool negative = i < text.size() && text[i] == '-';
    if (i < text.size() && (text[i] == '-' || text[i] == '+')) ++i;
    long exponent = 0;
    for (; i < text.size(); ++i)
      exponent = exponent > kMaxExponent ? exponent : exponent * 10 + (text[i] - '0');
    out.exponent += negative ? -exponent : exponent;
  }
  return out;
}

// Powers of ten that 64 bits hold.
constexpr std::array<std::uint64_t, 20> kPowersOfTen = [] {
  std::array<std::uint64_t, 20> out{};
  std::uint64_t power = 1;
  for (auto& place : out) {
    place = power;
    power *= 10;
  }
  return out;
}();

constexpr std::size_t kMaxNumberDigits = 19;
// Beyond any double's reach; further digits of an exponent change nothing.
constexpr std::int64_t kEndExponent = 1000;
constexpr std::int64_t kExponentBias = 1024;

// The number 0.d1d2d3... * 10^exponent, where `digits` are its `count` digits, the first of them not zero.
Number number_from(bool negative, std::uint64_t digits, std::size_t count, std::int64_t exponent) {
  const Number positive{exponent + kExponentBias, digits * kPowersOfTen[kMaxNumberDigits - count]};
  return negative ? Number{-positive.high, ~positive.low} : positive;
}

std::size_t digit_count(std::uint64_t value) {
  const std::size_t guess = (static_cast<std::size_t>(64 - std::countl_zero(value | 1)) * 1233) >> 12;
  return guess + (value >= kPowersOfTen[guess] ? 1 : 0);
}

constexpr std::uint64_t kZeros = 0x3030303030303030;

// Eight characters as one word, the first one lowest.
std::uint64_t load_eight(const char* at) {
  std::uint64_t out = 0;
  std::memcpy(&out, at, sizeof out);
  return out;
}

bool are_digits(std::uint64_t eight) {
  return (((eight + 0x4646464646464646) | (eight - kZeros)) & 0x8080808080808080) == 0;
}

// Source: https://lemire.me/blog/2018/10/03/quickly-parsing-eight-digits/
std::uint64_t value_of_digits(std::uint64_t eight) {
  eight -= kZeros;
  eight = eight * 10 + (eight >> 8);
  return (((eight & 0x000000FF000000FF) * 0x000F424000000064 +
           ((eight >> 16) & 0x000000FF000000FF) * 0x0000271000000001) >>
          32) &
         0xFFFFFFFF;
}

// The digits at the end of `text`, 16 at most. False when there is something else among them.
bool read_fraction(std::string_view text, std::size_t count, std::uint64_t& out) {
  if (text.size() < 16) {
    for (const char c : text.substr(text.size() - count)) {
      if (c < '0' || c > '9') return false;
      out = out * 10 + static_cast<std::uint64_t>(c - '0');
    }
    return true;
  }
  // The last 16 characters, those before the fraction replaced by zeros.
  const auto keep_last = [](std::uint64_t eight, std::size_t digits) {
    const std::uint64_t dropped = (std::uint64_t{1} << (8 * (8 - digits))) - 1;
    return (eight & ~dropped) | (kZeros & dropped);
  };
  const char* const end = text.data() + text.size();
  if (count <= 8) {
    if (count == 0) return false;
    const std::uint64_t digits = keep_last(load_eight(end - 8), count);
    out = value_of_digits(digits);
    return are_digits(digits);
  }
  const std::uint64_t left = keep_last(load_eight(end - 16), count - 8);
  const std::uint64_t right = load_eight(end - 8);
  out = value_of_digits(left) * 100'000'000 + value_of_digits(right);
  return are_digits(left) && are_digits(right);
}

// The usual spelling, digits, a point and at most 16 digits behind it, read eight digits at a time. False when
// the number is not written so.
bool read_plain(std::string_view text, bool negative, Number& out) {
  std::size_t at = negative ? 1 : 0;
  const std::size_t first = at;
  std::uint64_t whole = 0;
  for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at) {
    whole = whole * 10 + static_cast<std::uint64_t>(text[at] - '0');
  }
  const std::size_t whole_digits = at - first;
  if (whole_digits > kMaxNumberDigits) return false;
  if (at == text.size()) {
    out = whole == 0 ? Number{}
                     : number_from(negative, whole, digit_count(whole), std::int64_t(digit_count(whole)));
    return true;
  }
  const std::size_t fraction_digits = text.size() - at - 1;
  if (text[at] != '.' || fraction_digits > 16 || whole_digits + fraction_digits > kMaxNumberDigits)
    return false;
  std::uint64_t fraction = 0;
  if (!read_fraction(text, fraction_digits, fraction)) return false;
  const std::uint64_t digits = whole * kPowersOfTen[fraction_digits] + fraction;
  if (digits == 0) {
    out = Number{};
    return true;
  }
  const std::size_t count = digit_count(digits);
  out = number_from(negative, digits, count, std::int64_t(count) - std::int64_t(fraction_digits));
  return true;
}

// The shortest decimal that reads as `value`, a finite number other than zero.
Number shortest_of(double value) {
  constexpr std::size_t kRoom = 40;
  std::array<char, kRoom> buffer{};
  const auto write = [&](auto... precision) {
    char* const end = std::to_chars(buffer.data(), buffer.data() + kRoom, value,
                                    std::chars_format::scientific, precision...)
                          .ptr;
    return std::string_view(buffer.data(), std::size_t(end - buffer.data()));
  };
  std::string_view text = write();
  // The very smallest doubles have shorter forms than the reference's, which writes two digits at least (4.9e-324).
  const bool is_tiny = std::abs(value) < std::numeric_limits<double>::min();
  if (is_tiny && text.find('.') == std::string_view::npos) text = write(1);
  const std::size_t mark = text.find('e');
  std::int64_t exponent = 0;
  std::from_chars(text.data() + mark + (text[mark + 1] == '+' ? 2 : 1), text.data() + text.size(), exponent);
  Number out;
  read_plain(text.substr(0, mark), value < 0, out);
  out.high += value < 0 ? -exponent : exponent;
  return out;
}

}  // namespace

std::optional<Number> number_of(std::string_view text) {
  const bool negative = text[0] == '-';
  Number plain;
  if (read_plain(text, negative, plain)) return plain;
  const Decimal decimal = decimal_of(text);
  if (decimal.too_long) return std::nullopt;
  if (decimal.size == 0) return Number{};
  std::uint64_t digits = 0;
  for (std::size_t i = 0; i < decimal.size; ++i)
    digits = digits * 10 + std::uint64_t(decimal.digits[i] - '0');
  return number_from(negative, digits, decimal.size,
                     std::clamp<std::int64_t>(decimal.exponent, -kEndExponent, kEndExponent));
}

bool is_comparable(std::string_view text, const Number& number) {
  // Decimals of up to 15 digits are the shortest form of their double, away from the ends of its range.
  constexpr std::uint64_t kBehindFifteen = kPowersOfTen[kMaxNumberDigits - 15];
  constexpr std::int64_t kSafeExponent = 290;
  if (number == Number{}) return true;
  const bool negative = number.high < 0;
  const std::uint64_t digits = negative ? ~number.low : number.low;
  const std::int64_t exponent = (negative ? -number.high : number.high) - kExponentBias;
  if (digits % kBehindFifteen == 0 && std::abs(exponent) <= kSafeExponent) return true;
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || !std::isfinite(value) || value == 0) return false;
  return shortest_of(value) == number;
}

}  // namespace ebagent::pattern
