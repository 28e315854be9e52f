#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/sqlite/connection.hpp"
#include "store/sqlite/delivery_tables.hpp"
#include "store/store.hpp"

namespace ebagent::store::sqlite {

// Writes schedules and fires them. A firing moves the schedule from one due time to the next with a condition
// on both its id and the due time it was planned for, so that a firing that was planned twice, or for what
// the schedule said before, changes nothing. Thread safety: used on the writer's thread only.
class ScheduleWrites {
 public:
  ScheduleWrites(Connection& connection, DeliveryTables& deliveries)
      : connection_(connection), deliveries_(deliveries) {}

  // See store::PutSchedule, DeleteSchedule, FireSchedule.
  Result<void> put(const PutSchedule& put);
  Result<void> remove(const DeleteSchedule& name);
  Result<void> fire(const FireSchedule& firing, std::vector<Delivery>& ready);
  // See Store::delete_schedules().
  Result<std::size_t> remove_some(std::string_view scope, std::string_view group, std::size_t limit);
  Result<void> clear();

 private:
  Connection& connection_;
  DeliveryTables& deliveries_;

  Statement insert_{connection_,
                    "INSERT INTO schedules (id, scope, group_name, name, enabled, route, planned, due, json) "
                    "VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9)"};
  Statement delete_replaced_{
      connection_,
      "DELETE FROM schedules WHERE scope = ?1 AND group_name = ?2 AND name = ?3 AND id = ?4 AND due IS ?5"};
  Statement delete_{connection_, "DELETE FROM schedules WHERE scope = ?1 AND group_name = ?2 AND name = ?3"};
  Statement delete_some_{connection_,
                         "DELETE FROM schedules WHERE id IN "
                         "(SELECT id FROM schedules WHERE scope = ?1 AND group_name = ?2 LIMIT ?3)"};
  Statement plan_{connection_, "UPDATE schedules SET planned = ?3, due = ?4 WHERE id = ?1 AND due = ?2"};
  Statement complete_{connection_, "DELETE FROM schedules WHERE id = ?1 AND due = ?2"};
};

// Reads schedules. Thread safety: the caller holds the connection's mutex.
class ScheduleReads {
 public:
  explicit ScheduleReads(Connection& connection) : connection_(connection) {}

  Result<std::optional<StoredSchedule>> by_name(std::string_view scope, std::string_view group,
                                                std::string_view name);
  Result<SchedulePage> matching(const ScheduleFilter& filter);
  Result<std::vector<StoredSchedule>> due(SchedulePlace after, TimePoint until, std::size_t limit);
  Result<std::int64_t> last_id();

 private:
  // Looked at for one page, so that a prefix that matches little holds others up for milliseconds only.
  static constexpr std::size_t kMaxLookedAt = 5'000;
  // The route is joined rather than looked up: what is known of routes belongs to the writer. CROSS keeps
  // SQLite from beginning with the routes.
  static constexpr const char* kSelect =
      "SELECT s.id, s.scope, s.group_name, s.name, s.enabled, s.planned, s.due, s.json, r.id, r.bus, "
      "r.rule_arn, r.target_id, r.target_arn, r.target_json, r.max_attempts, r.max_age_seconds, "
      "r.dead_letter_arn, r.reshapes_input FROM schedules s CROSS JOIN routes r ON r.id = s.route ";

  Connection& connection_;
  Statement by_name_{connection_,
                     std::string{kSelect} + "WHERE s.scope = ?1 AND s.group_name = ?2 AND s.name = ?3"};
  Statement page_{connection_, std::string{kSelect} +
                                   "WHERE s.scope = ?1 AND (s.group_name, s.name) > (?2, ?3) "
                                   "ORDER BY s.group_name, s.name LIMIT ?4"};
  // `due IS NOT NULL` must stand here word for word: it is what lets SQLite use the index of what is planned.
  Statement due_{connection_, std::string{kSelect} +
                                  "WHERE s.due IS NOT NULL AND (s.due, s.id) > (?1, ?2) AND s.due <= ?3 "
                                  "ORDER BY s.due, s.id LIMIT ?4"};
};

}  // namespace ebagent::store::sqlite
