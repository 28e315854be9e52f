#include "agent/flow/gcra.hpp"

#include <algorithm>

namespace ebagent::agent::flow {
namespace {

std::int64_t micros(TimePoint time) {
  return std::chrono::microseconds{time.time_since_epoch()}.count();
}

}  // namespace

TimePoint reserve(const Throttle& throttle, Cells& cells, TimePoint now) {
  const std::int64_t between = std::chrono::microseconds{throttle.period}.count() / throttle.limit;
  const std::int64_t begins = std::max(micros(now), cells.next_us - between * throttle.burst);
  cells.next_us = std::max(begins, cells.next_us) + between;
  return TimePoint{std::chrono::ceil<Duration>(std::chrono::microseconds{begins})};
}

bool says_nothing(const Cells& cells, TimePoint now) {
  return cells.next_us <= micros(now);
}

}  // namespace ebagent::agent::flow
