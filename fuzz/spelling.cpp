#include "fuzz/spelling.hpp"

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/json.hpp"
#include "pattern/code_points.hpp"

namespace ebagent::pattern {
namespace {

namespace json = boost::json;

// The significant digits of a number and where its decimal point stands: 0.DIGITS * 10^point. The shortest digits
// that stand for a double are what the engine takes as its value.
struct Decimal {
  bool is_negative;
  std::string digits;
  int point;
};

Decimal decimal_of(double number) {
  std::array<char, 32> buffer{};
  const auto end =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), number, std::chars_format::scientific).ptr;
  std::string_view text(buffer.data(), std::size_t(end - buffer.data()));
  Decimal out{text.starts_with('-'), "", 0};
  const std::size_t mark = text.find('e');
  for (const char c : text.substr(0, mark)) {
    if (c != '-' && c != '.') out.digits += c;
  }
  text.remove_prefix(mark + (text[mark + 1] == '+' ? 2 : 1));
  std::from_chars(text.data(), text.data() + text.size(), out.point);
  ++out.point;
  return out;
}

// A seed as decisions; spelling takes too many for each to have a byte of the fuzz input.
class Chance {
 public:
  explicit Chance(std::uint32_t seed) : state_(seed) {}

  std::size_t below(std::size_t count) {
    state_ = state_ * 6364136223846793005 + 1442695040888963407;
    return std::size_t(state_ >> 33) % count;
  }
  bool once_in(std::size_t count) { return below(count) == count - 1; }
  template <class T, std::size_t N>
  const T& one_of(const T (&all)[N]) {
    return all[below(N)];
  }

 private:
  std::uint64_t state_;
};

class Speller {
 public:
  explicit Speller(std::uint32_t seed)
      : choices_(seed),
        spaces_((seed & 1) != 0),
        escapes_((seed & 2) != 0),
        respells_numbers_((seed & 4) != 0) {}

  std::string run(const json::value& value) {
    space();
    write(value);
    space();
    return std::move(out_);
  }

 private:
  void write(const json::value& value) {
    if (const auto* object = value.if_object()) {
      write_members('{', *object, '}', [this](const auto& member) {
        write_text(member.key());
        space();
        out_ += ':';
        space();
        write(member.value());
      });
    } else if (const auto* array = value.if_array()) {
      write_members('[', *array, ']', [this](const json::value& element) { write(element); });
    } else if (const auto* text = value.if_string()) {
      write_text(*text);
    } else if (value.is_number() && respells_numbers_) {
      write_number(value.to_number<double>());
    } else {
      out_ += core::write_json(value);
    }
  }

  template <class Members, class WriteOne>
  void write_members(char open, const Members& members, char close, WriteOne write_one) {
    out_ += open;
    space();
    bool is_first = true;
    for (const auto& member : members) {
      if (!is_first) out_ += ',';
      is_first = false;
      space();
      write_one(member);
      space();
    }
    out_ += close;
  }

  void space() {
    constexpr std::string_view kSpaces[] = {"",   "",       " ",
                                            "\n", "\r\n\t", "                                  "};
    if (spaces_) out_ += choices_.one_of(kSpaces);
  }

  void write_text(std::string_view text) {
    if (!escapes_) return core::append_json_string(out_, text);
    out_ += '"';
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t begin = at;
      const std::uint32_t c = next_code_point(text, at);
      if (c == '"' || c == '\\' || choices_.once_in(8)) {
        write_escaped(c);
      } else {
        out_ += text.substr(begin, at - begin);
      }
    }
    out_ += '"';
  }

  void write_escaped(std::uint32_t c) {
    if ((c == '"' || c == '\\') && !choices_.once_in(2)) {
      out_ += '\\';
      out_ += char(c);
    } else if (c > 0xFFFF) {
      write_unit(0xD800 + ((c - 0x10000) >> 10));
      write_unit(0xDC00 + (c & 0x3FF));
    } else {
      write_unit(c);
    }
  }

  void write_unit(std::uint32_t unit) {
    const std::string_view digits = choices_.once_in(2) ? "0123456789ABCDEF" : "0123456789abcdef";
    out_ += "\\u";
    for (int shift = 12; shift >= 0; shift -= 4) out_ += digits[(unit >> shift) & 15];
  }

  void write_number(double number) {
    if (number == 0) {
      constexpr std::string_view kZeros[] = {"0", "-0", "0.0", "0e7", "-0.00E-3", "0.000e+0"};
      out_ += choices_.one_of(kZeros);
      return;
    }
    const Decimal decimal = decimal_of(number);
    if (decimal.is_negative) out_ += '-';
    const int size = int(decimal.digits.size());
    switch (choices_.below(4)) {
      case 0:
        write_plain(decimal);
        break;
      case 1:  // 123.e-2 without its point
        out_ += decimal.digits;
        write_exponent(decimal.point - size);
        break;
      case 2:  // 1.230e3
        out_ += decimal.digits[0];
        out_ += '.';
        out_ += decimal.digits.substr(1);
        write_zeros(size == 1 ? 1 : 0);
        write_exponent(decimal.point - 1);
        break;
      default: {  // 0.00123e5
        const std::size_t zeros = choices_.below(4);
        out_ += "0.";
        out_.append(zeros, '0');
        out_ += decimal.digits;
        write_zeros(0);
        write_exponent(decimal.point + int(zeros));
      }
    }
  }

  void write_plain(const Decimal& decimal) {
    const int size = int(decimal.digits.size());
    if (decimal.point <= 0) {
      out_ += "0.";
      out_.append(std::size_t(-decimal.point), '0');
      out_ += decimal.digits;
      write_zeros(0);
    } else if (decimal.point >= size) {
      out_ += decimal.digits;
      out_.append(std::size_t(decimal.point - size), '0');
      if (!choices_.once_in(2)) return;
      out_ += '.';
      write_zeros(1);
    } else {
      out_ += decimal.digits.substr(0, std::size_t(decimal.point));
      out_ += '.';
      out_ += decimal.digits.substr(std::size_t(decimal.point));
      write_zeros(0);
    }
  }

  // Zeros behind a decimal point change nothing; often more than 19 digits can hold.
  void write_zeros(std::size_t least) { out_.append(least + choices_.below(3) * choices_.below(9), '0'); }

  void write_exponent(int exponent) {
    out_ += choices_.once_in(2) ? 'E' : 'e';
    if (exponent < 0) {
      out_ += '-';
    } else if (choices_.once_in(2)) {
      out_ += '+';
    }
    if (choices_.once_in(2)) out_ += "00";
    out_ += std::to_string(exponent < 0 ? -exponent : exponent);
  }

  Chance choices_;
  bool spaces_;
  bool escapes_;
  bool respells_numbers_;
  std::string out_;
};

}  // namespace

std::string spelled(const json::value& value, std::uint32_t seed) {
  return Speller(seed).run(value);
}

}  // namespace ebagent::pattern
