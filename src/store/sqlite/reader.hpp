#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/sqlite/archive_tables.hpp"
#include "store/sqlite/connection.hpp"
#include "store/sqlite/run_tables.hpp"
#include "store/sqlite/schedule_tables.hpp"
#include "store/store.hpp"

namespace ebagent::store::sqlite {

// The store's questions, asked on a connection of their own so that they do not wait for the writer; in
// memory, where there is only one connection, they wait for its batch to end. Thread safety: every member may
// be called from any thread; one at a time is answered.
class Reader {
 public:
  explicit Reader(std::shared_ptr<Connection> connection)
      : connection_(std::move(connection)),
        runs_(*connection_),
        archives_(*connection_),
        schedules_(*connection_) {}

  [[nodiscard]] const std::string& name() const { return connection_->name(); }
  Result<std::optional<TimePoint>> next_due();
  Result<bool> is_open(std::int64_t seq);
  Result<std::vector<CatalogRecord>> catalog(std::string_view kind);
  Result<std::optional<std::string>> event_by_id(std::string_view id);
  Result<std::vector<DeadLetter>> dead_letters(std::size_t limit);
  Result<std::optional<DeadLetter>> dead_letter(std::int64_t seq);
  Result<std::vector<DeadLetter>> dead_letters_to_send(TimePoint now, std::size_t limit);
  Result<EventCounts> counts();
  Result<std::uint64_t> used_bytes();
  Result<std::optional<Run>> run_by_key(std::string_view key);
  Result<std::optional<Run>> run_by_id(std::string_view id);
  Result<std::vector<Run>> runs(const RunFilter& filter);
  Result<std::vector<Step>> steps(std::string_view run_id);
  Result<std::vector<ArchivedEvent>> archived_events(const ArchiveSlice& slice);
  Result<ArchiveSize> archive_size(std::int64_t archive);
  Result<std::optional<StoredSchedule>> schedule(std::string_view scope, std::string_view group,
                                                 std::string_view name);
  Result<SchedulePage> schedules(const ScheduleFilter& filter);
  Result<std::vector<StoredSchedule>> schedules_due(SchedulePlace after, TimePoint until, std::size_t limit);
  Result<std::int64_t> last_schedule_id();

 private:
  const std::shared_ptr<Connection> connection_;  // its mutex guards the statements
  RunReads runs_;
  ArchiveReads archives_;
  ScheduleReads schedules_;

  Statement next_due_{*connection_, "SELECT due FROM deliveries WHERE lease = 0 ORDER BY due LIMIT 1"};
  Statement is_open_{*connection_, "SELECT 1 FROM deliveries WHERE seq = ?1"};
  Statement catalog_{*connection_, "SELECT kind, key, json FROM catalog WHERE kind = ?1 ORDER BY key"};
  Statement event_by_id_{*connection_, "SELECT json FROM events WHERE id = ?1"};
  // Newest first.
  Statement dead_letters_{
      *connection_,
      "SELECT l.seq, e.id, e.json, l.input, l.attempts, e.hops, e.accepted, l.died, l.error_code, "
      "l.error_message, l.exhausted_condition, r.id, r.bus, r.rule_arn, r.target_id, r.target_arn, "
      "r.target_json, r.max_attempts, r.max_age_seconds, r.dead_letter_arn, r.reshapes_input "
      "FROM dead_letters l JOIN events e ON e.seq = l.event JOIN routes r ON r.id = l.route "
      "ORDER BY l.seq DESC LIMIT ?1"};
  Statement dead_letter_{
      *connection_,
      "SELECT l.seq, e.id, e.json, l.input, l.attempts, e.hops, e.accepted, l.died, l.error_code, "
      "l.error_message, l.exhausted_condition, r.id, r.bus, r.rule_arn, r.target_id, r.target_arn, "
      "r.target_json, r.max_attempts, r.max_age_seconds, r.dead_letter_arn, r.reshapes_input "
      "FROM dead_letters l JOIN events e ON e.seq = l.event JOIN routes r ON r.id = l.route "
      "WHERE l.seq = ?1"};
  Statement dead_letters_to_send_{
      *connection_,
      "SELECT l.seq, e.id, e.json, l.input, l.attempts, e.hops, e.accepted, l.died, l.error_code, "
      "l.error_message, l.exhausted_condition, r.id, r.bus, r.rule_arn, r.target_id, r.target_arn, "
      "r.target_json, r.max_attempts, r.max_age_seconds, r.dead_letter_arn, r.reshapes_input "
      "FROM dead_letters l JOIN events e ON e.seq = l.event JOIN routes r ON r.id = l.route "
      "WHERE l.send_due IS NOT NULL AND l.send_due <= ?1 ORDER BY l.send_due LIMIT ?2"};
  Statement counts_{*connection_, "SELECT accepted, delivered, dead, pending FROM state"};
};

}  // namespace ebagent::store::sqlite
