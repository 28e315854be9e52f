#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/ids.hpp"
#include "ebagent/clock.hpp"
#include "ebagent/result.hpp"
#include "scheduler/schedule.hpp"
#include "scheduler/zones.hpp"
#include "store/store.hpp"

namespace ebagent::scheduler {

// A firing that comes later than this after it was due was missed: nothing ran then. AWS itself promises no
// more than the minute.
inline constexpr std::chrono::seconds kMissedAfter{60};

// Where deliveries of a schedule go. Schedules of one group with equal targets have equal routes: what is a
// schedule's own (its ARN, its Input) is carried by the delivery.
[[nodiscard]] store::Route route_of(const Schedule& schedule);

// The context attributes of a text but <aws.scheduler.attempt-number>, which is known only when it is sent.
// Source: https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html
struct FiringContext {
  std::string schedule_arn;
  TimePoint scheduled;
  std::string execution_id;
};
[[nodiscard]] std::string with_context(std::string_view text, const FiringContext& context);

// The first time at which a schedule that was just put is to fire, and when: see store::StoredSchedule.
struct Plan {
  std::optional<TimePoint> planned = {};
  std::optional<TimePoint> due = {};
};
[[nodiscard]] Result<Plan> first_plan(const Schedule& schedule, Zones& zones, TimePoint now,
                                      core::Random& random);

// The firing of a schedule that is due at `now`, as it is written down. When firings were missed it is the
// last of them, and dead-lettered when even that is too old for its target. Errors: Malformed or
// InvalidArgument when the record cannot be understood.
[[nodiscard]] Result<store::FireSchedule> fire(const store::StoredSchedule& stored, Zones& zones,
                                               TimePoint now, core::Random& random);

}  // namespace ebagent::scheduler
