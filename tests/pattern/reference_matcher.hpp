#pragma once

#include <boost/json.hpp>

namespace ebagent::pattern {

// A slow matcher that follows the words of the semantics over parsed JSON and shares nothing with the engine.
// It takes valid patterns and events whose numbers are exact in a double and whose keys are unique.
[[nodiscard]] bool reference_matches(const boost::json::object& pattern, const boost::json::object& event);

}  // namespace ebagent::pattern
