#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "store/sqlite/connection.hpp"
#include "store/store.hpp"

namespace ebagent::store::sqlite {

// The routes, each kept once: in the table by the digest of its content, in memory so that deliveries share
// one copy. Thread safety: known() from any thread; the rest on the writer's thread.
class RouteTable {
 public:
  explicit RouteTable(Connection& connection) : connection_(connection) {}

  // The interned route of this content when it has been committed and is in memory; null otherwise.
  std::shared_ptr<const Route> known(const Route& route);
  // Finds or inserts the route. Call remember() with it once the transaction is committed.
  Result<std::shared_ptr<const Route>> intern(Route route);
  // The route of that number, from memory or the table.
  Result<std::shared_ptr<const Route>> by_id(std::int64_t id);
  void remember(const std::shared_ptr<const Route>& route);

 private:
  // Routes are as many as targets times the changes made to them; past this the copies in memory are dropped
  // and read again when needed.
  static constexpr std::size_t kMaxInMemory = 20'000;

  Connection& connection_;
  std::mutex mutex_;  // guards by_id_ and by_digest_
  std::unordered_map<std::int64_t, std::shared_ptr<const Route>> by_id_;
  std::unordered_map<std::string, std::shared_ptr<const Route>> by_digest_;

  Statement insert_{
      connection_,
      "INSERT INTO routes (digest, bus, rule_arn, target_id, target_arn, target_json, max_attempts, "
      "max_age_seconds, dead_letter_arn, reshapes_input) VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10) "
      "ON CONFLICT (digest) DO NOTHING"};
  Statement find_{connection_, "SELECT id FROM routes WHERE digest = ?1"};
  Statement read_{
      connection_,
      "SELECT id, bus, rule_arn, target_id, target_arn, target_json, max_attempts, max_age_seconds, "
      "dead_letter_arn, reshapes_input FROM routes WHERE id = ?1"};
};

// A route from the ten columns that begin at `first`, in the order of the table without its digest.
Route route_from(const Query& row, int first);

}  // namespace ebagent::store::sqlite
