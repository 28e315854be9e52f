#include "schedule/schedule.hpp"

#include <utility>

namespace ebagent::schedule {
namespace {

auto refuse(std::string reason) {
  return fail(ErrorCode::InvalidArgument, std::move(reason));
}

}  // namespace

std::optional<TimePoint> Schedule::next_after(TimePoint after, TimePoint anchor) const {
  if (after >= kEndOfSchedules || anchor >= kEndOfSchedules) return std::nullopt;
  if (const auto* cron = std::get_if<Cron>(&when_)) return cron->next_after(after);
  const auto next = std::get<Rate>(when_).next_after(after, anchor);
  return next < kEndOfSchedules ? std::optional{next} : std::nullopt;
}

Result<Schedule> parse(std::string_view expression) {
  if (expression.size() > kMaxExpressionLength) {
    return refuse("A schedule expression has at most " + std::to_string(kMaxExpressionLength) +
                  " characters.");
  }
  if (const auto text = arguments_of("rate", expression)) {
    BOOST_OUTCOME_TRY(auto rate, parse_rate(*text, RateWords::Agreeing));
    return Schedule{std::string{expression}, rate};
  }
  if (const auto text = arguments_of("cron", expression)) {
    BOOST_OUTCOME_TRY(auto cron, parse_cron(*text));
    return Schedule{std::string{expression}, std::move(cron)};
  }
  return refuse("A schedule expression is rate(...) or cron(...).");
}

}  // namespace ebagent::schedule
