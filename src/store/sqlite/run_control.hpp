#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "store/sqlite/connection.hpp"
#include "store/sqlite/delivery_tables.hpp"
#include "store/sqlite/run_tables.hpp"
#include "store/store.hpp"

namespace ebagent::store::sqlite {

// What people do with runs: answer their questions, cancel them, have them done again. Each is decided and written in one
// transaction, so that of two who answer (or of an answer and a time-out) one is first and the other is refused. Works in the
// owner and beside it. Thread safety: used on the writer's thread only.
class RunControl {
 public:
  RunControl(Connection& connection, DeliveryTables& deliveries, RunWrites& writes)
      : connection_(connection), deliveries_(deliveries), writes_(writes), reads_(connection) {}

  // See the members of Store.
  Result<Step> answer(std::string_view run_id, std::string_view step, std::string_view output_json,
                      TimePoint now);
  Result<Run> cancel(std::string_view run_id, std::string_view reason, TimePoint now);
  Result<Run> rerun(const Rerun& wish, TimePoint now);

 private:
  Result<Run> existing(std::string_view run_id);
  Result<Step> open_question(const Run& run, std::string_view step);
  Result<std::vector<Step>> steps_before(const Run& run, const std::optional<std::string>& from_step);
  Result<void> check_event(const Run& run);

  Connection& connection_;
  DeliveryTables& deliveries_;
  RunWrites& writes_;
  RunReads reads_;
  Statement answer_{
      connection_, "UPDATE steps SET state = 1, ended = ?3, output = ?4 WHERE run_id = ?1 AND position = ?2"};
  // A failed run is not over while its delivery is to bring the event again.
  Statement cancel_{
      connection_,
      "UPDATE runs SET state = 4, ended = ?2, stop_reason = 'cancelled', error = ?3, wakes = NULL "
      "WHERE id = ?1 AND (state IN (0, 3) OR (state = 2 AND EXISTS "
      "(SELECT 1 FROM deliveries d WHERE d.seq = runs.delivery)))"};
  Statement make_due_{connection_,
                      "UPDATE deliveries SET due = ?2 WHERE seq = ?1 AND lease = 0 AND due > ?2"};
  Statement hops_{
      connection_,
      "SELECT e.hops FROM events e WHERE e.seq = coalesce("
      "(SELECT event FROM deliveries WHERE seq = ?1), (SELECT event FROM delivered WHERE seq = ?1), "
      "(SELECT event FROM dead_letters WHERE seq = ?1))"};
};

}  // namespace ebagent::store::sqlite
