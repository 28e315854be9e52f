#pragma once

#include <string>
#include <string_view>

#include "ebagent/clock.hpp"
#include "ebagent/event.hpp"
#include "ebagent/result.hpp"

namespace ebagent::event {

// Appends the envelope of `event` as compact JSON to `out`, its members in EventBridge's order. `detail` is
// copied as it is. Source:
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html
void append_envelope(std::string& out, const Event& event);

// The time of a finished envelope. Malformed when `json` is none.
[[nodiscard]] Result<TimePoint> envelope_time(std::string_view json);

}  // namespace ebagent::event
