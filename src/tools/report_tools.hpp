#pragma once

#include <memory>
#include <string>
#include <vector>

#include "ebagent/tool.hpp"
#include "tools/event_log.hpp"
#include "tools/object_store.hpp"

namespace ebagent::tools {

// generate_report (idempotent: the hour of the event names the report) and summarize_events (read).
// Reports are stored in the bucket `reports_bucket`.
[[nodiscard]] std::vector<Tool> report_tools(std::shared_ptr<EventStatistics> statistics,
                                             std::shared_ptr<ObjectStore> objects,
                                             std::string reports_bucket);

}  // namespace ebagent::tools
