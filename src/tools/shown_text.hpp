#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "ebagent/tool.hpp"

namespace ebagent::tools {

// The text with U+FFFD in place of what is no UTF-8, so that it can stand in JSON. A character cut off at the end is left out.
[[nodiscard]] std::string valid_utf8(std::string_view bytes);

// What is left of `timeout` before the run's own time is up; never less than a millisecond.
[[nodiscard]] std::chrono::milliseconds time_left(std::chrono::milliseconds timeout,
                                                  const ToolContext& context);

}  // namespace ebagent::tools
