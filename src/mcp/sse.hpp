#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ebagent::mcp {

// The data of the events of type `message` in a whole event stream, in order; those of other types, comments, ids and retry
// hints are passed over, and so is an event that the stream's end cuts off.
// Source: https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
[[nodiscard]] std::vector<std::string> event_stream_messages(std::string_view stream);

}  // namespace ebagent::mcp
