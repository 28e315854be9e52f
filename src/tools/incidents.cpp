#include "tools/incidents.hpp"

#include <fmt/core.h>

#include "core/ids.hpp"
#include "tools/stored_time.hpp"

namespace ebagent::tools {
namespace {

constexpr std::size_t kMaxAlarmBytes = 255;  // CloudWatch's own limit for a name

constexpr std::string_view kColumns = "id, alarm, is_open, opened_at, closed_at, details";

Incident incident_in(const std::vector<Cell>& row) {
  return {text_of(row[0]),     text_of(row[1]),     integer_of(row[2]) == 1,
          stored_time(row[3]), stored_time(row[4]), text_of(row[5])};
}

Result<std::vector<Incident>> find(Session& session, std::string_view condition,
                                   const std::vector<Cell>& parameters) {
  BOOST_OUTCOME_TRY(const auto found,
                    session.query(fmt::format("SELECT {} FROM incidents WHERE {} ORDER BY seq DESC LIMIT 100",
                                              kColumns, condition),
                                  parameters));
  std::vector<Incident> incidents;
  for (const auto& row : found.rows) incidents.push_back(incident_in(row));
  return incidents;
}

Result<void> check_name(std::string_view alarm) {
  if (!alarm.empty() && alarm.size() <= kMaxAlarmBytes) return success();
  return fail(ErrorCode::InvalidArgument,
              fmt::format("The alarm's name must have 1 to {} bytes.", kMaxAlarmBytes));
}

// True when a change at `changed` is older than the last one known; otherwise notes it as the last one.
Result<bool> is_outdated(Session& session, const std::string& alarm, TimePoint changed) {
  BOOST_OUTCOME_TRY(
      session.run("INSERT INTO alarm_changes (alarm, changed_at) VALUES (?1, ?2)"
                  " ON CONFLICT (alarm) DO UPDATE SET changed_at = excluded.changed_at WHERE "
                  "excluded.changed_at >= changed_at",
                  {alarm, stored_form(changed)}));
  return session.changed_rows() == 0;
}

// The one incident, or none, with what became of it.
IncidentOutcome outcome(IncidentChange change, const std::vector<Incident>& incidents,
                        std::string_view alarm) {
  if (!incidents.empty()) return {change, incidents.front()};
  Incident none;
  none.alarm = alarm;
  none.is_open = false;
  return {change, none};
}

}  // namespace

Result<std::unique_ptr<LocalIncidents>> LocalIncidents::open(std::shared_ptr<Database> database) {
  BOOST_OUTCOME_TRY(database->transaction([](Session& session) -> Result<void> {
    BOOST_OUTCOME_TRY(session.run(
        "CREATE TABLE IF NOT EXISTS incidents ("
        " seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, alarm TEXT NOT NULL, is_open INTEGER NOT NULL,"
        " opened_at TEXT NOT NULL, closed_at TEXT, details TEXT NOT NULL,"
        " opened_by TEXT NOT NULL UNIQUE, closed_by TEXT UNIQUE)"));
    BOOST_OUTCOME_TRY(session.run(
        "CREATE UNIQUE INDEX IF NOT EXISTS one_open_incident ON incidents (alarm) WHERE is_open = 1"));
    return session.run(
        "CREATE TABLE IF NOT EXISTS alarm_changes (alarm TEXT PRIMARY KEY, changed_at TEXT NOT NULL)");
  }));
  return std::unique_ptr<LocalIncidents>{new LocalIncidents(std::move(database))};
}

Result<IncidentOutcome> LocalIncidents::open_incident(std::string_view idempotency_key,
                                                      std::string_view alarm, std::string_view details_json,
                                                      TimePoint changed) {
  BOOST_OUTCOME_TRY(check_name(alarm));
  const std::string key{idempotency_key};
  const std::string name{alarm};
  return database_->transaction([&](Session& session) -> Result<IncidentOutcome> {
    BOOST_OUTCOME_TRY(const auto first, find(session, "opened_by = ?1", {key}));
    if (!first.empty()) return outcome(IncidentChange::Opened, first, alarm);
    BOOST_OUTCOME_TRY(const auto running, find(session, "alarm = ?1 AND is_open = 1", {name}));
    BOOST_OUTCOME_TRY(const bool outdated, is_outdated(session, name, changed));
    if (!running.empty()) return outcome(IncidentChange::AlreadyOpen, running, alarm);
    if (outdated) return outcome(IncidentChange::Outdated, {}, alarm);
    BOOST_OUTCOME_TRY(
        session.run("INSERT INTO incidents (id, alarm, is_open, opened_at, details, opened_by) VALUES (?1, "
                    "?2, 1, ?3, ?4, ?5)",
                    {core::uuid_from_name("incident:" + key), name, stored_form(changed),
                     std::string{details_json}, key}));
    BOOST_OUTCOME_TRY(const auto opened, find(session, "opened_by = ?1", {key}));
    return outcome(IncidentChange::Opened, opened, alarm);
  });
}

Result<IncidentOutcome> LocalIncidents::close_incident(std::string_view idempotency_key,
                                                       std::string_view alarm, TimePoint changed) {
  BOOST_OUTCOME_TRY(check_name(alarm));
  const std::string key{idempotency_key};
  const std::string name{alarm};
  return database_->transaction([&](Session& session) -> Result<IncidentOutcome> {
    BOOST_OUTCOME_TRY(const auto first, find(session, "closed_by = ?1", {key}));
    if (!first.empty()) return outcome(IncidentChange::Closed, first, alarm);
    BOOST_OUTCOME_TRY(const bool outdated, is_outdated(session, name, changed));
    BOOST_OUTCOME_TRY(const auto running, find(session, "alarm = ?1 AND is_open = 1", {name}));
    if (outdated) return outcome(IncidentChange::Outdated, running, alarm);
    if (running.empty()) return outcome(IncidentChange::NoneOpen, {}, alarm);
    BOOST_OUTCOME_TRY(
        session.run("UPDATE incidents SET is_open = 0, closed_at = ?2, closed_by = ?3 WHERE id = ?1",
                    {running.front().id, stored_form(changed), key}));
    BOOST_OUTCOME_TRY(const auto closed, find(session, "closed_by = ?1", {key}));
    return outcome(IncidentChange::Closed, closed, alarm);
  });
}

Result<std::vector<Incident>> LocalIncidents::of_alarm(std::string_view alarm) {
  return database_->transaction(
      [&](Session& session) { return find(session, "alarm = ?1", {std::string{alarm}}); });
}

}  // namespace ebagent::tools
