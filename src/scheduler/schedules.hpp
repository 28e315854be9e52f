#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bus/rule.hpp"
#include "bus/scope.hpp"
#include "core/ids.hpp"
#include "ebagent/clock.hpp"
#include "ebagent/result.hpp"
#include "scheduler/schedule.hpp"
#include "scheduler/schedule_groups.hpp"
#include "scheduler/schedule_runner.hpp"
#include "scheduler/zones.hpp"
#include "store/store.hpp"

namespace ebagent::scheduler {

struct ScheduleQuery {
  std::string group = {};  // empty: all
  std::string name_prefix = {};
  std::optional<bool> is_enabled = {};
  bus::PageRequest page = {};
};

// The schedules of every scope: the operations of EventBridge Scheduler on them. A change is in the store,
// durably, before its call returns, and known to the runner. Errors as ScheduleGroups.
// Thread safety: every member may be called from any thread.
class Schedules {
 public:
  // Reads what the store holds. The references must outlive it.
  [[nodiscard]] static Result<std::unique_ptr<Schedules>> open(store::Store& store, const Clock& clock,
                                                               core::Random& random, Zones& zones,
                                                               ScheduleRunner& runner);

  // Makes a schedule; returns its ARN. AlreadyExists unless it is the same request once more.
  Result<std::string> create(Schedule schedule);
  // Replaces what a schedule says; returns its ARN. When it says the same about when to fire, its next firing
  // stays; else it is planned anew.
  Result<std::string> update(Schedule schedule);
  [[nodiscard]] Result<Schedule> get(const bus::Scope& scope, std::string_view group,
                                     std::string_view name) const;
  [[nodiscard]] Result<bus::Page<Schedule>> list(const bus::Scope& scope, const ScheduleQuery& query) const;
  Result<void> remove(const bus::Scope& scope, std::string_view group, std::string_view name);

  [[nodiscard]] ScheduleGroups& groups() { return groups_; }
  // The store was cleared.
  void forget();

 private:
  Schedules(store::Store& store, const Clock& clock, core::Random& random, Zones& zones,
            ScheduleRunner& runner)
      : store_(store),
        clock_(clock),
        random_(random),
        zones_(zones),
        runner_(runner),
        groups_(store, clock) {}

  [[nodiscard]] std::int64_t next_id();
  Result<store::StoredSchedule> stored(const Schedule& schedule, const Plan& plan);
  Result<void> put(store::PutSchedule put);
  // The schedule of that name when it was made, or changed last, by the same request.
  [[nodiscard]] bool is_repeated(const Schedule& schedule) const;
  Result<std::string> try_update(Schedule schedule);

  store::Store& store_;
  const Clock& clock_;
  core::Random& random_;
  Zones& zones_;
  ScheduleRunner& runner_;
  ScheduleGroups groups_;
  std::atomic<std::int64_t> last_id_{0};
};

}  // namespace ebagent::scheduler
