#pragma once

#include <vector>

#include "ebagent/tool.hpp"

namespace ebagent::tools {

// put_event (idempotent by the call's key): how an agent starts the next one. Chains end at the hop limit.
[[nodiscard]] std::vector<Tool> event_tools();

}  // namespace ebagent::tools
