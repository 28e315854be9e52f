#pragma once

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <boost/mp11/algorithm.hpp>
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ebagent/detail/types.hpp"
#include "ebagent/result.hpp"

namespace ebagent::detail {

// What is wrong with a JSON value that is read as a C++ type: every problem with its JSON pointer, so that a
// model can mend all of them in one turn. Keeps the first kMaxProblems. Source:
// https://www.rfc-editor.org/rfc/rfc6901 (pointers)
class Problems {
 public:
  static constexpr std::size_t kMaxProblems =
      10;  // more would drown the first, which often causes the others

  void expected(std::string_view what, const boost::json::value& found);
  void missing(std::string_view member);
  void unknown(std::string_view member, const std::vector<std::string_view>& known);
  // Anything else: "must not be empty".
  void refuse(std::string_view why) { add("", std::string(why)); }

  void enter(std::string_view member);
  void enter(std::size_t index);
  void leave();

  [[nodiscard]] bool empty() const { return problems_.empty(); }
  [[nodiscard]] std::size_t count() const { return problems_.size() + left_out_; }
  // All problems in one line.
  [[nodiscard]] std::string text() const;

 private:
  void add(const std::string& pointer, const std::string& problem);

  std::vector<std::string> path_;
  std::vector<std::string> problems_;
  std::size_t left_out_ = 0;
};

// Deeper values are refused, so that a hostile argument cannot exhaust the stack.
inline constexpr int kMaxDecodeDepth = 64;

template <class T>
void decode_into(const boost::json::value& from, T& to, Problems& problems, int depth);

template <class T>
std::string integer_range() {
  if constexpr (sizeof(T) == sizeof(std::int64_t) && std::is_signed_v<T>) return "an integer";
  return "an integer from " + std::to_string(std::numeric_limits<T>::min()) + " to " +
         std::to_string(std::numeric_limits<T>::max());
}

template <Integer T>
void decode_integer(const boost::json::value& from, T& to, Problems& problems) {
  if (const auto* number = from.if_int64(); number && std::in_range<T>(*number)) {
    to = static_cast<T>(*number);
  } else if (const auto* large = from.if_uint64(); large && std::in_range<T>(*large)) {
    to = static_cast<T>(*large);
  } else if (const auto* real = from.if_double(); real && std::abs(*real) <= 9'007'199'254'740'992.0 &&
                                                  std::trunc(*real) == *real &&
                                                  std::in_range<T>(static_cast<std::int64_t>(*real))) {
    to = static_cast<T>(*real);  // 3.0 is an integer in JSON schema; above 2^53 a double no longer names one
  } else {
    problems.expected(integer_range<T>(), from);
  }
}

template <DescribedEnum T>
void decode_enum(const boost::json::value& from, T& to, Problems& problems) {
  std::string names;
  bool found = false;
  boost::mp11::mp_for_each<boost::describe::describe_enumerators<T>>([&](auto enumerator) {
    names += names.empty() ? "" : ", ";
    names += enumerator.name;
    if (from.is_string() && from.get_string() == enumerator.name) {
      to = enumerator.value;
      found = true;
    }
  });
  if (!found) problems.expected("one of " + names, from);
}

template <class T>
std::size_t size_of(const T& value) {
  if constexpr (Text<T>) {  // characters, not bytes
    return std::size_t(std::count_if(value.begin(), value.end(), [](char c) { return (c & 0xC0) != 0x80; }));
  } else {
    return value.size();
  }
}

template <Refined T>
void decode_refined(const boost::json::value& from, T& to, Problems& problems, int depth) {
  if constexpr (WithDefault<T>) {
    to = T{};
    if (from.is_null()) return;
  }
  const std::size_t before = problems.count();
  decode_into(from, to.value, problems, depth);
  if (problems.count() != before) return;
  if constexpr (BoundedNumber<T>) {
    using Bounds = IsBounded<T>;
    if (!(to.value >= static_cast<Inner<T>>(Bounds::kMin) &&
          to.value <= static_cast<Inner<T>>(Bounds::kMax))) {
      problems.expected(
          "a number from " + std::to_string(Bounds::kMin) + " to " + std::to_string(Bounds::kMax), from);
    }
  } else if constexpr (SizedValue<T>) {
    using Bounds = IsSized<T>;
    const std::size_t size = size_of(to.value);
    if (size < Bounds::kMin || size > Bounds::kMax) {
      problems.refuse("must have " + std::to_string(Bounds::kMin) + " to " + std::to_string(Bounds::kMax) +
                      (Text<Inner<T>> ? " characters" : " elements") + ", has " + std::to_string(size));
    }
  }
}

// Reads one member of an object; a missing or null optional stays empty.
template <class T>
void decode_member(const boost::json::object& from, std::string_view name, T& to, Problems& problems,
                   int depth) {
  const boost::json::value* member = from.if_contains(boost::json::string_view(name.data(), name.size()));
  if (member == nullptr) {
    if constexpr (WithDefault<T>) to = T{};
    if constexpr (!MayBeLeftOut<T>) problems.missing(name);
    return;
  }
  problems.enter(name);
  decode_into(*member, to, problems, depth + 1);
  problems.leave();
}

inline void refuse_unknown(const boost::json::object& from, const std::vector<std::string_view>& known,
                           Problems& problems) {
  for (const auto& [key, member] : from) {
    const std::string_view name(key.data(), key.size());
    if (std::find(known.begin(), known.end(), name) == known.end()) problems.unknown(name, known);
  }
}

template <DescribedStruct T>
void decode_struct(const boost::json::object& from, T& to, Problems& problems, int depth) {
  std::vector<std::string_view> known;
  boost::mp11::mp_for_each<Members<T>>([&](auto member) {
    known.emplace_back(member.name);
    decode_member(from, member.name, to.*member.pointer, problems, depth);
  });
  refuse_unknown(from, known, problems);
}

template <class T>
void decode_into(const boost::json::value& from, T& to, Problems& problems, int depth) {
  if (depth > kMaxDecodeDepth) return problems.expected("less nesting", from);
  if constexpr (std::same_as<T, boost::json::value>) {
    to = from;
  } else if constexpr (std::same_as<T, boost::json::object> || StringMap<T> || DescribedStruct<T>) {
    const boost::json::object* object = from.if_object();
    if (object == nullptr) return problems.expected("an object", from);
    if constexpr (DescribedStruct<T>) {
      decode_struct(*object, to, problems, depth);
    } else if constexpr (StringMap<T>) {
      for (const auto& [key, member] : *object) {
        problems.enter(std::string_view(key.data(), key.size()));
        decode_into(member, to[std::string(key)], problems, depth + 1);
        problems.leave();
      }
    } else {
      to = *object;
    }
  } else if constexpr (std::same_as<T, boost::json::array> || List<T>) {
    const boost::json::array* array = from.if_array();
    if (array == nullptr) return problems.expected("an array", from);
    if constexpr (List<T>) {
      to.clear();
      to.reserve(array->size());
      for (std::size_t i = 0; i < array->size(); ++i) {
        typename T::value_type element{};
        problems.enter(i);
        decode_into((*array)[i], element, problems, depth + 1);
        problems.leave();
        to.push_back(std::move(element));
      }
    } else {
      to = *array;
    }
  } else if constexpr (Boolean<T>) {
    if (!from.is_bool()) return problems.expected("true or false", from);
    to = from.get_bool();
  } else if constexpr (Integer<T>) {
    decode_integer(from, to, problems);
  } else if constexpr (std::floating_point<T>) {
    if (!from.is_number()) return problems.expected("a number", from);
    to = from.to_number<T>();
  } else if constexpr (Text<T>) {
    if (!from.is_string()) return problems.expected("a string", from);
    to.assign(from.get_string().data(), from.get_string().size());
  } else if constexpr (Optional<T>) {
    to.reset();
    if (from.is_null()) return;
    typename T::value_type value{};
    decode_into(from, value, problems, depth + 1);
    to = std::move(value);
  } else if constexpr (Refined<T>) {
    decode_refined(from, to, problems, depth);
  } else if constexpr (DescribedEnum<T>) {
    decode_enum(from, to, problems);
  } else {
    static_assert(kUnsupported<T>, "This type cannot be read from JSON; see ebagent/detail/types.hpp.");
  }
}

// Reads a JSON value as T. InvalidArgument lists every problem with its JSON pointer.
template <class T>
Result<T> decode(const boost::json::value& from) {
  T value{};
  Problems problems;
  decode_into(from, value, problems, 0);
  if (!problems.empty()) return fail(ErrorCode::InvalidArgument, problems.text());
  return value;
}

}  // namespace ebagent::detail
