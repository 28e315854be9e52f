#pragma once

#include <map>
#include <optional>
#include <stop_token>
#include <string>

#include "bus/bus.hpp"
#include "bus/catalog.hpp"
#include "ebagent/clock.hpp"
#include "ebagent/result.hpp"
#include "schedule/schedule.hpp"
#include "store/store.hpp"

namespace ebagent::bus {

// Fires the rules that have a ScheduleExpression, in UTC.
//
// The next time of a rule is written together with the event of the last one, and the event's id is a
// function of rule and time: a firing is neither lost nor doubled by a crash. Firings missed while nothing
// ran are made up for by one, for the latest of them; then the schedule goes on. The event goes to the
// targets of its rule alone. Source:
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-rule-schedule.html Thread safety: tick()
// and run_until_stopped() belong to one thread.
class Scheduler {
 public:
  // The references must outlive the scheduler.
  Scheduler(const Catalog& catalog, Bus& bus, store::Store& store, const Clock& clock);

  // Fires what is due at `now` and waits until it is on disk. Returns when the next rule is due; nullopt when
  // none ever is. After an error nothing has fired; the next tick tries again.
  Result<std::optional<TimePoint>> tick(TimePoint now);

  // Ticks when something is due until `stop` is requested. `on_error` hears of ticks that failed.
  void run_until_stopped(std::stop_token stop, const std::function<void(const Error&)>& on_error);

 private:
  struct Plan {
    ScheduledRule rule;
    schedule::Schedule schedule;
    std::optional<TimePoint> next;
  };

  Result<void> replan();
  [[nodiscard]] std::optional<TimePoint> next_due() const;

  const Catalog& catalog_;
  Bus& bus_;
  store::Store& store_;
  const Clock& clock_;
  std::optional<std::uint64_t> planned_version_;
  std::map<std::string, Plan> plans_;  // by rule ARN
};

}  // namespace ebagent::bus
