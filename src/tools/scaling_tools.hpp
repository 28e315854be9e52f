#pragma once

#include <memory>
#include <vector>

#include "ebagent/tool.hpp"
#include "tools/scaling.hpp"

namespace ebagent::tools {

// describe_capacity (read) and scale_out (idempotent by the call's key), as Amazon EC2 Auto Scaling.
[[nodiscard]] std::vector<Tool> scaling_tools(std::shared_ptr<Scaling> scaling);

}  // namespace ebagent::tools
