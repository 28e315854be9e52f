#pragma once

#include <memory>
#include <vector>

#include "ebagent/tool.hpp"
#include "tools/event_log.hpp"

namespace ebagent::tools {

// log_event, as an item of a DynamoDB table; idempotent by the call's key.
[[nodiscard]] std::vector<Tool> event_log_tools(std::shared_ptr<EventLog> log);

}  // namespace ebagent::tools
