#include "schedule/timetable.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "schedule/schedule.hpp"

namespace ebagent::schedule {
namespace {

using std::chrono::milliseconds;

auto refuse(std::string reason) {
  return fail(ErrorCode::InvalidArgument, std::move(reason));
}

// A number of exactly `width` digits; -1 when there is none.
int digits(std::string_view text, std::size_t at, std::size_t width) {
  int value = 0;
  for (std::size_t i = at; i < at + width; ++i) {
    if (text[i] < '0' || text[i] > '9') return -1;
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

Result<At> parse_at(std::string_view text) {
  constexpr std::string_view kForm = "yyyy-mm-ddThh:mm:ss";
  const auto malformed = [] { return refuse("A time is written as at(2030-01-31T09:00:00)."); };
  if (text.size() != kForm.size()) return malformed();
  for (const std::size_t i : {4U, 7U, 10U, 13U, 16U}) {
    if (text[i] != kForm[i]) return malformed();
  }
  const int year = digits(text, 0, 4);
  const int month = digits(text, 5, 2);
  const int day = digits(text, 8, 2);
  const int hour = digits(text, 11, 2);
  const int minute = digits(text, 14, 2);
  const int second = digits(text, 17, 2);
  if (std::min({year, month, day, hour, minute, second}) < 0) return malformed();
  const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{unsigned(month)},
                                         std::chrono::day{unsigned(day)}};
  if (!date.ok() || hour > 23 || minute > 59 || second > 59) {
    return refuse("There is no time " + std::string{text} + ".");
  }
  if (year < kFirstCronYear || year > kLastCronYear) {
    return refuse("Years are " + std::to_string(kFirstCronYear) + " to " + std::to_string(kLastCronYear) +
                  ".");
  }
  return At{LocalTime{std::chrono::local_days{date}.time_since_epoch() + std::chrono::hours{hour} +
                      std::chrono::minutes{minute} + std::chrono::seconds{second}}};
}

}  // namespace

Result<ZonedExpression> parse_zoned(std::string_view expression) {
  if (expression.size() > kMaxExpressionLength) {
    return refuse("A schedule expression has at most " + std::to_string(kMaxExpressionLength) +
                  " characters.");
  }
  if (const auto text = arguments_of("at", expression)) {
    BOOST_OUTCOME_TRY(const auto at, parse_at(*text));
    return ZonedExpression{at};
  }
  if (const auto text = arguments_of("rate", expression)) {
    BOOST_OUTCOME_TRY(const auto rate, parse_rate(*text, RateWords::Either));
    return ZonedExpression{rate};
  }
  if (const auto text = arguments_of("cron", expression)) {
    BOOST_OUTCOME_TRY(auto cron, parse_cron(*text));
    return ZonedExpression{std::move(cron)};
  }
  return refuse("A schedule expression is at(...), rate(...) or cron(...).");
}

std::optional<TimePoint> Timetable::next_after(TimePoint after) const {
  const auto next =
      std::visit([&](const auto& expression) { return next_of(expression, after); }, expression_);
  if (!next || *next >= kEndOfSchedules) return std::nullopt;
  if (is_recurring() && bounds_.end && *next > *bounds_.end) return std::nullopt;
  return next;
}

std::optional<TimePoint> Timetable::next_of(const At& at, TimePoint after) const {
  const auto instant = zone_->first_instant_of(at.time);
  return instant && *instant > after ? instant : std::nullopt;
}

std::optional<TimePoint> Timetable::next_of(const Rate& rate, TimePoint after) const {
  if (after < bounds_.start) return bounds_.start;
  if (after >= kEndOfSchedules) return std::nullopt;
  return rate.next_after(after, bounds_.start);
}

// The expression is asked for local times as if they were UTC.
std::optional<TimePoint> Timetable::next_of(const Cron& cron, TimePoint after) const {
  after = std::max(after, bounds_.start - milliseconds{1});
  if (after >= kEndOfSchedules) return std::nullopt;
  std::optional<TimePoint> local{TimePoint{zone_->to_local(after).time_since_epoch()}};
  // Clocks skip or repeat an hour or two, so no more than that many minutes are passed over here.
  while ((local = cron.next_after(*local))) {
    const auto instant = zone_->first_instant_of(LocalTime{local->time_since_epoch()});
    if (instant && *instant > after) return instant;
  }
  return std::nullopt;
}

TimePoint Timetable::latest(TimePoint first, TimePoint last) const {
  using std::chrono::days;
  using std::chrono::hours;
  using std::chrono::minutes;
  // Looks back in growing steps, so that years without firing cost no more than days.
  constexpr std::array<Duration, 5> kSteps{minutes{2}, hours{2}, days{2}, days{40}, days{400}};
  TimePoint found = first;
  for (const Duration step : kSteps) {
    if (last - step <= first) break;
    const auto next = next_after(last - step);
    if (!next || *next > last) continue;
    found = *next;
    break;
  }
  for (auto next = next_after(found); next && *next <= last; next = next_after(found)) found = *next;
  return found;
}

}  // namespace ebagent::schedule
