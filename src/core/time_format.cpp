#include "core/time_format.hpp"

#include <array>
#include <cstdio>

namespace ebagent::core {
namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::hh_mm_ss;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::year_month_day;

struct Fields {
  int year, month, day, hour, minute, second, millis;
};

Fields fields_of(TimePoint time) {
  const auto day = floor<days>(time);
  const year_month_day date{day};
  const hh_mm_ss<milliseconds> clock{time - day};
  return {int(date.year()),
          int(unsigned(date.month())),
          int(unsigned(date.day())),
          int(clock.hours().count()),
          int(clock.minutes().count()),
          int(clock.seconds().count()),
          int(clock.subseconds().count())};
}

// Reads exactly `width` digits at `at` and moves past them; -1 when there are not that many.
int digits(std::string_view text, std::size_t& at, std::size_t width) {
  if (text.size() < at + width) return -1;
  int value = 0;
  for (std::size_t i = 0; i < width; ++i) {
    const char c = text[at + i];
    if (c < '0' || c > '9') return -1;
    value = value * 10 + (c - '0');
  }
  at += width;
  return value;
}

bool skip(std::string_view text, std::size_t& at, std::string_view any_of) {
  if (at >= text.size() || any_of.find(text[at]) == std::string_view::npos) return false;
  ++at;
  return true;
}

int fraction_millis(std::string_view text, std::size_t& at) {
  int millis = 0;
  int scale = 100;
  const std::size_t begin = at;
  for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, scale /= 10)
    millis += (text[at] - '0') * scale;
  return at == begin ? -1 : millis;
}

}  // namespace

std::string format_utc_seconds(TimePoint time) {
  const Fields f = fields_of(time);
  std::array<char, 64> out{};
  const int size = std::snprintf(out.data(), out.size(), "%04d-%02d-%02dT%02d:%02d:%02dZ", f.year, f.month,
                                 f.day, f.hour, f.minute, f.second);
  return {out.data(), std::size_t(size)};
}

std::string format_utc_millis(TimePoint time) {
  const Fields f = fields_of(time);
  std::array<char, 64> out{};
  const int size = std::snprintf(out.data(), out.size(), "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", f.year,
                                 f.month, f.day, f.hour, f.minute, f.second, f.millis);
  return {out.data(), std::size_t(size)};
}

Result<TimePoint> parse_rfc3339(std::string_view text) {
  const auto malformed = [&] {
    return fail(ErrorCode::Malformed,
                "\"" + std::string{text} + "\" is not a time of the form 2026-01-26T16:00:00Z.");
  };
  std::size_t at = 0;
  const int year = digits(text, at, 4);
  if (year < 0 || !skip(text, at, "-")) return malformed();
  const int month = digits(text, at, 2);
  if (month < 0 || !skip(text, at, "-")) return malformed();
  const int day = digits(text, at, 2);
  if (day < 0 || !skip(text, at, "Tt ")) return malformed();
  const int hour = digits(text, at, 2);
  if (hour < 0 || hour > 23 || !skip(text, at, ":")) return malformed();
  const int minute = digits(text, at, 2);
  if (minute < 0 || minute > 59 || !skip(text, at, ":")) return malformed();
  const int second = digits(text, at, 2);
  if (second < 0 || second > 60) return malformed();
  int millis = 0;
  if (skip(text, at, ".")) millis = fraction_millis(text, at);
  if (millis < 0) return malformed();

  minutes offset{0};
  if (!skip(text, at, "Zz")) {
    const bool west = at < text.size() && text[at] == '-';
    if (!skip(text, at, "+-")) return malformed();
    const int hours = digits(text, at, 2);
    if (hours < 0 || hours > 23 || !skip(text, at, ":")) return malformed();
    const int mins = digits(text, at, 2);
    if (mins < 0 || mins > 59) return malformed();
    offset = minutes{(hours * 60 + mins) * (west ? -1 : 1)};
  }
  const year_month_day date{std::chrono::year{year}, std::chrono::month{unsigned(month)},
                            std::chrono::day{unsigned(day)}};
  if (at != text.size() || !date.ok()) return malformed();
  return TimePoint{std::chrono::sys_days{date}} + std::chrono::hours{hour} + minutes{minute} +
         std::chrono::seconds{second} + milliseconds{millis} - offset;
}

}  // namespace ebagent::core
