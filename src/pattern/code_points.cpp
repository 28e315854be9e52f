#include "pattern/code_points.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>

namespace ebagent::pattern {

void append_code_point(std::string& out, std::uint32_t c) {
  const auto put = [&out](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xC0 | (c >> 6));
    put(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    put(0xE0 | (c >> 12));
    put(0x80 | ((c >> 6) & 0x3F));
    put(0x80 | (c & 0x3F));
  } else {
    put(0xF0 | (c >> 18));
    put(0x80 | ((c >> 12) & 0x3F));
    put(0x80 | ((c >> 6) & 0x3F));
    put(0x80 | (c & 0x3F));
  }
}

std::string_view decode_string(std::string_view text, std::string& out) {
  const std::size_t begin = out.size();
  const auto hex4 = [&text](std::size_t at) {
    std::uint32_t unit = 0;
    std::from_chars(text.data() + at, text.data() + at + 4, unit, 16);
    return unit;
  };
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t escape = std::min(text.find('\\', at), text.size());
    out.append(text.substr(at, escape - at));
    at = escape + 2;
    if (escape == text.size()) break;
    const char c = text[escape + 1];
    if (c != 'u') {
      out.push_back(kMeanings[kEscapes.find(c)]);
      continue;
    }
    std::uint32_t unit = hex4(at);
    at += 4;
    if (is_high_surrogate(unit) && text.substr(at, 2) == "\\u" && is_low_surrogate(hex4(at + 2))) {
      unit = joined_surrogates(unit, hex4(at + 2));
      at += 6;
    }
    append_code_point(out, unit);
  }
  return std::string_view(out).substr(begin);
}

std::uint32_t next_code_point(std::string_view text, std::size_t& at) {
  const auto byte = [&](std::size_t i) { return std::uint32_t(static_cast<unsigned char>(text[i])); };
  const std::uint32_t first = byte(at);
  const std::size_t size = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  if (size == 1 || at + size > text.size()) {
    ++at;
    return first;
  }
  std::uint32_t c = first & (0x7Fu >> size);
  for (std::size_t i = 1; i < size; ++i) c = (c << 6) | (byte(at + i) & 0x3F);
  at += size;
  return c;
}

}  // namespace ebagent::pattern
