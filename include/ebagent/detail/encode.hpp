#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <boost/mp11/algorithm.hpp>
#include <string>
#include <string_view>

#include "ebagent/detail/types.hpp"

namespace ebagent::detail {

// A supported value as JSON; the inverse of decode. Optional members that are empty are left out.
template <class T>
boost::json::value encode(const T& from) {
  if constexpr (Json<T>) {
    return from;
  } else if constexpr (Boolean<T> || Integer<T> || std::floating_point<T>) {
    return boost::json::value(from);
  } else if constexpr (std::is_convertible_v<const T&, std::string_view> && !Refined<T>) {
    const std::string_view text = from;
    return boost::json::value(boost::json::string_view(text.data(), text.size()));
  } else if constexpr (Refined<T>) {
    return encode(from.value);
  } else if constexpr (Optional<T>) {
    return from ? encode(*from) : boost::json::value(nullptr);
  } else if constexpr (List<T>) {
    boost::json::array array;
    array.reserve(from.size());
    for (const typename T::value_type& element : from)
      array.push_back(encode<typename T::value_type>(element));
    return array;
  } else if constexpr (StringMap<T>) {
    boost::json::object object;
    for (const auto& [key, member] : from) object[key] = encode(member);
    return object;
  } else if constexpr (DescribedEnum<T>) {
    return boost::json::value(boost::describe::enum_to_string(from, "unknown"));
  } else if constexpr (DescribedStruct<T>) {
    boost::json::object object;
    boost::mp11::mp_for_each<Members<T>>([&](auto member) {
      const auto& value = from.*member.pointer;
      if constexpr (Optional<std::remove_cvref_t<decltype(value)>>) {
        if (!value) return;
      }
      object[member.name] = encode(value);
    });
    return object;
  } else {
    static_assert(kUnsupported<T>, "This type cannot be written as JSON; see ebagent/detail/types.hpp.");
  }
}

}  // namespace ebagent::detail
