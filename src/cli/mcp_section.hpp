#pragma once

#include "cli/options.hpp"
#include "ebagent/app.hpp"

namespace ebagent::cli {

// The reader of `mcp:` in a configuration, with a log as the command writes it.
[[nodiscard]] App::SectionReader mcp_section(const Command& command);

}  // namespace ebagent::cli
