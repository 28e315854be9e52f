#pragma once

#include <cstddef>

#include "store/sqlite/archive_tables.hpp"
#include "store/sqlite/connection.hpp"
#include "store/sqlite/dead_letter_table.hpp"
#include "store/sqlite/delivery_tables.hpp"
#include "store/sqlite/route_table.hpp"
#include "store/sqlite/run_control.hpp"
#include "store/sqlite/run_tables.hpp"
#include "store/sqlite/schedule_tables.hpp"
#include "store/sqlite/sweeper.hpp"
#include "store/store.hpp"

namespace ebagent::store::sqlite {

// Everything that is written through one connection: the tables and what is kept in memory about them.
// Thread safety: used on the writer's thread only, but for routes().known().
class Writes {
 public:
  Writes(Connection& connection, std::size_t max_ready)
      : connection_(connection),
        routes_(connection),
        deliveries_(connection, routes_, max_ready),
        dead_letters_(connection),
        runs_(connection),
        run_control_(connection, deliveries_, runs_),
        archives_(connection),
        schedules_(connection, deliveries_),
        sweeper_(connection) {}

  // Applies a caller's transaction inside the current SQLite transaction. May be applied again after a
  // roll-back.
  Result<Committed> apply(const Transaction& writes);
  // See Store::clear().
  Result<void> clear();

  [[nodiscard]] Connection& connection() { return connection_; }
  [[nodiscard]] RouteTable& routes() { return routes_; }
  [[nodiscard]] DeliveryTables& deliveries() { return deliveries_; }
  [[nodiscard]] RunControl& run_control() { return run_control_; }
  [[nodiscard]] ArchiveWrites& archives() { return archives_; }
  [[nodiscard]] ScheduleWrites& schedules() { return schedules_; }
  [[nodiscard]] Sweeper& sweeper() { return sweeper_; }

 private:
  Result<void> accept(const AcceptEvent& event, Committed& committed);
  Result<void> put(const CatalogRecord& record);
  Result<void> remove(const DeleteCatalog& name);

  Connection& connection_;
  RouteTable routes_;
  DeliveryTables deliveries_;
  DeadLetterTable dead_letters_;
  RunWrites runs_;
  RunControl run_control_;
  ArchiveWrites archives_;
  ScheduleWrites schedules_;
  Sweeper sweeper_;

  Statement put_catalog_{connection_,
                         "INSERT INTO catalog (kind, key, json) VALUES (?1,?2,?3) "
                         "ON CONFLICT (kind, key) DO UPDATE SET json = excluded.json"};
  Statement delete_catalog_{connection_, "DELETE FROM catalog WHERE kind = ?1 AND key = ?2"};
};

// InvalidArgument when a transaction cannot be written whatever the state of the store: an event without text
// or a delivery without an interned route.
Result<void> check(const Transaction& writes);

// Bytes a transaction keeps in memory while it waits, about.
std::size_t weight_of(const Transaction& writes);

}  // namespace ebagent::store::sqlite
