#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>

#include "ebagent/detail/fixed_string.hpp"

namespace ebagent {

// Types for arguments (and members of described structs) that say more than C++ types can. Each reads as the type inside:
//
//   Arg<"limit", Default<Bounded<int, 1, 100>, 20>, "How many">      1 to 100; 20 when the model leaves it out
//   Arg<"title", Sized<std::string, 1, 80>>                          1 to 80 characters
//   Arg<"tags", Sized<std::vector<std::string>, 0, 5>>               at most 5 elements
//   Arg<"mode", Default<std::string, kText<"fast">>>

// A number from Min to Max.
template <class T, std::int64_t Min, std::int64_t Max>
struct Bounded {
  static_assert(std::is_arithmetic_v<T> && Min <= Max, "Bounded<T, Min, Max> is a number from Min to Max.");
  T value = static_cast<T>(Min);

  const T& operator*() const { return value; }
  operator const T&() const { return value; }  // NOLINT(google-explicit-constructor): it reads as the number
};

// A text of Min to Max characters, or a vector of Min to Max elements.
template <class T, std::size_t Min, std::size_t Max>
struct Sized {
  static_assert(Min <= Max, "Sized<T, Min, Max> has Min to Max characters or elements.");
  T value = {};

  const T& operator*() const { return value; }
  const T* operator->() const { return &value; }
  operator const T&() const {
    return value;
  }  // NOLINT(google-explicit-constructor): it reads as what it holds
};

// A text as a template argument, for Default.
template <detail::FixedString Text>
inline constexpr auto kText = Text;

namespace detail {

template <class T>
struct FromConstant {
  template <class Constant>
  static T make(const Constant& constant) {
    return T(constant);
  }
};
template <>
struct FromConstant<std::string> {
  template <std::size_t Size>
  static std::string make(const FixedString<Size>& constant) {
    return std::string(constant.view());
  }
};
template <class T, std::int64_t Min, std::int64_t Max>
struct FromConstant<Bounded<T, Min, Max>> {
  static Bounded<T, Min, Max> make(std::int64_t constant) { return {static_cast<T>(constant)}; }
};

template <class T, auto Value>
inline constexpr bool kIsWithin = true;
template <class T, std::int64_t Min, std::int64_t Max, auto Value>
inline constexpr bool kIsWithin<Bounded<T, Min, Max>, Value> = Min <= Value&& Value <= Max;

}  // namespace detail

// What may be left out, and is then Value: an integer, bool, enumerator or kText<"...">.
template <class T, auto Value>
struct Default {
  static_assert(detail::kIsWithin<T, Value>, "The default is not within the bounds.");
  T value = detail::FromConstant<T>::make(Value);

  const T& operator*() const { return value; }
  const T* operator->() const { return &value; }
  operator const T&() const {
    return value;
  }  // NOLINT(google-explicit-constructor): it reads as what it holds
};

}  // namespace ebagent
