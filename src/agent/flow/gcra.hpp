#pragma once

#include <cstdint>

#include "ebagent/clock.hpp"
#include "ebagent/flow_control.hpp"

namespace ebagent::agent::flow {

// The state of a throttle's key: the generic cell rate algorithm keeps one time, that at which the next run would begin if runs
// began evenly. In microseconds, because a period divided by a limit is seldom whole milliseconds.
// Source: https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm
struct Cells {
  std::int64_t next_us = 0;

  bool operator==(const Cells&) const = default;
};

// When one more run may begin: `now`, or later. It has that place then, and whoever comes next gets a later one.
[[nodiscard]] TimePoint reserve(const Throttle& throttle, Cells& cells, TimePoint now);

// True when the key might as well be new.
[[nodiscard]] bool says_nothing(const Cells& cells, TimePoint now);

}  // namespace ebagent::agent::flow
