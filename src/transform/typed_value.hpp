#pragma once

#include <boost/json.hpp>
#include <cmath>
#include <concepts>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "transform/path.hpp"

namespace ebagent::transform {

// The types that value_of() reads. Nothing is converted between kinds: "80" is no number, and 80 is no
// string.
template <class T>
concept ReadableValue = std::integral<T> || std::floating_point<T> || std::same_as<T, std::string> ||
    std::same_as<T, boost::json::value>;

// `value` as a T; nullopt when it is of another kind or, for whole numbers, out of T's range or not whole
// (80.0 is).
template <ReadableValue T>
[[nodiscard]] std::optional<T> as(const boost::json::value& value) {
  if constexpr (std::same_as<T, boost::json::value>) {
    return value;
  } else if constexpr (std::same_as<T, std::string>) {
    if (const auto* text = value.if_string()) return std::string{text->data(), text->size()};
  } else if constexpr (std::same_as<T, bool>) {
    if (const auto* flag = value.if_bool()) return *flag;
  } else if constexpr (std::integral<T>) {
    if (const auto* number = value.if_int64())
      return std::in_range<T>(*number) ? std::optional{T(*number)} : std::nullopt;
    if (const auto* number = value.if_uint64())
      return std::in_range<T>(*number) ? std::optional{T(*number)} : std::nullopt;
    // 2^digits is exact in a double, unlike the greatest T.
    if (const auto* number = value.if_double();
        number != nullptr && std::trunc(*number) == *number &&
        *number < std::ldexp(1.0, std::numeric_limits<T>::digits) &&
        *number >= (std::is_signed_v<T> ? -std::ldexp(1.0, std::numeric_limits<T>::digits) : 0.0)) {
      return T(*number);
    }
  } else {
    if (value.is_number()) return value.to_number<T>();
  }
  return std::nullopt;
}

// The value that `path` leads to in `root`, as a T; nullopt when there is none or it is no T.
template <ReadableValue T>
[[nodiscard]] std::optional<T> value_of(const boost::json::value& root, const Path& path) {
  if (path.has_wildcard()) {
    const std::optional<boost::json::value> list = path.read(root);
    return list ? as<T>(*list) : std::nullopt;
  }
  const boost::json::value* found = path.find(root);
  return found == nullptr ? std::nullopt : as<T>(*found);
}

// The same, or `fallback`.
template <ReadableValue T>
[[nodiscard]] T value_or(const boost::json::value& root, const Path& path, T fallback) {
  std::optional<T> value = value_of<T>(root, path);
  return value ? std::move(*value) : std::move(fallback);
}

}  // namespace ebagent::transform
