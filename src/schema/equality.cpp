#include "schema/equality.hpp"

#include <boost/json.hpp>

namespace ebagent::schema {

long double number_of(const boost::json::value& number) {
  if (const auto* integer = number.if_int64()) return static_cast<long double>(*integer);
  if (const auto* large = number.if_uint64()) return static_cast<long double>(*large);
  return static_cast<long double>(number.get_double());
}

bool are_equal(const boost::json::value& a, const boost::json::value& b, std::size_t& steps) {
  ++steps;
  if (a.is_number() && b.is_number()) return number_of(a) == number_of(b);
  if (a.kind() != b.kind()) return false;
  if (const auto* array = a.if_array()) {
    const auto& other = b.get_array();
    if (array->size() != other.size()) return false;
    for (std::size_t i = 0; i < array->size(); ++i) {
      if (!are_equal((*array)[i], other[i], steps)) return false;
    }
    return true;
  }
  if (const auto* object = a.if_object()) {
    const auto& other = b.get_object();
    if (object->size() != other.size()) return false;
    for (const auto& [key, member] : *object) {
      const boost::json::value* twin = other.if_contains(key);
      if (twin == nullptr || !are_equal(member, *twin, steps)) return false;
    }
    return true;
  }
  return a == b;
}

}  // namespace ebagent::schema
