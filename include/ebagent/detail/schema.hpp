#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <boost/mp11/algorithm.hpp>
#include <limits>
#include <string>
#include <string_view>

#include "ebagent/detail/encode.hpp"
#include "ebagent/detail/types.hpp"

namespace ebagent::detail {

// A type that contains itself ends here as an open object; models do not fill deeper structures reliably
// anyway.
inline constexpr int kMaxSchemaDepth = 16;

template <class T>
boost::json::object schema_of(int depth = 0);

template <class T>
boost::json::object integer_schema() {
  boost::json::object schema{{"type", "integer"}};
  if constexpr (sizeof(T) < sizeof(std::int64_t)) {
    schema["minimum"] = std::numeric_limits<T>::min();
    schema["maximum"] = std::numeric_limits<T>::max();
  } else if constexpr (std::is_unsigned_v<T>) {
    schema["minimum"] = 0;
  }
  return schema;
}

template <class T>
std::string_view member_text(std::string_view member) {
  if constexpr (ExplainsMembers<T>) {
    for (const MemberText& entry : T::kMembers) {
      if (entry.member == member) return entry.text;
    }
  }
  return {};
}

// Adds one property to a closed object schema under construction.
template <class T>
void add_property(boost::json::object& properties, boost::json::array& required, std::string_view name,
                  std::string_view description, int depth) {
  boost::json::object property = schema_of<T>(depth);
  if (!description.empty()) {
    std::string text(description);
    if (const auto* own = property.if_contains("description"))
      text.append(" (").append(own->get_string()).append(")");
    property["description"] = text;
  }
  if constexpr (!MayBeLeftOut<T>) required.emplace_back(boost::json::string_view(name.data(), name.size()));
  properties[boost::json::string_view(name.data(), name.size())] = std::move(property);
}

inline boost::json::object closed_object(boost::json::object properties, boost::json::array required) {
  return {{"type", "object"},
          {"properties", std::move(properties)},
          {"required", std::move(required)},
          {"additionalProperties", false}};
}

template <DescribedStruct T>
boost::json::object struct_schema(int depth) {
  boost::json::object properties;
  boost::json::array required;
  boost::mp11::mp_for_each<Members<T>>([&](auto member) {
    using Member = std::remove_cvref_t<decltype(std::declval<T&>().*member.pointer)>;
    add_property<Member>(properties, required, member.name, member_text<T>(member.name), depth + 1);
  });
  return closed_object(std::move(properties), std::move(required));
}

template <DescribedEnum T>
boost::json::object enum_schema() {
  boost::json::array names;
  boost::mp11::mp_for_each<boost::describe::describe_enumerators<T>>(
      [&](auto enumerator) { names.emplace_back(enumerator.name); });
  boost::json::object schema{{"type", "string"}, {"enum", std::move(names)}};
  std::string texts;
  for (const MemberText& entry : EnumTexts<T>::kTexts) {
    texts.append(texts.empty() ? "" : "; ").append(entry.member).append(": ").append(entry.text);
  }
  if (!texts.empty()) schema["description"] = texts;
  return schema;
}

template <Refined T>
boost::json::object refined_schema(int depth) {
  boost::json::object schema = schema_of<Inner<T>>(depth);
  if constexpr (BoundedNumber<T>) {
    schema["minimum"] = IsBounded<T>::kMin;
    schema["maximum"] = IsBounded<T>::kMax;
  } else if constexpr (SizedValue<T>) {
    constexpr bool kIsText = Text<Inner<T>>;
    if (IsSized<T>::kMin > 0) schema[kIsText ? "minLength" : "minItems"] = IsSized<T>::kMin;
    schema[kIsText ? "maxLength" : "maxItems"] = IsSized<T>::kMax;
  } else {
    schema["default"] = encode(T{}.value);
  }
  return schema;
}

// The JSON schema of a supported type. Objects are closed: members that the type does not have are refused.
// Source: https://json-schema.org/draft/2020-12
template <class T>
boost::json::object schema_of(int depth) {
  if constexpr (std::same_as<T, boost::json::value>) {
    return {};
  } else if constexpr (std::same_as<T, boost::json::object>) {
    return {{"type", "object"}};
  } else if constexpr (std::same_as<T, boost::json::array>) {
    return {{"type", "array"}};
  } else if constexpr (Boolean<T>) {
    return {{"type", "boolean"}};
  } else if constexpr (Integer<T>) {
    return integer_schema<T>();
  } else if constexpr (std::floating_point<T>) {
    return {{"type", "number"}};
  } else if constexpr (Text<T>) {
    return {{"type", "string"}};
  } else if constexpr (Optional<T>) {
    return schema_of<typename T::value_type>(depth);
  } else if constexpr (Refined<T>) {
    return refined_schema<T>(depth);
  } else if constexpr (List<T>) {
    if (depth >= kMaxSchemaDepth) return {{"type", "array"}};
    return {{"type", "array"}, {"items", schema_of<typename T::value_type>(depth + 1)}};
  } else if constexpr (StringMap<T>) {
    if (depth >= kMaxSchemaDepth) return {{"type", "object"}};
    return {{"type", "object"}, {"additionalProperties", schema_of<typename T::mapped_type>(depth + 1)}};
  } else if constexpr (DescribedEnum<T>) {
    return enum_schema<T>();
  } else if constexpr (DescribedStruct<T>) {
    if (depth >= kMaxSchemaDepth) return {{"type", "object"}};
    return struct_schema<T>(depth);
  } else {
    static_assert(
        kUnsupported<T>,
        "An argument is a string, bool, number, optional, vector, map with string keys, JSON value, "
        "Bounded, Sized, Default, or a struct or enum described with BOOST_DESCRIBE_STRUCT or "
        "BOOST_DESCRIBE_ENUM.");
  }
}

}  // namespace ebagent::detail
