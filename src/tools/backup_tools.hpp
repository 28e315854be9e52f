#pragma once

#include <memory>
#include <vector>

#include "ebagent/tool.hpp"
#include "tools/backup.hpp"

namespace ebagent::tools {

// backup (idempotent: the event's time names the copies).
[[nodiscard]] std::vector<Tool> backup_tools(std::shared_ptr<const Backup> backup);

}  // namespace ebagent::tools
