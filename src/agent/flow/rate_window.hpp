#pragma once

#include "ebagent/clock.hpp"
#include "ebagent/flow_control.hpp"

namespace ebagent::agent::flow {

// The state of a rate limit's key: a period that began with the first event of it, and the runs that began in it.
struct RateWindow {
  TimePoint began{};
  int runs = 0;

  bool operator==(const RateWindow&) const = default;
};

[[nodiscard]] inline bool says_nothing(const RateLimit& limit, const RateWindow& window, TimePoint now) {
  return window.runs == 0 || now >= window.began + limit.period;
}

// True when one more run may begin, which then counts.
[[nodiscard]] inline bool admit(const RateLimit& limit, RateWindow& window, TimePoint now) {
  if (says_nothing(limit, window, now)) window = {now, 0};
  if (window.runs >= limit.limit) return false;
  ++window.runs;
  return true;
}

}  // namespace ebagent::agent::flow
