#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "ebagent/clock.hpp"
#include "ebagent/result.hpp"
#include "schedule/posix_zone.hpp"

namespace ebagent::schedule {

// A wall-clock time without a zone: milliseconds since 1970-01-01T00:00 on that clock.
using LocalTime = std::chrono::local_time<Duration>;

// One time zone: what its clocks show at an instant, and the instant at which they show something.
// A plain value; safe to read from any thread.
// Source: https://www.rfc-editor.org/rfc/rfc8536
class TimeZone {
 public:
  // UTC.
  TimeZone() = default;
  // Reads a compiled zone file (TZif) of version 2 or later: its 64-bit transitions and, for the time after
  // them, the rule in its footer. Malformed when the bytes are no such file.
  [[nodiscard]] static Result<TimeZone> parse(std::string_view bytes);

  [[nodiscard]] std::chrono::seconds offset_at(TimePoint instant) const;
  [[nodiscard]] LocalTime to_local(TimePoint instant) const;
  // The instant at which clocks show `local`: the first when they show it twice, nullopt when they skip it.
  [[nodiscard]] std::optional<TimePoint> first_instant_of(LocalTime local) const;

 private:
  std::vector<std::int64_t> transitions_;      // seconds since 1970 at which an offset begins, ascending
  std::vector<std::chrono::seconds> offsets_;  // that begin there, one a transition
  std::chrono::seconds before_{0};             // before the first transition
  std::optional<PosixZone> after_;             // after the last one; else the last offset goes on
};

}  // namespace ebagent::schedule
