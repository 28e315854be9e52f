#pragma once

#include "ebagent/clock.hpp"
#include "ebagent/result.hpp"
#include "scheduler/schedule.hpp"
#include "scheduler/zones.hpp"

namespace ebagent::scheduler {

// What CreateSchedule and UpdateSchedule refuse beyond the constraints of the service model: InvalidArgument
// with a sentence, AWS's where it is known. `asked` is when the schedule was given this timing.
[[nodiscard]] Result<void> check(const Schedule& schedule, Zones& zones, TimePoint asked);

}  // namespace ebagent::scheduler
