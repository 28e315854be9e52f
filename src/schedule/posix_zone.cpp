#include "schedule/posix_zone.hpp"

#include <string>

namespace ebagent::schedule {
namespace {

using std::chrono::seconds;

constexpr int kMaxOffsetHours = 24;
constexpr int kMaxChangeHours = 167;  // RFC 8536 widens POSIX's 24
constexpr std::int64_t kSecondsADay = 86'400;

// Reads a TZ string from its left.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  [[nodiscard]] bool at_end() const { return rest_.empty(); }
  [[nodiscard]] bool sees(char c) const { return !rest_.empty() && rest_.front() == c; }
  bool take(char c) {
    if (!sees(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  // "CET" or "<+0330>"; false when there is no such name.
  bool name() {
    const bool quoted = take('<');
    std::size_t length = 0;
    while (length < rest_.size() && (quoted ? rest_[length] != '>' : is_letter(rest_[length]))) ++length;
    if (length < 3) return false;
    rest_.remove_prefix(length);
    return !quoted || take('>');
  }

  // A whole number of at most `most`.
  std::optional<int> number(int most) {
    int value = 0;
    std::size_t length = 0;
    while (length < rest_.size() && rest_[length] >= '0' && rest_[length] <= '9') {
      value = value * 10 + (rest_[length] - '0');
      if (value > most) return std::nullopt;
      ++length;
    }
    if (length == 0) return std::nullopt;
    rest_.remove_prefix(length);
    return value;
  }

  // [+-]hh[:mm[:ss]]
  std::optional<seconds> time(int most_hours) {
    const bool negative = take('-');
    if (!negative) take('+');
    const auto hours = number(most_hours);
    if (!hours) return std::nullopt;
    seconds value = std::chrono::hours{*hours};
    for (const seconds unit : {seconds{60}, seconds{1}}) {
      if (!take(':')) break;
      const auto count = number(59);
      if (!count) return std::nullopt;
      value += *count * unit;
    }
    return negative ? -value : value;
  }

  // Mm.w.d, Jn or n, with an optional /time.
  std::optional<YearlyChange> change() {
    YearlyChange change;
    std::optional<int> last;
    if (take('M')) {
      change.kind = YearlyChange::Day::MonthWeekWeekday;
      const auto month = number(12);
      const auto week = take('.') ? number(5) : std::nullopt;
      last = take('.') ? number(6) : std::nullopt;
      if (!month || *month < 1 || !week || *week < 1 || !last) return std::nullopt;
      change.month = *month;
      change.week = *week;
      change.weekday = *last;
    } else {
      const bool julian = take('J');
      change.kind = julian ? YearlyChange::Day::JulianWithoutLeapDay : YearlyChange::Day::ZeroBasedDay;
      last = number(365);
      if (!last || (julian && *last < 1)) return std::nullopt;
      change.day = *last;
    }
    if (take('/')) {
      const auto at = time(kMaxChangeHours);
      if (!at) return std::nullopt;
      change.time = *at;
    }
    return change;
  }

 private:
  static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

  std::string_view rest_;
};

std::int64_t days_since_1970(std::chrono::year_month_day date) {
  return std::chrono::sys_days{date}.time_since_epoch().count();
}

std::optional<PosixZone> read(Reader reader) {
  PosixZone zone;
  if (!reader.name()) return std::nullopt;
  const auto west = reader.time(kMaxOffsetHours);  // POSIX counts westward
  if (!west) return std::nullopt;
  zone.standard = -*west;
  if (reader.at_end()) return zone;

  PosixZone::Daylight daylight{.offset = zone.standard + std::chrono::hours{1}, .begins = {}, .ends = {}};
  if (!reader.name()) return std::nullopt;
  if (!reader.sees(',')) {
    const auto daylight_west = reader.time(kMaxOffsetHours);
    if (!daylight_west) return std::nullopt;
    daylight.offset = -*daylight_west;
  }
  const auto begins = reader.take(',') ? reader.change() : std::nullopt;
  const auto ends = reader.take(',') ? reader.change() : std::nullopt;
  if (!begins || !ends || !reader.at_end()) return std::nullopt;
  daylight.begins = *begins;
  daylight.ends = *ends;
  zone.daylight = daylight;
  return zone;
}

}  // namespace

std::int64_t YearlyChange::in(int year) const {
  namespace chrono = std::chrono;
  const chrono::year of{year};
  std::int64_t days = days_since_1970(of / 1 / 1);
  if (kind == Day::MonthWeekWeekday) {
    const chrono::weekday wanted{static_cast<unsigned>(weekday)};
    const auto in_month = of / chrono::month{static_cast<unsigned>(month)};
    days = week == 5
               ? chrono::sys_days{in_month / wanted[chrono::last]}.time_since_epoch().count()
               : chrono::sys_days{in_month / wanted[static_cast<unsigned>(week)]}.time_since_epoch().count();
  } else if (kind == Day::JulianWithoutLeapDay) {
    constexpr int kLastOfFebruary = 59;
    days += day - 1 + (of.is_leap() && day > kLastOfFebruary ? 1 : 0);
  } else {
    days += day;
  }
  return days * kSecondsADay + time.count();
}

seconds PosixZone::offset_at(std::int64_t at) const {
  if (!daylight) return standard;
  const auto local_days =
      std::chrono::floor<std::chrono::days>(std::chrono::sys_seconds{seconds{at} + standard});
  const int year = static_cast<int>(std::chrono::year_month_day{local_days}.year());
  const std::int64_t begins = daylight->begins.in(year)-standard.count();
  const std::int64_t ends = daylight->ends.in(year)-daylight->offset.count();
  // South of the equator, and where winter is the exception, daylight time goes over the end of the year.
  const bool is_daylight = begins < ends ? begins <= at && at < ends : !(ends <= at && at < begins);
  return is_daylight ? daylight->offset : standard;
}

Result<PosixZone> parse_posix_zone(std::string_view text) {
  const auto zone = read(Reader{text});
  if (!zone)
    return fail(ErrorCode::Malformed, "The rule of a time zone cannot be read: " + std::string{text});
  return *zone;
}

}  // namespace ebagent::schedule
