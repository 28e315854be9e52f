#include "schedule/cron.hpp"

#include <bit>

namespace ebagent::schedule {
namespace {

using std::chrono::sys_days;
using std::chrono::year;
using std::chrono::year_month;

constexpr unsigned kSunday = 1;
constexpr unsigned kSaturday = 7;

// The lowest set bit at or above `from`; -1 when there is none.
int next_bit(std::uint64_t set, int from) {
  if (from > 63) return -1;
  set &= ~std::uint64_t{0} << from;
  return set == 0 ? -1 : std::countr_zero(set);
}

// One month's calendar in the numbering of cron.
struct Month {
  explicit Month(year_month of)
      : last_day(unsigned((of / std::chrono::last).day())),
        first_weekday(std::chrono::weekday{sys_days{of / 1}}.c_encoding() + 1) {}

  [[nodiscard]] unsigned weekday(unsigned of_day) const { return (first_weekday + of_day - 2) % 7 + 1; }
  [[nodiscard]] unsigned first(unsigned of_weekday) const { return (of_weekday + 7 - first_weekday) % 7 + 1; }
  // A Saturday moves to the Friday before and a Sunday to the Monday after, unless that leaves the month.
  [[nodiscard]] unsigned nearest_weekday(unsigned to_day) const {
    if (weekday(to_day) == kSaturday) return to_day == 1 ? to_day + 2 : to_day - 1;
    if (weekday(to_day) == kSunday) return to_day == last_day ? to_day - 2 : to_day + 1;
    return to_day;
  }

  unsigned last_day;
  unsigned first_weekday;
};

// The first named minute of a day at or after minute `from` of it; -1 when there is none.
int minute_of_day(std::uint64_t minutes, std::uint32_t hours, int from) {
  int hour = next_bit(hours, from / 60);
  int minute = hour < 0 ? -1 : next_bit(minutes, hour == from / 60 ? from % 60 : 0);
  if (hour >= 0 && minute < 0) {
    hour = next_bit(hours, hour + 1);
    minute = next_bit(minutes, 0);
  }
  return hour < 0 ? -1 : hour * 60 + minute;
}

constexpr std::uint32_t bit(unsigned n) {
  return std::uint32_t{1} << n;
}

}  // namespace

std::uint32_t CronDays::in(year_month of) const {
  const Month calendar{of};
  std::uint32_t named = of_month;
  if (last) named |= bit(calendar.last_day);
  if (last_weekday) named |= bit(calendar.nearest_weekday(calendar.last_day));
  for (int n = next_bit(nearest_weekday, 1); n > 0; n = next_bit(nearest_weekday, n + 1)) {
    if (unsigned(n) <= calendar.last_day) named |= bit(calendar.nearest_weekday(unsigned(n)));
  }
  for (unsigned weekday = kSunday; weekday <= kSaturday; ++weekday) {
    const unsigned first = calendar.first(weekday);
    if (of_week & bit(weekday)) {
      for (unsigned n = first; n <= calendar.last_day; n += 7) named |= bit(n);
    }
    if (last_of_week & bit(weekday)) named |= bit(first + (calendar.last_day - first) / 7 * 7);
    const unsigned counted = first + (nth - 1) * 7;
    if ((nth_of_week & bit(weekday)) && counted <= calendar.last_day) named |= bit(counted);
  }
  return named & std::uint32_t((std::uint64_t{2} << calendar.last_day) - 2);
}

std::optional<TimePoint> Cron::next_after(TimePoint after) const {
  const TimePoint beginning{sys_days{year{kFirstCronYear} / 1 / 1}};
  const TimePoint from = after < beginning
                             ? beginning
                             : std::chrono::floor<std::chrono::minutes>(after) + std::chrono::minutes{1};
  const sys_days from_day = std::chrono::floor<std::chrono::days>(from);
  const std::chrono::year_month_day date{from_day};
  const int from_minute = int((from - from_day) / std::chrono::minutes{1});

  // Only in the month where the search begins do days count from `date`, and only on that day hours and
  // minutes.
  const int first_year = int(date.year());
  for (int y = first_year; y <= kLastCronYear; ++y) {
    if (!years.test(std::size_t(y - kFirstCronYear))) continue;
    const int first_month = y == first_year ? int(unsigned(date.month())) : 1;
    for (int m = next_bit(months, first_month); m > 0; m = next_bit(months, m + 1)) {
      const year_month of{year{y}, std::chrono::month{unsigned(m)}};
      const bool begins_here = of == year_month{date.year(), date.month()};
      const std::uint32_t named = days.in(of);
      for (int d = next_bit(named, begins_here ? int(unsigned(date.day())) : 1); d > 0;
           d = next_bit(named, d + 1)) {
        const sys_days on{of / std::chrono::day{unsigned(d)}};
        const int minute = minute_of_day(minutes, hours, on == from_day ? from_minute : 0);
        if (minute >= 0) return TimePoint{on} + std::chrono::minutes{minute};
      }
    }
  }
  return std::nullopt;
}

}  // namespace ebagent::schedule
