#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "ebagent/result.hpp"

namespace ebagent::schedule {

// A day of the year and a time of that day at which clocks change, in every year.
struct YearlyChange {
  enum class Day { MonthWeekWeekday, JulianWithoutLeapDay, ZeroBasedDay };
  Day kind = Day::ZeroBasedDay;
  int month = 1;    // 1-12, MonthWeekWeekday only
  int week = 1;     // 1-5, 5 is the last
  int weekday = 0;  // 0-6 from Sunday
  int day = 0;      // of the other kinds
  std::chrono::seconds time{
      std::chrono::hours{2}};  // of the local clock before the change; -167 to 167 hours

  // Seconds since 1970-01-01T00:00 on the local clock.
  [[nodiscard]] std::int64_t in(int year) const;
};

// The rule that a POSIX TZ string spells, as "CET-1CEST,M3.5.0,M10.5.0/3".
// Source: https://www.rfc-editor.org/rfc/rfc8536#section-3.3
struct PosixZone {
  std::chrono::seconds standard{0};  // what clocks are ahead of UTC
  struct Daylight {
    std::chrono::seconds offset;
    YearlyChange begins, ends;
  };
  std::optional<Daylight> daylight = {};

  [[nodiscard]] std::chrono::seconds offset_at(std::int64_t seconds_since_1970) const;
};

// Malformed when the text is no such string.
[[nodiscard]] Result<PosixZone> parse_posix_zone(std::string_view text);

}  // namespace ebagent::schedule
