#pragma once

#include <mutex>
#include <string>

#include "ebagent/clock.hpp"
#include "ebagent/result.hpp"

namespace ebagent::mcp {

// When a server may be started again. One that ended while it worked: at once the first time. Else, and when it did not start,
// not before so long after the last failure, doubling from the first wait to the last, until a call succeeds.
// Thread safety: every member may be called from any thread.
class RestartPace {
 public:
  static constexpr Duration kFirstWait{1'000};
  static constexpr Duration kLastWait{60'000};

  void did_not_start(TimePoint now, const Error& why);
  void has_ended(TimePoint now, const Error& why);
  void has_worked();

  // Success, or Unavailable with what went wrong last.
  [[nodiscard]] Result<void> may_start(TimePoint now) const;

 private:
  void wait(TimePoint now, int failures, const Error& why);

  mutable std::mutex mutex_;  // guards what follows
  int failures_ = 0;          // in a row
  TimePoint not_before_{};
  std::string why_;
};

}  // namespace ebagent::mcp
