#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "ebagent/clock.hpp"
#include "ebagent/result.hpp"
#include "schedule/cron.hpp"
#include "schedule/rate.hpp"

namespace ebagent::schedule {

// What PutRule answers to an expression that parse() refuses.
inline constexpr std::string_view kRuleExpressionRefused = "Parameter ScheduleExpression is not valid.";

// The service model's bound on ScheduleExpression, in characters.
inline constexpr std::size_t kMaxExpressionLength = 256;

// No schedule fires from here on: the last year that a cron expression can name is 2199.
inline constexpr TimePoint kEndOfSchedules{std::chrono::sys_days{std::chrono::year{2200} / 1 / 1}};

// When a rule fires: rate(5 minutes), or cron(0 9 * * ? *) in UTC.
// A plain value; safe to read from any thread.
// Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
class Schedule {
 public:
  // The first instant strictly after `after` at which the schedule fires; nullopt when it never fires again.
  // A rate counts from `anchor`, the instant at which the rule was made or enabled, and fires first one
  // period after it; a cron expression takes no notice of the anchor. An anchor before 1970 counts as
  // 1970-01-01T00:00Z.
  [[nodiscard]] std::optional<TimePoint> next_after(TimePoint after, TimePoint anchor) const;

  // The expression as it was written.
  [[nodiscard]] const std::string& expression() const { return expression_; }

 private:
  friend Result<Schedule> parse(std::string_view expression);
  Schedule(std::string expression, std::variant<Rate, Cron> when)
      : expression_(std::move(expression)), when_(std::move(when)) {}

  std::string expression_;
  std::variant<Rate, Cron> when_;
};

// Reads `rate(N unit)` or `cron(minute hour day-of-month month day-of-week year)`.
// Returns InvalidArgument with the reason alone; who answers on the AWS wire says kRuleExpressionRefused.
[[nodiscard]] Result<Schedule> parse(std::string_view expression);

}  // namespace ebagent::schedule
