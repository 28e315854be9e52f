#pragma once

#include <memory>
#include <vector>

#include "ebagent/tool.hpp"
#include "tools/object_store.hpp"

namespace ebagent::operations {

// The tools that read the run's own event: describe_upload, diagnose_alarm and plan_task. They take no
// arguments, so that what is acted on follows from the event and nothing else.
[[nodiscard]] std::vector<Tool> event_reading_tools(std::shared_ptr<tools::ObjectStore> objects);

}  // namespace ebagent::operations
