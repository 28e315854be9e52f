// Holds Schedule::next_after against a slow second opinion: a walk minute by minute that asks of each minute
// whether the expression names it, reading the text anew and counting days on the calendar by hand.
#include <gtest/gtest.h>

#include <cstdlib>

#include "core/time_format.hpp"
#include "schedule/schedule.hpp"
#include "support/fixed_random.hpp"

namespace ebagent::schedule {
namespace {

using std::chrono::days;
using std::chrono::minutes;

struct Civil {
  int minute, hour, day, month, weekday, year;  // weekday: 1 is Sunday
  int last_day;
};

bool is_leap(int year) {
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

// Counts up from 1970-01-01, a Thursday, without std::chrono's calendar.
class Calendar {
 public:
  explicit Calendar(long long minute_of_epoch) {
    now_ = {.minute = int(minute_of_epoch % 60),
            .hour = int(minute_of_epoch / 60 % 24),
            .day = 1,
            .month = 1,
            .weekday = 5,
            .year = 1970,
            .last_day = 31};
    for (long long day = minute_of_epoch / 1440; day > 0; --day) next_day();
  }
  const Civil& now() const { return now_; }
  void next_minute() {
    if (++now_.minute < 60) return;
    now_.minute = 0;
    if (++now_.hour < 24) return;
    now_.hour = 0;
    next_day();
  }

 private:
  void next_day() {
    now_.weekday = now_.weekday % 7 + 1;
    if (++now_.day <= now_.last_day) return;
    now_.day = 1;
    if (++now_.month > 12) {
      now_.month = 1;
      ++now_.year;
    }
    constexpr int kLengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    now_.last_day = kLengths[now_.month - 1] + (now_.month == 2 && is_leap(now_.year) ? 1 : 0);
  }
  Civil now_{};
};

std::vector<std::string> words(const std::string& text, char separator) {
  std::vector<std::string> out{""};
  for (const char c : text) {
    if (c == separator) {
      out.emplace_back();
    } else {
      out.back().push_back(c);
    }
  }
  return out;
}

bool range_names(const std::string& item, int value, int most) {
  const auto parts = words(item, '/');
  const int step = parts.size() == 2 ? std::atoi(parts[1].c_str()) : 1;
  if (parts[0] == "*") return (value - (most == 59 || most == 23 ? 0 : most == 2199 ? 1970 : 1)) % step == 0;
  const auto ends = words(parts[0], '-');
  const int from = std::atoi(ends[0].c_str());
  const int to = ends.size() == 2 ? std::atoi(ends[1].c_str()) : parts.size() == 2 ? most : from;
  return value >= from && value <= to && (value - from) % step == 0;
}

// The weekday of another day of the same month.
int weekday_of(const Civil& now, int day) {
  return ((now.weekday - 1 + day - now.day) % 7 + 7) % 7 + 1;
}

// Tries the wanted day, then one day off, then two days off, and takes the first from Monday to Friday in the
// month.
int nearest_weekday(const Civil& now, int wanted) {
  for (const int off : {0, -1, 1, -2, 2}) {
    const int day = wanted + off;
    if (day < 1 || day > now.last_day) continue;
    if (const int weekday = weekday_of(now, day); weekday != 1 && weekday != 7) return day;
  }
  return 0;
}

bool day_of_month_names(const std::string& item, const Civil& now) {
  if (item == "L") return now.day == now.last_day;
  if (item == "LW") return now.day == nearest_weekday(now, now.last_day);
  if (item.back() == 'W') {
    const int wanted = std::atoi(item.c_str());
    return wanted <= now.last_day && now.day == nearest_weekday(now, wanted);
  }
  return range_names(item, now.day, 31);
}

bool day_of_week_names(const std::string& item, const Civil& now) {
  if (item == "L") return now.weekday == 7;
  if (item.back() == 'L') return now.weekday == std::atoi(item.c_str()) && now.day + 7 > now.last_day;
  if (const auto parts = words(item, '#'); parts.size() == 2) {
    return now.weekday == std::atoi(parts[0].c_str()) && (now.day + 6) / 7 == std::atoi(parts[1].c_str());
  }
  return range_names(item, now.weekday, 7);
}

struct Oracle {
  explicit Oracle(const std::string& fields) {
    for (const auto& field : words(fields, ' ')) lists.push_back(words(field, ','));
  }
  template <class Names>
  static bool any(const std::vector<std::string>& items, Names names) {
    return std::any_of(items.begin(), items.end(), names);
  }
  bool names(const Civil& now) const {
    return any(lists[0], [&](const auto& item) { return range_names(item, now.minute, 59); }) &&
           any(lists[1], [&](const auto& item) { return range_names(item, now.hour, 23); }) &&
           any(lists[3], [&](const auto& item) { return range_names(item, now.month, 12); }) &&
           any(lists[5], [&](const auto& item) { return range_names(item, now.year, 2199); }) &&
           (lists[2][0] == "?" ||
            any(lists[2], [&](const auto& item) { return day_of_month_names(item, now); })) &&
           (lists[4][0] == "?" ||
            any(lists[4], [&](const auto& item) { return day_of_week_names(item, now); }));
  }
  std::vector<std::vector<std::string>> lists;
};

class Expressions {
 public:
  explicit Expressions(std::uint64_t seed) : random_(seed) {}

  int upto(int n) { return int(random_.next() % std::uint64_t(n)); }

  std::string fields() {
    const bool by_month_day = upto(2) == 0;
    return list(0, 59) + " " + list(0, 23) + " " + (by_month_day ? month_days() : "?") + " " +
           (upto(3) == 0 ? list(1, 12) : "*") + " " + (by_month_day ? "?" : week_days()) + " " +
           (upto(6) == 0 ? list(2020, 2030) : "*");
  }

 private:
  std::string item(int least, int most) {
    const int a = least + upto(most - least + 1);
    const int b = a + upto(most - a + 1);
    switch (upto(6)) {
      case 0:
        return "*";
      case 1:
        return "*/" + std::to_string(1 + upto(most));
      case 2:
        return std::to_string(a) + "-" + std::to_string(b);
      case 3:
        return std::to_string(a) + "-" + std::to_string(b) + "/" + std::to_string(1 + upto(6));
      case 4:
        return std::to_string(a) + "/" + std::to_string(1 + upto(most));
      default:
        return std::to_string(a);
    }
  }
  std::string list(int least, int most) {
    std::string text = item(least, most);
    for (int more = upto(3); more > 0; --more) text += "," + item(least, most);
    return text;
  }
  std::string month_days() {
    switch (upto(5)) {
      case 0:
        return "L";
      case 1:
        return "LW";
      case 2:
        return std::to_string(1 + upto(31)) + "W";
      case 3:
        return "LW," + std::to_string(1 + upto(31)) + "W," + item(1, 31);
      default:
        return list(1, 31);
    }
  }
  std::string week_days() {
    const std::string day = std::to_string(1 + upto(7));
    switch (upto(5)) {
      case 0:
        return day + "L";
      case 1:
        return day + "#" + std::to_string(1 + upto(5));
      case 2:
        return "L," + day + "L," + item(1, 7);
      default:
        return list(1, 7);
    }
  }

  testing::FixedRandom random_;
};

class CronOracle : public ::testing::TestWithParam<std::string_view> {};

constexpr int kHorizonDays = 70;  // two whole months and more, so that every month edge is crossed

TEST_P(CronOracle, AgreesWithAWalkMinuteByMinute) {
  const auto start = std::chrono::floor<minutes>(core::parse_rfc3339(GetParam()).value());
  Expressions expressions{std::uint64_t(start.time_since_epoch().count())};

  for (int n = 0; n < 15; ++n) {
    const std::string fields = expressions.fields();
    const Schedule schedule = parse("cron(" + fields + ")").value();
    const Oracle oracle{fields};
    Calendar calendar{start.time_since_epoch().count()};
    TimePoint expected_after{start};
    int checked = 0;
    for (int minute = 1; minute <= kHorizonDays * 1440 && checked < 200; ++minute) {
      calendar.next_minute();
      if (!oracle.names(calendar.now())) continue;
      const TimePoint expected = TimePoint{start} + minutes{minute};
      ASSERT_EQ(schedule.next_after(expected_after, TimePoint{}), expected)
          << fields << " after " << core::format_utc_seconds(expected_after);
      expected_after = expected;
      ++checked;
    }
    if (checked == 200) continue;
    const auto beyond = schedule.next_after(expected_after, TimePoint{});
    ASSERT_TRUE(!beyond || *beyond > TimePoint{start} + days{kHorizonDays}) << fields;
  }
}

INSTANTIATE_TEST_SUITE_P(AroundEdges, CronOracle,
                         ::testing::Values("1999-12-30T23:57:00Z", "2024-01-31T12:00:00Z",
                                           "2025-02-01T00:00:00Z", "2026-01-26T16:00:00Z",
                                           "2027-07-30T23:59:00Z", "2028-02-27T06:31:00Z",
                                           "2100-01-15T00:00:00Z"));

TEST(CronSpeed, FindsTheNextLeapDayWithoutWalkingThere) {
  const Schedule rare = parse("cron(0 0 29 2 ? *)").value();
  const Schedule never = parse("cron(0 0 30 2 ? *)").value();
  const TimePoint start = core::parse_rfc3339("2024-03-01T00:00:00Z").value();

  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 1000; ++i) {
    ASSERT_TRUE(rare.next_after(start, TimePoint{}).has_value());
    ASSERT_FALSE(never.next_after(start, TimePoint{}).has_value());
  }
  const auto took = std::chrono::steady_clock::now() - begin;

  // A walk by minutes would need minutes, not a second.
  EXPECT_LT(took, std::chrono::seconds{1});
}

}  // namespace
}  // namespace ebagent::schedule
