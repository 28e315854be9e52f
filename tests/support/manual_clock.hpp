#pragma once

#include <atomic>
#include <chrono>

#include "ebagent/clock.hpp"

namespace ebagent::testing {

// A clock that stands still until the test moves it. Safe to read from any thread.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(TimePoint start = TimePoint{std::chrono::sys_days{std::chrono::year{2026} / 1 / 26}} +
                                         std::chrono::hours{16})
      : now_ms_(start.time_since_epoch().count()) {}

  [[nodiscard]] TimePoint now() const override { return TimePoint{Duration{now_ms_.load()}}; }
  void advance(Duration by) { now_ms_ += by.count(); }
  void set(TimePoint to) { now_ms_ = to.time_since_epoch().count(); }

 private:
  std::atomic<Duration::rep> now_ms_;
};

}  // namespace ebagent::testing
