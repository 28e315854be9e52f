#pragma once

#include <array>
#include <boost/describe.hpp>
#include <boost/json/value.hpp>
#include <concepts>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "ebagent/argument_types.hpp"

namespace ebagent::detail {

// The types that arguments, results and journalled values may be made of; everything else is refused at
// compile time.
template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};

template <class T>
struct IsVector : std::false_type {};
template <class T>
struct IsVector<std::vector<T>> : std::true_type {};

template <class T>
struct IsStringMap : std::false_type {};
template <class T>
struct IsStringMap<std::map<std::string, T>> : std::true_type {};

template <class T>
struct IsBounded : std::false_type {};
template <class T, std::int64_t Min, std::int64_t Max>
struct IsBounded<Bounded<T, Min, Max>> : std::true_type {
  static constexpr std::int64_t kMin = Min;
  static constexpr std::int64_t kMax = Max;
};

template <class T>
struct IsSized : std::false_type {};
template <class T, std::size_t Min, std::size_t Max>
struct IsSized<Sized<T, Min, Max>> : std::true_type {
  static constexpr std::size_t kMin = Min;
  static constexpr std::size_t kMax = Max;
};

template <class T>
struct IsDefault : std::false_type {};
template <class T, auto Value>
struct IsDefault<Default<T, Value>> : std::true_type {};

template <class T>
concept Json = std::same_as<T, boost::json::value> || std::same_as<T, boost::json::object> ||
    std::same_as<T, boost::json::array>;
template <class T>
concept Boolean = std::same_as<T, bool>;
template <class T>
concept Integer = std::integral<T> && !std::same_as<T, bool> && !std::same_as<T, char>;
template <class T>
concept Text = std::same_as<T, std::string>;
template <class T>
concept Optional = IsOptional<T>::value;
template <class T>
concept List = IsVector<T>::value;
template <class T>
concept StringMap = IsStringMap<T>::value;
template <class T>
concept BoundedNumber = IsBounded<T>::value;
template <class T>
concept SizedValue = IsSized<T>::value;
template <class T>
concept WithDefault = IsDefault<T>::value;
// Those above; what they hold is their `value`.
template <class T>
concept Refined = BoundedNumber<T> || SizedValue<T> || WithDefault<T>;
template <class T>
using Inner = decltype(T::value);
template <class T>
concept MayBeLeftOut = Optional<T> || WithDefault<T>;
template <class T>
concept DescribedStruct = std::is_class_v<T> && boost::describe::has_describe_members<T>::value;
template <class T>
concept DescribedEnum = std::is_enum_v<T> && boost::describe::has_describe_enumerators<T>::value;

// A struct may explain its members to models and people:
//   static constexpr ebagent::MemberText kMembers[] = {{"sku", "Stock keeping unit"}};
template <class T>
concept ExplainsMembers = requires {
  T::kMembers;
};

template <class T>
using Members =
    boost::describe::describe_members<T, boost::describe::mod_public | boost::describe::mod_inherited>;

template <class>
inline constexpr bool kUnsupported = false;

}  // namespace ebagent::detail

namespace ebagent {

// The explanation of one member of a described struct or enum; see detail::ExplainsMembers and EnumTexts.
struct MemberText {
  std::string_view member;
  std::string_view text;
};

// An enum may explain its enumerators to models:
//   template <>
//   struct ebagent::EnumTexts<Priority> {
//     static constexpr MemberText kTexts[] = {{"high", "Somebody is woken up"}, {"low", "Tomorrow is soon enough"}};
//   };
template <class E>
struct EnumTexts {
  static constexpr std::array<MemberText, 0> kTexts{};
};

}  // namespace ebagent
