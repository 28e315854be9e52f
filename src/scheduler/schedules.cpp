#include "scheduler/schedules.hpp"

#include <utility>

#include "bus/page.hpp"
#include "scheduler/validation.hpp"

namespace ebagent::scheduler {
namespace {

// A schedule that fires between being read and being replaced is read again.
constexpr int kMaxTries = 10;

Error no_schedule(std::string_view name) {
  return {ErrorCode::NotFound, "Schedule " + std::string{name} + " does not exist."};
}

// Group and name in one text: neither has a slash.
std::string token_of(const store::ScheduleName& name) {
  return bus::write_token(name.group + "/" + name.name);
}

Result<store::ScheduleName> name_of(std::string_view token) {
  BOOST_OUTCOME_TRY(const std::string text, bus::read_token(token));
  const auto slash = text.find('/');
  if (slash == std::string::npos) return fail(ErrorCode::InvalidArgument, "Invalid NextToken.");
  return store::ScheduleName{text.substr(0, slash), text.substr(slash + 1)};
}

}  // namespace

Result<std::unique_ptr<Schedules>> Schedules::open(store::Store& store, const Clock& clock,
                                                   core::Random& random, Zones& zones,
                                                   ScheduleRunner& runner) {
  std::unique_ptr<Schedules> schedules{new Schedules(store, clock, random, zones, runner)};
  BOOST_OUTCOME_TRY(schedules->last_id_, store.last_schedule_id());
  BOOST_OUTCOME_TRY(schedules->groups_.load());
  return schedules;
}

std::int64_t Schedules::next_id() {
  return ++last_id_;
}

Result<store::StoredSchedule> Schedules::stored(const Schedule& schedule, const Plan& plan) {
  BOOST_OUTCOME_TRY(auto route, store_.put_route(route_of(schedule)));
  return store::StoredSchedule{.id = next_id(),
                               .scope = scope_key(schedule.scope),
                               .group = schedule.group,
                               .name = schedule.name,
                               .is_enabled = schedule.is_enabled,
                               .route = std::move(route),
                               .planned = plan.planned,
                               .due = plan.due,
                               .json = write_record(schedule)};
}

Result<void> Schedules::put(store::PutSchedule put) {
  store::StoredSchedule schedule = put.schedule;
  BOOST_OUTCOME_TRY(store_.commit_and_wait({std::move(put)}));
  runner_.planned(schedule);
  return success();
}

bool Schedules::is_repeated(const Schedule& schedule) const {
  if (schedule.asked.token.empty()) return false;
  const auto existing = get(schedule.scope, schedule.group, schedule.name);
  return existing && existing.value().asked == schedule.asked;
}

Result<std::string> Schedules::create(Schedule schedule) {
  const TimePoint now = clock_.now();
  schedule.created = schedule.modified = schedule.anchor = now;
  BOOST_OUTCOME_TRY(check(schedule, zones_, now));
  BOOST_OUTCOME_TRY(groups_.while_active(schedule.scope, schedule.group, [&]() -> Result<void> {
    BOOST_OUTCOME_TRY(const auto plan, first_plan(schedule, zones_, now, random_));
    BOOST_OUTCOME_TRY(auto made, stored(schedule, plan));
    auto kept = put({.schedule = std::move(made), .replaced = std::nullopt});
    if (kept || kept.error().code != ErrorCode::AlreadyExists) return kept;
    if (is_repeated(schedule)) return success();
    return fail(ErrorCode::AlreadyExists, "Schedule " + schedule.name + " already exists.");
  }));
  return schedule_arn(schedule);
}

Result<std::string> Schedules::update(Schedule schedule) {
  for (int tries = 1;; ++tries) {
    auto updated = groups_.while_active(schedule.scope, schedule.group, [&] { return try_update(schedule); });
    const bool has_fired_meanwhile = !updated && updated.error().code == ErrorCode::Conflict;
    if (!has_fired_meanwhile || tries == kMaxTries) return updated;
  }
}

Result<std::string> Schedules::try_update(Schedule schedule) {
  BOOST_OUTCOME_TRY(const auto found,
                    store_.schedule(scope_key(schedule.scope), schedule.group, schedule.name));
  if (!found) return fail(no_schedule(schedule.name));
  BOOST_OUTCOME_TRY(const auto before, read_record(*found));
  if (!schedule.asked.token.empty() && before.asked == schedule.asked) return schedule_arn(schedule);
  const TimePoint now = clock_.now();
  schedule.created = before.created;
  schedule.modified = now;
  const bool keeps_timing = schedule.has_same_timing(before);
  schedule.anchor = keeps_timing ? before.anchor : now;
  BOOST_OUTCOME_TRY(check(schedule, zones_, keeps_timing ? before.anchor : now));
  Plan plan{found->planned, found->due};
  if (!keeps_timing) {
    BOOST_OUTCOME_TRY(plan, first_plan(schedule, zones_, now, random_));
  }
  BOOST_OUTCOME_TRY(auto changed, stored(schedule, plan));
  BOOST_OUTCOME_TRY(
      put({.schedule = std::move(changed), .replaced = store::PutSchedule::Replaced{found->id, found->due}}));
  return schedule_arn(schedule);
}

Result<Schedule> Schedules::get(const bus::Scope& scope, std::string_view group,
                                std::string_view name) const {
  BOOST_OUTCOME_TRY(const auto found, store_.schedule(scope_key(scope), group, name));
  if (!found) return fail(no_schedule(name));
  return read_record(*found);
}

Result<bus::Page<Schedule>> Schedules::list(const bus::Scope& scope, const ScheduleQuery& query) const {
  if (!query.group.empty()) {
    BOOST_OUTCOME_TRYV(groups_.get(scope, query.group));
  }
  BOOST_OUTCOME_TRY(const std::size_t size, bus::checked_page_size(query.page));
  store::ScheduleFilter filter{.scope = scope_key(scope),
                               .group = query.group,
                               .name_prefix = query.name_prefix,
                               .is_enabled = query.is_enabled,
                               .limit = size};
  if (!query.page.next_token.empty()) {
    BOOST_OUTCOME_TRY(filter.after, name_of(query.page.next_token));
  }
  BOOST_OUTCOME_TRY(const auto found, store_.schedules(filter));
  bus::Page<Schedule> page;
  for (const store::StoredSchedule& stored : found.schedules) {
    BOOST_OUTCOME_TRY(auto schedule, read_record(stored));
    page.items.push_back(std::move(schedule));
  }
  if (found.next) page.next_token = token_of(*found.next);
  return page;
}

Result<void> Schedules::remove(const bus::Scope& scope, std::string_view group, std::string_view name) {
  BOOST_OUTCOME_TRYV(groups_.get(scope, group));
  BOOST_OUTCOME_TRY(store_.commit_and_wait(
      {store::DeleteSchedule{scope_key(scope), std::string{group}, std::string{name}}}));
  return success();
}

void Schedules::forget() {
  groups_.forget();
  runner_.forget();
}

}  // namespace ebagent::scheduler
