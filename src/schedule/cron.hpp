#pragma once

#include <bitset>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "ebagent/clock.hpp"
#include "ebagent/result.hpp"

namespace ebagent::schedule {

inline constexpr int kFirstCronYear = 1970;
inline constexpr int kLastCronYear = 2199;

// Which days of a month a cron expression names; it asks for days of the month or for days of the week, never
// both. In every set bit n stands for day n: 1 to 31, or 1 (Sunday) to 7 (Saturday). A day is named when any
// member names it.
struct CronDays {
  std::uint32_t of_month = 0;         // 15, 1-7, */2
  std::uint32_t nearest_weekday = 0;  // 15W: the day from Monday to Friday nearest to it in the same month
  bool last = false;                  // L
  bool last_weekday = false;          // LW: the last day from Monday to Friday
  std::uint32_t of_week = 0;          // 2-6
  std::uint32_t last_of_week = 0;     // 6L: the last Friday
  std::uint32_t nth_of_week = 0;      // 6#3: the third Friday; the day here, its count in `nth`
  unsigned nth = 0;                   // 1 to 5

  // The days of this month that are named, bit n for day n.
  [[nodiscard]] std::uint32_t in(std::chrono::year_month month) const;

  bool operator==(const CronDays&) const = default;
};

// A cron expression of six fields, in UTC, precise to the minute. Bit n of a set stands for the value n.
struct Cron {
  std::uint64_t minutes = 0;
  std::uint32_t hours = 0;
  CronDays days;
  std::uint32_t months = 0;
  std::bitset<kLastCronYear - kFirstCronYear + 1> years;  // bit 0 is kFirstCronYear

  // The first named minute strictly after `after`; nullopt when there is none up to the end of kLastCronYear.
  // Costs a few bit operations a month looked at, so at most some 2,760 months for an expression that never
  // fires.
  [[nodiscard]] std::optional<TimePoint> next_after(TimePoint after) const;

  bool operator==(const Cron&) const = default;
};

// Reads the six fields that stand between the parentheses of cron(...). Returns InvalidArgument with the
// reason. Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cron-expressions.html
[[nodiscard]] Result<Cron> parse_cron(std::string_view fields);

}  // namespace ebagent::schedule
