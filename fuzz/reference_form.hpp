#pragma once

#include <boost/json.hpp>
#include <set>
#include <string>

namespace ebagent::pattern {

// Every string value of an event, however deep.
void collect_texts(const boost::json::value& event, std::set<std::string>& out);

// A pattern in a form that the slow matcher knows and that accepts the same among `texts`. It knows neither IPv6
// nor escapes in wildcards: addresses, address blocks and such wildcards become the list of those texts that they
// accept, as judged here by inet_pton() and by recursion.
[[nodiscard]] boost::json::object reference_form(const boost::json::object& pattern,
                                                 const std::set<std::string>& texts);

}  // namespace ebagent::pattern
