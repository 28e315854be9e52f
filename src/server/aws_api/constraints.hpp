#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>

#include "ebagent/result.hpp"

namespace ebagent::server::aws_api {

struct Shape;

// One member of a structure.
struct Member {
  std::string_view name;
  const Shape* shape;
  bool required = false;
};

// What the service model says of a kind of value. Tables of these are the wire's whole validation; code that
// runs operations may rely on types and constraints.
struct Shape {
  enum class Type { String, Integer, Boolean, Timestamp, List, Map, Structure };
  static constexpr std::int64_t kUnbounded = std::numeric_limits<std::int64_t>::max();

  Type type = Type::String;
  std::int64_t min = 0;  // of the length (characters, entries) or the number
  std::int64_t max = kUnbounded;
  bool (*satisfies)(std::string_view) = nullptr;  // the pattern, which `pattern` spells
  std::string_view pattern = {};
  std::span<const std::string_view> values = {};  // of an enumeration
  std::span<const Member> members = {};           // of a structure
  const Shape* element = nullptr;                 // of a list or a map
  const Shape* key = nullptr;                     // of a map
  bool is_sensitive = false;                      // messages do not quote it
};

// Holds a request against its shape. Returns Malformed for a value of the wrong type
// (SerializationException), InvalidArgument with all violations in AWS's form ("1 validation error detected:
// Value 'x' at 'name' failed to satisfy constraint: ..."). null counts as absent; members that the shape does
// not know are ignored.
[[nodiscard]] Result<void> check(const boost::json::object& input, const Shape& shape);

}  // namespace ebagent::server::aws_api
