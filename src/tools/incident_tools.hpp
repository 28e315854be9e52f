#pragma once

#include <memory>
#include <vector>

#include "ebagent/tool.hpp"
#include "tools/incidents.hpp"

namespace ebagent::tools {

// open_incident and close_incident, keyed by the alarm's name; idempotent. The time of the change is the
// event's.
[[nodiscard]] std::vector<Tool> incident_tools(std::shared_ptr<Incidents> incidents);

}  // namespace ebagent::tools
