#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/sqlite/connection.hpp"
#include "store/store.hpp"

namespace ebagent::store::sqlite {

// Writes runs and their steps. Of the runs of one key exactly one answers for it: a new run takes the key
// over only from one that has ended and expired before the new one started. Thread safety: used on the
// writer's thread only.
class RunWrites {
 public:
  explicit RunWrites(Connection& connection) : connection_(connection) {}

  // AlreadyExists when another run answers for the key; Conflict when the run was cancelled: what is cancelled stays so.
  Result<void> put(const PutRun& put);
  // AlreadyExists when another step of the run has the name, and when the step is a question that was answered meanwhile;
  // Conflict when the run was cancelled.
  Result<void> put(const Step& step);

 private:
  Result<void> upsert(const PutRun& put);

  Connection& connection_;
  Statement upsert_run_{
      connection_,
      "INSERT INTO runs (id, key, answers, agent, event_id, input_hash, state, attempts, "
      "hops, started, ended, expires, "
      "result, error, event, steps, stop_reason, trace, delivery, wakes) "
      "VALUES (?1,?2,1,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18,?19) "
      "ON CONFLICT (id) DO UPDATE SET key = excluded.key, agent = excluded.agent, event_id "
      "= excluded.event_id, "
      "input_hash = excluded.input_hash, state = excluded.state, attempts = "
      "excluded.attempts, hops = excluded.hops, "
      "started = excluded.started, ended = excluded.ended, expires = excluded.expires, "
      "result = excluded.result, "
      "error = excluded.error, event = excluded.event, steps = iif(excluded.steps = '', steps, "
      "excluded.steps), stop_reason = excluded.stop_reason, trace = excluded.trace, delivery = "
      "excluded.delivery, "
      "wakes = excluded.wakes WHERE runs.state <> 4"};
  Statement give_up_key_{
      connection_,
      "UPDATE runs SET answers = 0 WHERE key = ?1 AND answers = 1 AND state NOT IN (0, 3) AND expires <= ?2"};
  Statement upsert_step_{
      connection_,
      "INSERT INTO steps (run_id, position, name, kind, effect, state, attempts, started, ended, error, "
      "input, output) "
      "SELECT ?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12 WHERE NOT EXISTS (SELECT 1 FROM runs WHERE id = ?1 AND "
      "state "
      "= 4) ON CONFLICT (run_id, position) DO UPDATE SET name = "
      "excluded.name, kind = excluded.kind, effect = excluded.effect, state = excluded.state, attempts = "
      "excluded.attempts, started = excluded.started, ended = excluded.ended, error = excluded.error, input "
      "= "
      "excluded.input, output = excluded.output WHERE steps.kind <> 'approval' OR steps.state = 0"};
  Statement is_cancelled_{connection_, "SELECT 1 FROM runs WHERE id = ?1 AND state = 4"};
};

// Reads runs and steps. Thread safety: the caller holds the connection's mutex.
class RunReads {
 public:
  explicit RunReads(Connection& connection) : connection_(connection) {}

  Result<std::optional<Run>> by_key(std::string_view key);
  Result<std::optional<Run>> by_id(std::string_view id);
  Result<std::vector<Run>> matching(const RunFilter& filter);
  Result<std::vector<Step>> steps(std::string_view run_id);

 private:
  Result<std::vector<Step>> own_steps(std::string_view run_id);

  static constexpr const char* kSelect =
      "SELECT id, key, agent, event_id, input_hash, state, attempts, hops, started, ended, expires, result, "
      "error, coalesce(event, (SELECT json FROM events WHERE events.id = event_id), ''), event IS NULL, "
      "stop_reason, trace, "
      "delivery, wakes "
      "FROM runs ";

  Connection& connection_;
  Statement by_key_{connection_, std::string{kSelect} + "WHERE key = ?1 AND answers = 1"};
  Statement by_id_{connection_, std::string{kSelect} + "WHERE id = ?1"};
  Statement own_steps_{connection_, "SELECT steps FROM runs WHERE id = ?1"};
  Statement steps_{
      connection_,
      "SELECT run_id, position, name, kind, effect, state, attempts, started, ended, error, input, output "
      "FROM steps WHERE run_id = ?1 ORDER BY position"};
};

}  // namespace ebagent::store::sqlite
