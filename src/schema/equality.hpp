#pragma once

#include <boost/json/value.hpp>
#include <cstddef>

namespace ebagent::schema {

// Whether two JSON values are the same as JSON schema means it: 1 and 1.0 are, members have no order. `steps` is counted
// up by the values looked at.
[[nodiscard]] bool are_equal(const boost::json::value& a, const boost::json::value& b, std::size_t& steps);

// A number with all the digits that any JSON number here has (the mantissa of a long double has 64 bits).
[[nodiscard]] long double number_of(const boost::json::value& number);

}  // namespace ebagent::schema
