#pragma once

#include <boost/json/value.hpp>
#include <cstddef>
#include <string>
#include <vector>

namespace ebagent::core {

// One place at which two JSON values are not alike.
struct JsonDifference {
  std::string pointer = {};  // a JSON pointer; empty: the whole value
  std::string before =
      {};  // JSON text, shortened around where it differs; "nothing" when the member is absent
  std::string after = {};
};

// The same value with the members of every object in the order of their names: equal values have equal texts.
[[nodiscard]] boost::json::value with_sorted_members(const boost::json::value& value);

// Where the values differ, member by member, in the order of `before`; at most `limit` places.
[[nodiscard]] std::vector<JsonDifference> differences(const boost::json::value& before,
                                                      const boost::json::value& after,
                                                      std::size_t limit = 100);

}  // namespace ebagent::core
