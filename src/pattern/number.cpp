#include "pattern/number.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
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

  bool operator==(const Decimal& other) const {
    if (too_long || other.too_long || size != other.size) return false;
    for (std::size_t i = 0; i < size; ++i) {
      if (digits[i] != other.digits[i]) return false;
    }
    return size == 0 || exponent == other.exponent;
  }
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

Decimal shortest_of(double value) {
  std::array<char, 40> buffer{};
  auto end =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::scientific).ptr;
  const Decimal shortest = decimal_of({buffer.data(), std::size_t(end - buffer.data())});
  // The very smallest doubles have shorter forms than the reference's, which writes two digits at least
  // (4.9e-324).
  if (shortest.size > 1 || std::abs(value) >= std::numeric_limits<double>::min()) return shortest;
  end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::scientific, 1)
            .ptr;
  return decimal_of({buffer.data(), std::size_t(end - buffer.data())});
}

// Plain integers this short are exact in a double and their own shortest form.
constexpr std::size_t kExactIntegerDigits = 15;

bool is_short_integer(std::string_view digits) {
  if (digits.empty() || digits.size() > kExactIntegerDigits) return false;
  for (const char c : digits) {
    if (c < '0' || c > '9') return false;
  }
  return true;
}

}  // namespace

std::optional<double> comparable_number(std::string_view text) {
  const bool negative = !text.empty() && text[0] == '-';
  const std::string_view digits = text.substr(negative ? 1 : 0);
  if (is_short_integer(digits)) {
    long long value = 0;
    for (const char c : digits) value = value * 10 + (c - '0');
    return static_cast<double>(negative ? -value : value);
  }
  const Decimal written = decimal_of(text);
  if (written.too_long) return std::nullopt;
  if (written.size == 0) return 0.0;
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || !std::isfinite(value) || value == 0) return std::nullopt;
  if (written != shortest_of(value)) return std::nullopt;
  return value;
}

}  // namespace ebagent::pattern
