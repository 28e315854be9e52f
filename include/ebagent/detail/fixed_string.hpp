#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace ebagent::detail {

// A string literal as a template argument: Arg<"bucket", ...>.
template <std::size_t Size>
struct FixedString {
  char text[Size]{};

  consteval FixedString(const char (&literal)[Size]) { std::copy_n(literal, Size, text); }
  [[nodiscard]] constexpr std::string_view view() const { return {text, Size - 1}; }
};

}  // namespace ebagent::detail
