#include <algorithm>
#include <array>
#include <charconv>
#include <span>
#include <string>
#include <vector>

#include "schedule/cron.hpp"

namespace ebagent::schedule {
namespace {

constexpr std::array<std::string_view, 12> kMonthNames{"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                                       "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
constexpr std::array<std::string_view, 7> kWeekdayNames{"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"};

struct Field {
  std::string_view name;
  int least;
  int most;
  std::span<const std::string_view> names = {};  // names of least, least + 1, ...
};

constexpr Field kMinute{"minutes", 0, 59};
constexpr Field kHour{"hours", 0, 23};
constexpr Field kDayOfMonth{"day-of-month", 1, 31};
constexpr Field kMonth{"month", 1, 12, kMonthNames};
constexpr Field kDayOfWeek{"day-of-week", 1, 7, kWeekdayNames};
constexpr Field kYear{"year", kFirstCronYear, kLastCronYear};

// Bit n stands for value least + n of the field.
using Values = std::bitset<kLastCronYear - kFirstCronYear + 1>;

auto refuse(const Field& field, std::string_view item, std::string_view reason) {
  return fail(ErrorCode::InvalidArgument, "The " + std::string{field.name} +
                                              " field of the cron expression has \"" + std::string{item} +
                                              "\": " + std::string{reason});
}

char upper(char c) {
  return c >= 'a' && c <= 'z' ? char(c - 'a' + 'A') : c;
}

bool same_word(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return upper(x) == upper(y); });
}

bool ends_with_letter(std::string_view text, char letter) {
  return !text.empty() && upper(text.back()) == letter;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

// A whole number without sign; -1 when `text` is none.
int read_number(std::string_view text) {
  int value = 0;
  if (text.empty() || text.front() == '-') return -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() ? value : -1;
}

// One value of the field, as a number or by name.
Result<int> read_value(const Field& field, std::string_view text, std::string_view item) {
  for (std::size_t i = 0; i < field.names.size(); ++i) {
    if (same_word(text, field.names[i])) return field.least + int(i);
  }
  const int value = read_number(text);
  if (value < field.least || value > field.most) {
    return refuse(field, item,
                  "values are " + std::to_string(field.least) + " to " + std::to_string(field.most) +
                      (field.names.empty() ? "."
                                           : ", " + std::string{field.names.front()} + " to " +
                                                 std::string{field.names.back()} + "."));
  }
  return value;
}

// One of *, a, a-b, each with an optional /step. A range whose end is before its start goes over the end of
// the field.
Result<Values> read_range(const Field& field, std::string_view item) {
  const std::size_t slash = item.find('/');
  const std::string_view range = item.substr(0, slash);
  int step = 1;
  if (slash != std::string_view::npos) {
    step = read_number(item.substr(slash + 1));
    if (step < 1 || step > field.most) {
      return refuse(field, item, "a step is a number from 1 to " + std::to_string(field.most) + ".");
    }
  }
  int from = field.least;
  int to = field.most;
  if (range != "*") {
    const std::size_t dash = range.find('-');
    BOOST_OUTCOME_TRY(from, read_value(field, range.substr(0, dash), item));
    if (dash != std::string_view::npos) {
      BOOST_OUTCOME_TRY(to, read_value(field, range.substr(dash + 1), item));
    } else if (slash == std::string_view::npos) {
      to = from;
    }
  }
  const int size = field.most - field.least + 1;
  if (to < from && field.least == kFirstCronYear)
    return refuse(field, item, "the range ends before it begins.");
  const int length = to < from ? to + size - from : to - from;
  Values values;
  for (int n = 0; n <= length; n += step) values.set(std::size_t((from - field.least + n) % size));
  return values;
}

Result<Values> read_list(const Field& field, std::string_view text) {
  Values values;
  for (const std::string_view item : split(text, ',')) {
    BOOST_OUTCOME_TRY(auto part, read_range(field, item));
    values |= part;
  }
  return values;
}

// The set with bit n for value n; only for fields whose values stay below 64.
std::uint64_t bits_of(const Field& field, const Values& values) {
  std::uint64_t bits = 0;
  for (int value = field.least; value <= field.most; ++value) {
    if (values.test(std::size_t(value - field.least))) bits |= std::uint64_t{1} << value;
  }
  return bits;
}

Result<void> read_day_of_month(std::string_view item, CronDays& days) {
  if (same_word(item, "L")) {
    days.last = true;
  } else if (same_word(item, "LW")) {
    days.last_weekday = true;
  } else if (ends_with_letter(item, 'W')) {
    BOOST_OUTCOME_TRY(auto day, read_value(kDayOfMonth, item.substr(0, item.size() - 1), item));
    days.nearest_weekday |= std::uint32_t{1} << day;
  } else {
    BOOST_OUTCOME_TRY(auto values, read_range(kDayOfMonth, item));
    days.of_month |= std::uint32_t(bits_of(kDayOfMonth, values));
  }
  return success();
}

Result<void> read_day_of_week(std::string_view item, CronDays& days) {
  if (same_word(item, "L")) {
    days.of_week |= std::uint32_t{1} << kDayOfWeek.most;
  } else if (ends_with_letter(item, 'L')) {
    BOOST_OUTCOME_TRY(auto day, read_value(kDayOfWeek, item.substr(0, item.size() - 1), item));
    days.last_of_week |= std::uint32_t{1} << day;
  } else {
    BOOST_OUTCOME_TRY(auto values, read_range(kDayOfWeek, item));
    days.of_week |= std::uint32_t(bits_of(kDayOfWeek, values));
  }
  return success();
}

// AWS takes only one expression with # in the field, so it is never part of a list.
Result<void> read_nth_of_week(std::string_view text, CronDays& days) {
  const std::size_t hash = text.find('#');
  BOOST_OUTCOME_TRY(auto day, read_value(kDayOfWeek, text.substr(0, hash), text));
  const int nth = read_number(text.substr(hash + 1));
  if (nth < 1 || nth > 5)
    return refuse(kDayOfWeek, text, "after # stands a number from 1 to 5, and nothing else.");
  days.nth_of_week = std::uint32_t{1} << day;
  days.nth = unsigned(nth);
  return success();
}

Result<CronDays> read_days(std::string_view of_month, std::string_view of_week) {
  CronDays days;
  if ((of_month == "?") == (of_week == "?")) {
    return fail(ErrorCode::InvalidArgument,
                "Exactly one of the day-of-month and day-of-week fields of a cron expression is \"?\".");
  }
  if (of_week == "?") {
    for (const std::string_view item : split(of_month, ',')) {
      BOOST_OUTCOME_TRYV(read_day_of_month(item, days));
    }
  } else if (of_week.find('#') != std::string_view::npos) {
    BOOST_OUTCOME_TRYV(read_nth_of_week(of_week, days));
  } else {
    for (const std::string_view item : split(of_week, ',')) {
      BOOST_OUTCOME_TRYV(read_day_of_week(item, days));
    }
  }
  return days;
}

}  // namespace

Result<Cron> parse_cron(std::string_view text) {
  std::vector<std::string_view> fields = split(text, ' ');
  // More than one space may stand between two fields, none before the first and after the last.
  if (fields.front().empty() || fields.back().empty()) fields.clear();
  std::erase_if(fields, [](std::string_view field) { return field.empty(); });
  if (fields.size() != 6) {
    return fail(ErrorCode::InvalidArgument,
                "A cron expression has six fields: minutes hours day-of-month month day-of-week year.");
  }
  BOOST_OUTCOME_TRY(auto minutes, read_list(kMinute, fields[0]));
  BOOST_OUTCOME_TRY(auto hours, read_list(kHour, fields[1]));
  BOOST_OUTCOME_TRY(auto days, read_days(fields[2], fields[4]));
  BOOST_OUTCOME_TRY(auto months, read_list(kMonth, fields[3]));
  BOOST_OUTCOME_TRY(auto years, read_list(kYear, fields[5]));
  return Cron{.minutes = bits_of(kMinute, minutes),
              .hours = std::uint32_t(bits_of(kHour, hours)),
              .days = days,
              .months = std::uint32_t(bits_of(kMonth, months)),
              .years = years};
}

}  // namespace ebagent::schedule
