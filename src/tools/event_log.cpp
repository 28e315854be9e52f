#include "tools/event_log.hpp"

#include "tools/stored_time.hpp"

namespace ebagent::tools {

Result<std::unique_ptr<LocalEventLog>> LocalEventLog::open(std::shared_ptr<Database> database) {
  BOOST_OUTCOME_TRY(database->transaction([](Session& session) -> Result<void> {
    BOOST_OUTCOME_TRY(
        session.run("CREATE TABLE IF NOT EXISTS event_log ("
                    " seq INTEGER PRIMARY KEY, idempotency_key TEXT NOT NULL UNIQUE, event_id TEXT NOT NULL,"
                    " source TEXT NOT NULL, detail_type TEXT NOT NULL, event_time TEXT NOT NULL,"
                    " logged_at TEXT NOT NULL, details TEXT NOT NULL)"));
    return session.run("CREATE INDEX IF NOT EXISTS event_log_by_time ON event_log (event_time)");
  }));
  return std::unique_ptr<LocalEventLog>{new LocalEventLog(std::move(database))};
}

Result<bool> LocalEventLog::add(std::string_view idempotency_key, const LoggedEvent& event, TimePoint now) {
  return database_->transaction([&](Session& session) -> Result<bool> {
    BOOST_OUTCOME_TRY(
        session.run("INSERT INTO event_log (idempotency_key, event_id, source, detail_type, event_time, "
                    "logged_at, details)"
                    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (idempotency_key) DO NOTHING",
                    {std::string{idempotency_key}, event.event_id, event.source, event.detail_type,
                     stored_form(event.time), stored_form(now), event.details}));
    return session.changed_rows() == 1;
  });
}

Result<std::vector<EventCount>> LocalEventLog::between(TimePoint from, TimePoint to) {
  return database_->transaction([&](Session& session) -> Result<std::vector<EventCount>> {
    // The first 13 characters of an instant are its date and hour.
    BOOST_OUTCOME_TRY(
        const auto found,
        session.query("SELECT substr(event_time, 1, 13) AS hour, source, detail_type,"
                      " count(DISTINCT event_id) FROM event_log"
                      " WHERE event_time >= ?1 AND event_time < ?2 GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
                      {stored_form(from), stored_form(to)}));
    std::vector<EventCount> counts;
    for (const auto& row : found.rows) {
      counts.push_back({text_of(row[1]), text_of(row[2]), stored_time(Cell{text_of(row[0]) + ":00:00Z"}),
                        integer_of(row[3])});
    }
    return counts;
  });
}

}  // namespace ebagent::tools
