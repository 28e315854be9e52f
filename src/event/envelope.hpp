#pragma once

#include <string>

#include "ebagent/event.hpp"

namespace ebagent::event {

// Appends the envelope of `event` as compact JSON to `out`, its members in EventBridge's order. `detail` is
// copied as it is. Source:
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html
void append_envelope(std::string& out, const Event& event);

}  // namespace ebagent::event
