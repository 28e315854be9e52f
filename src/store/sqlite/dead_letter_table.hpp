#pragma once

#include "store/sqlite/connection.hpp"
#include "store/store.hpp"

namespace ebagent::store::sqlite {

// Writes how far dead letters have come on their way to the queues that their targets name. Thread safety: used on the
// writer's thread only.
class DeadLetterTable {
 public:
  explicit DeadLetterTable(Connection& connection) : connection_(connection) {}

  Result<void> sent(const DeadLetterSent& sent) { return delete_.run(sent.seq, sent.died); }
  Result<void> postpone(const PostponeDeadLetter& postponed) {
    return postpone_.run(postponed.seq, postponed.due);
  }

 private:
  Connection& connection_;
  Statement delete_{connection_, "DELETE FROM dead_letters WHERE seq = ?1 AND died = ?2"};
  Statement postpone_{connection_,
                      "UPDATE dead_letters SET send_due = ?2 WHERE seq = ?1 AND send_due IS NOT NULL"};
};

}  // namespace ebagent::store::sqlite
