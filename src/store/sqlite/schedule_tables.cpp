#include "store/sqlite/schedule_tables.hpp"

#include <fmt/core.h>

#include <memory>
#include <unordered_map>
#include <utility>

#include "store/sqlite/route_table.hpp"

namespace ebagent::store::sqlite {
namespace {

// Makes schedules of rows; those with the same route share it.
class Rows {
 public:
  StoredSchedule schedule_of(const Query& row) {
    StoredSchedule schedule;
    schedule.id = row.integer(0);
    schedule.scope = row.text(1);
    schedule.group = row.text(2);
    schedule.name = row.text(3);
    schedule.is_enabled = row.integer(4) != 0;
    schedule.planned = row.optional_time(5);
    schedule.due = row.optional_time(6);
    schedule.json = row.text(7);
    auto& route = routes_[row.integer(8)];
    if (route == nullptr) route = std::make_shared<const Route>(route_from(row, 8));
    schedule.route = route;
    return schedule;
  }

 private:
  std::unordered_map<std::int64_t, std::shared_ptr<const Route>> routes_;
};

// Sorts before all names with the prefix and behind all before them; names are visible ASCII.
std::string before(std::string prefix) {
  if (prefix.empty()) return prefix;
  --prefix.back();
  return prefix += '\x7F';
}

}  // namespace

Result<void> ScheduleWrites::put(const PutSchedule& put) {
  const StoredSchedule& schedule = put.schedule;
  if (put.replaced) {
    BOOST_OUTCOME_TRY(delete_replaced_.run(schedule.scope, schedule.group, schedule.name, put.replaced->id,
                                           put.replaced->due));
    if (delete_replaced_.changed_rows() == 0) {
      return fail(ErrorCode::Conflict, fmt::format("Schedule {} has changed meanwhile.", schedule.name));
    }
  }
  return insert_.run(schedule.id, schedule.scope, schedule.group, schedule.name, schedule.is_enabled,
                     schedule.route->id, schedule.planned, schedule.due, schedule.json);
}

Result<void> ScheduleWrites::remove(const DeleteSchedule& name) {
  BOOST_OUTCOME_TRY(delete_.run(name.scope, name.group, name.name));
  if (delete_.changed_rows() == 0) {
    return fail(ErrorCode::NotFound, fmt::format("Schedule {} does not exist.", name.name));
  }
  return success();
}

Result<void> ScheduleWrites::fire(const FireSchedule& firing, std::vector<Delivery>& ready) {
  if (firing.is_deleted) {
    BOOST_OUTCOME_TRY(complete_.run(firing.id, firing.due));
    if (complete_.changed_rows() == 0) return success();
  } else {
    BOOST_OUTCOME_TRY(plan_.run(firing.id, firing.due, firing.planned, firing.next_due));
    if (plan_.changed_rows() == 0) return success();
  }
  if (!firing.event) return success();
  BOOST_OUTCOME_TRYV(deliveries_.accept(*firing.event, ready));
  return success();
}

Result<std::size_t> ScheduleWrites::remove_some(std::string_view scope, std::string_view group,
                                                std::size_t limit) {
  BOOST_OUTCOME_TRY(delete_some_.run(scope, group, limit));
  return static_cast<std::size_t>(delete_some_.changed_rows());
}

Result<void> ScheduleWrites::clear() {
  return connection_.run("DELETE FROM schedules");
}

Result<std::optional<StoredSchedule>> ScheduleReads::by_name(std::string_view scope, std::string_view group,
                                                             std::string_view name) {
  BOOST_OUTCOME_TRY(auto rows, by_name_.query(scope, group, name));
  BOOST_OUTCOME_TRY(const bool is_there, rows.next());
  return is_there ? std::optional{Rows{}.schedule_of(rows)} : std::nullopt;
}

Result<SchedulePage> ScheduleReads::matching(const ScheduleFilter& filter) {
  const ScheduleName after = filter.after.value_or(
      ScheduleName{filter.group, filter.group.empty() ? "" : before(filter.name_prefix)});
  BOOST_OUTCOME_TRY(auto rows, page_.query(filter.scope, after.group, after.name, kMaxLookedAt));
  Rows made;
  SchedulePage page;
  for (std::size_t looked_at = 1;; ++looked_at) {
    BOOST_OUTCOME_TRY(const bool has_row, rows.next());
    if (!has_row) return page;
    ScheduleName here{rows.text(2), rows.text(3)};
    if (!filter.group.empty() && here.group != filter.group) return page;
    const bool has_prefix = here.name.starts_with(filter.name_prefix);
    // Behind the names with the prefix there are none in this group.
    if (!filter.group.empty() && !has_prefix && here.name > filter.name_prefix) return page;
    const bool is_wanted = has_prefix && (!filter.is_enabled || *filter.is_enabled == (rows.integer(4) != 0));
    if (is_wanted) {
      if (page.schedules.size() == filter.limit) {
        page.next = ScheduleName{page.schedules.back().group, page.schedules.back().name};
        return page;
      }
      page.schedules.push_back(made.schedule_of(rows));
    }
    if (looked_at == kMaxLookedAt) {
      page.next = std::move(here);
      return page;
    }
  }
}

Result<std::vector<StoredSchedule>> ScheduleReads::due(SchedulePlace after, TimePoint until,
                                                       std::size_t limit) {
  BOOST_OUTCOME_TRY(auto rows, due_.query(after.due, after.id, until, limit));
  Rows made;
  std::vector<StoredSchedule> due;
  while (true) {
    BOOST_OUTCOME_TRY(const bool has_row, rows.next());
    if (!has_row) return due;
    due.push_back(made.schedule_of(rows));
  }
}

// AUTOINCREMENT keeps it, also when that schedule is long gone.
Result<std::int64_t> ScheduleReads::last_id() {
  return connection_.integer("SELECT seq FROM sqlite_sequence WHERE name = 'schedules'");
}

}  // namespace ebagent::store::sqlite
