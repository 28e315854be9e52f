#pragma once

#include <cstddef>
#include <cstdint>

#include "store/sqlite/connection.hpp"
#include "store/store.hpp"

namespace ebagent::store::sqlite {

// Removes what is old, a little at a time, so that a sweep never holds the writer up for long. The deliveries of one
// event have consecutive numbers, which the event knows, so that nothing needs an index to be found by its event.
// Thread safety: used on the writer's thread only.
class Sweeper {
 public:
  explicit Sweeper(Connection& connection) : connection_(connection) {}

  // See Store::sweep().
  Result<Sweep> step(TimePoint before, TimePoint now, Sweep from, std::size_t limit);
  // See Store::shrink().
  Result<bool> shrink();

 private:
  struct Step {
    bool is_done = true;
    std::int64_t last = 0;
    std::size_t removed = 0;
  };
  Result<Step> sweep_events(TimePoint before, std::int64_t after, std::size_t limit);
  Result<Step> sweep_runs(TimePoint before, TimePoint now, std::int64_t after, std::size_t limit);

  Connection& connection_;

  Statement find_events_{connection_,
                         "SELECT e.seq, e.accepted, e.first_delivery, e.first_delivery + e.deliveries, "
                         "EXISTS (SELECT 1 FROM deliveries d WHERE d.seq >= e.first_delivery AND d.seq < "
                         "e.first_delivery + e.deliveries) OR "
                         "EXISTS (SELECT 1 FROM dead_letters d WHERE d.seq >= e.first_delivery AND d.seq < "
                         "e.first_delivery + e.deliveries) "
                         "FROM events e WHERE e.seq > ?1 ORDER BY e.seq LIMIT ?2"};
  // A run may answer for its key longer than its event is kept.
  Statement give_event_to_runs_{connection_,
                                "UPDATE runs SET event = (SELECT json FROM events WHERE seq = ?1) "
                                "WHERE event_id = (SELECT id FROM events WHERE seq = ?1) AND event IS NULL"};
  Statement delete_delivered_{connection_, "DELETE FROM delivered WHERE seq >= ?1 AND seq < ?2"};
  Statement delete_event_{connection_, "DELETE FROM events WHERE seq = ?1"};
  Statement find_runs_{
      connection_,
      "SELECT seq, id, started, state <> 0 AND ended < ?3 AND (answers = 0 OR expires <= ?4) "
      "FROM runs WHERE seq > ?1 ORDER BY seq LIMIT ?2"};
  Statement delete_steps_{connection_, "DELETE FROM steps WHERE run_id = ?1"};
  Statement delete_run_{connection_, "DELETE FROM runs WHERE seq = ?1"};
};

}  // namespace ebagent::store::sqlite
