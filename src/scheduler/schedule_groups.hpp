#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bus/event_bus.hpp"
#include "bus/rule.hpp"
#include "bus/scope.hpp"
#include "ebagent/clock.hpp"
#include "ebagent/result.hpp"
#include "scheduler/schedule.hpp"
#include "store/store.hpp"

namespace ebagent::scheduler {

struct ScheduleGroup {
  bus::Scope scope = {};
  std::string name = {};
  bool is_deleting = false;
  TimePoint created = {};
  TimePoint modified = {};
  bus::Tags tags = {};
  RequestMark asked = {};
};

// The schedule groups of every scope and their tags. The default group is there without having been made and
// stays. Every change is in the store, durably, before its call returns. Errors, by their AWS name: NotFound
// (ResourceNotFoundException), AlreadyExists and Conflict (ConflictException), InvalidArgument
// (ValidationException), LimitExceeded (ServiceQuotaExceededException); else the store's.
// Thread safety: every member may be called from any thread.
class ScheduleGroups {
 public:
  // Groups are kept in memory; AWS allows 500 a region.
  static constexpr std::size_t kMaxGroups = 10'000;

  // The references must outlive it.
  ScheduleGroups(store::Store& store, const Clock& clock) : store_(store), clock_(clock) {}
  // Reads what the store holds, and goes on with deletions that were under way.
  Result<void> load();

  Result<ScheduleGroup> create(const bus::Scope& scope, std::string_view name, bus::Tags tags,
                               RequestMark asked);
  [[nodiscard]] Result<ScheduleGroup> get(const bus::Scope& scope, std::string_view name) const;
  [[nodiscard]] Result<bus::Page<ScheduleGroup>> list(const bus::Scope& scope, std::string_view name_prefix,
                                                      const bus::PageRequest& page) const;
  // Deletes the group with all of its schedules.
  Result<void> remove(const bus::Scope& scope, std::string_view name);

  // By the ARN of a group of the scope.
  Result<void> tag(const bus::Scope& scope, const std::string& arn, const bus::Tags& tags);
  Result<void> untag(const bus::Scope& scope, const std::string& arn, const std::vector<std::string>& keys);
  [[nodiscard]] Result<bus::Tags> tags_of(const bus::Scope& scope, const std::string& arn) const;

  // Runs `write` while the group stays what it is. NotFound when there is no such group, Conflict when it is
  // being deleted.
  template <class Write>
  auto while_active(const bus::Scope& scope, std::string_view name, Write&& write) -> decltype(write()) {
    const std::shared_lock lock{deleting_};
    BOOST_OUTCOME_TRY(const auto group, get(scope, name));
    if (group.is_deleting) return fail(ErrorCode::Conflict, deleting_message(name));
    return write();
  }

  // The store was cleared.
  void forget();

 private:
  using Key = std::pair<std::string, std::string>;  // scope and name

  static std::string deleting_message(std::string_view name);
  Result<void> put(const ScheduleGroup& group);  // into the store
  Result<void> finish_deletion(const ScheduleGroup& group);
  [[nodiscard]] Result<ScheduleGroup> by_arn(const bus::Scope& scope, const std::string& arn) const;

  store::Store& store_;
  const Clock& clock_;
  std::mutex changing_;                 // one change at a time; taken before all others
  mutable std::shared_mutex deleting_;  // held shared while a schedule of a group is written
  mutable std::mutex mutex_;
  std::map<Key, ScheduleGroup> groups_;  // guarded by mutex_
};

}  // namespace ebagent::scheduler
