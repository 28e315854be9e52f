#pragma once

#include <boost/json.hpp>
#include <cstdint>
#include <string>

namespace ebagent::pattern {

// Writes a JSON value in one of the many spellings that mean the same: with spaces, with characters escaped, numbers
// with exponents and superfluous zeros. `seed` tells which; 0 is the plain one. `value` must have finite numbers.
[[nodiscard]] std::string spelled(const boost::json::value& value, std::uint32_t seed);

}  // namespace ebagent::pattern
