#pragma once

#include <chrono>

namespace ebagent {

// A wall-clock instant, in milliseconds since 1970-01-01T00:00:00Z.
using TimePoint = std::chrono::sys_time<std::chrono::milliseconds>;
using Duration = std::chrono::milliseconds;

// Where the time comes from. A constructor argument everywhere, so that tests own time.
// Thread safety: now() may be called from any thread.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual TimePoint now() const = 0;
};

// The machine's wall clock.
class SystemClock final : public Clock {
 public:
  [[nodiscard]] TimePoint now() const override {
    return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  }
};

}  // namespace ebagent
