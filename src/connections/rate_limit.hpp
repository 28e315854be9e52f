#pragma once

#include <deque>
#include <optional>

#include "ebagent/clock.hpp"

namespace ebagent::connections {

// At most so many invocations in any second. Who is turned away is told when to come again, the later the more wait
// already, so that they come one after the other. Who comes for the first time stands behind those who were told to
// come again. Thread safety: none of its own.
class RateLimit {
 public:
  // More a second than this server sends is no limit; it would only take memory.
  static constexpr int kUnlimited = 10'000;

  explicit RateLimit(int per_second) : per_second_(per_second) {}
  [[nodiscard]] int per_second() const { return per_second_; }

  enum class Comes { ForTheFirstTime, Again };
  // Nothing: go ahead. Else not before then.
  [[nodiscard]] std::optional<TimePoint> admit(TimePoint now, Comes comes);

 private:
  int per_second_;
  std::deque<TimePoint> last_;  // when the invocations of the last second were admitted
  TimePoint told_{};            // the latest time that somebody was told to come again at
  int told_then_ = 0;           // how many were told that very time
};

}  // namespace ebagent::connections
