#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "store/sqlite/connection.hpp"
#include "store/sqlite/route_table.hpp"
#include "store/store.hpp"

namespace ebagent::store::sqlite {

// Writes events and what becomes of their deliveries. An open delivery stands in `deliveries` and moves to
// `delivered` or `dead_letters` when it ends, so that leasing and starting cost the same whatever has been
// delivered before.
//
// A delivery with lease 0 is free; otherwise the process whose epoch it names has it in hand. Epochs grow
// with each owner, so that leases of a process that died mean nothing to the next one.
//
// Rows and memory move together: what a batch does to the counters and to the set of deliveries in hand is
// kept aside until committed() and forgotten by rolled_back(). Thread safety: used on the writer's thread
// only.
class DeliveryTables {
 public:
  // `max_ready`: how many deliveries may be in hand before accepted ones are left for lease_due.
  DeliveryTables(Connection& connection, RouteTable& routes, std::size_t max_ready)
      : connection_(connection), routes_(routes), max_ready_(max_ready) {}

  // Begins a new epoch: every delivery that an earlier owner had in hand is free again.
  Result<void> begin_epoch();

  // False for an event that was accepted before.
  Result<bool> accept(const AcceptEvent& event, std::vector<Delivery>& ready);
  Result<void> mark_delivered(const MarkDelivered& mark);
  Result<void> reschedule(const Reschedule& mark);
  Result<void> set_input(const SetInput& given);
  Result<void> mark_dead(const MarkDead& mark);
  Result<std::vector<Delivery>> lease_due(TimePoint now, std::size_t limit);
  Result<void> redrive(std::int64_t seq, TimePoint now);
  // Opens a delivery that has ended once more, due now and as if accepted now, to carry the run `run_id` alone. Conflict when it
  // is open, NotFound when it is not kept, Unsupported when what its target got is not.
  Result<void> deliver_again(std::int64_t seq, std::string_view run_id, TimePoint now);
  // Forgets every event and delivery; numbers go on from where they are.
  Result<void> clear();

  // What a batch has changed so far; putting an earlier one back undoes the difference.
  struct Changes {
    std::int64_t accepted = 0, delivered = 0, dead = 0, pending = 0;  // differences
    std::int64_t next_delivery = 0;
    std::vector<std::int64_t> taken;     // deliveries handed out
    std::vector<std::int64_t> released;  // deliveries marked
    bool is_cleared = false;             // before all of these
  };
  [[nodiscard]] const Changes& changes() const { return changes_; }
  void put_back(Changes earlier) { changes_ = std::move(earlier); }

  // Writes the counters; the last statement of a batch.
  Result<void> write_counters();
  void committed();
  void rolled_back();

 private:
  Result<void> reopen(std::int64_t seq, TimePoint now);

  Connection& connection_;
  RouteTable& routes_;
  const std::size_t max_ready_;
  std::int64_t epoch_ = 0;
  std::int64_t next_delivery_ = 1;
  std::unordered_set<std::int64_t> in_hand_;
  Changes changes_;

  Statement insert_event_{
      connection_,
      "INSERT INTO events (id, bus, accepted, hops, json, first_delivery, deliveries, trace) "
      "VALUES (?1,?2,?3,?4,?5,?6,?7,?8) "
      "ON CONFLICT (id) DO NOTHING"};
  Statement insert_delivery_{connection_,
                             "INSERT INTO deliveries (seq, event, route, lease, attempts, due, input) "
                             "VALUES (?1,?2,?3,?4,0,?5,?6)"};
  Statement record_delivered_{connection_,
                              "INSERT INTO delivered (seq, event, route, attempts, at, input) "
                              "SELECT seq, event, route, ?2, ?3, input FROM deliveries WHERE seq = ?1"};
  Statement record_dead_{
      connection_,
      "INSERT INTO dead_letters (seq, event, route, attempts, died, error_code, error_message, "
      "exhausted_condition, input, run, send_due) "
      "SELECT seq, event, route, ?2, ?3, ?4, ?5, ?6, input, run, "
      "(SELECT ?3 FROM routes r WHERE r.id = route AND r.dead_letter_arn <> '') FROM deliveries WHERE seq = "
      "?1"};
  Statement delete_delivery_{connection_, "DELETE FROM deliveries WHERE seq = ?1"};
  Statement reschedule_{connection_,
                        "UPDATE deliveries SET lease = 0, attempts = ?2, due = ?3, last_error = ?4, redriven "
                        "= coalesce(?5, redriven) "
                        "WHERE seq = ?1"};
  Statement set_input_{connection_, "UPDATE deliveries SET input = ?2 WHERE seq = ?1"};
  // `lease = 0` must stand here word for word: it is what lets SQLite use the index of free deliveries.
  Statement find_due_{connection_,
                      "SELECT d.seq, d.route, d.attempts, d.due, d.redriven, d.input, e.id, e.json, e.hops, "
                      "e.accepted, e.trace, d.run "
                      "FROM deliveries d JOIN events e ON e.seq = d.event "
                      "WHERE d.lease = 0 AND d.due <= ?1 ORDER BY d.due, d.seq LIMIT ?2"};
  Statement lease_{connection_, "UPDATE deliveries SET lease = ?2 WHERE seq = ?1"};
  Statement revive_{
      connection_,
      "INSERT INTO deliveries (seq, event, route, lease, attempts, due, redriven, last_error, input, run) "
      "SELECT seq, event, route, 0, 0, ?2, ?2, error_message, input, run FROM dead_letters WHERE seq = ?1"};
  Statement is_open_{connection_, "SELECT 1 FROM deliveries WHERE seq = ?1"};
  Statement name_run_{connection_, "UPDATE deliveries SET run = ?2 WHERE seq = ?1"};
  Statement ended_well_{
      connection_,
      "SELECT r.reshapes_input AND d.input IS NULL FROM delivered d JOIN routes r ON r.id = "
      "d.route WHERE d.seq = ?1"};
  Statement reopen_{connection_,
                    "INSERT INTO deliveries (seq, event, route, lease, attempts, due, redriven, input) "
                    "SELECT seq, event, route, 0, 0, ?2, ?2, input FROM delivered WHERE seq = ?1"};
  Statement delete_delivered_{connection_, "DELETE FROM delivered WHERE seq = ?1"};
  Statement delete_dead_{connection_, "DELETE FROM dead_letters WHERE seq = ?1"};
  // Differences, because another process may redrive between two batches of this one.
  Statement add_counters_{
      connection_,
      "UPDATE state SET accepted = accepted + ?1, delivered = delivered + ?2, dead = dead + ?3, "
      "pending = pending + ?4, next_delivery = max(next_delivery, ?5)"};
};

}  // namespace ebagent::store::sqlite
