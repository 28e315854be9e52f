#pragma once

#include <boost/describe.hpp>
#include <boost/json/value.hpp>
#include <concepts>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

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

// The explanation of one member of a described struct; see detail::ExplainsMembers.
struct MemberText {
  std::string_view member;
  std::string_view text;
};

}  // namespace ebagent
