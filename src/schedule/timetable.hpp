#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <variant>

#include "ebagent/clock.hpp"
#include "ebagent/result.hpp"
#include "schedule/cron.hpp"
#include "schedule/rate.hpp"
#include "schedule/time_zone.hpp"

namespace ebagent::schedule {

// One time on a local clock.
struct At {
  LocalTime time;

  bool operator==(const At&) const = default;
};

using ZonedExpression = std::variant<At, Rate, Cron>;

// Reads `at(yyyy-mm-ddThh:mm:ss)`, `rate(value unit)` or `cron(...)` as EventBridge Scheduler does.
// Returns InvalidArgument with the reason alone.
// Source: https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
[[nodiscard]] Result<ZonedExpression> parse_zoned(std::string_view expression);

// When a schedule of EventBridge Scheduler is to fire. at() and cron() are read on the clocks of a zone: a
// time that they skip in spring does not fire, one that they show twice in autumn fires once, at the first.
// A rate counts from its start, at which it fires first. at() takes no notice of start and end.
// A plain value; safe to read from any thread.
class Timetable {
 public:
  struct Bounds {
    TimePoint start = {};               // a rate counts from here; nothing fires before it
    std::optional<TimePoint> end = {};  // nothing fires after it
  };
  Timetable(ZonedExpression expression, std::shared_ptr<const TimeZone> zone, Bounds bounds)
      : expression_(std::move(expression)), zone_(std::move(zone)), bounds_(bounds) {}

  // The first time strictly after `after`; nullopt when there is none.
  [[nodiscard]] std::optional<TimePoint> next_after(TimePoint after) const;
  // The last time that is neither before `first`, one of its times, nor after `last`.
  [[nodiscard]] TimePoint latest(TimePoint first, TimePoint last) const;

  [[nodiscard]] bool is_recurring() const { return !std::holds_alternative<At>(expression_); }

 private:
  [[nodiscard]] std::optional<TimePoint> next_of(const At& at, TimePoint after) const;
  [[nodiscard]] std::optional<TimePoint> next_of(const Rate& rate, TimePoint after) const;
  [[nodiscard]] std::optional<TimePoint> next_of(const Cron& cron, TimePoint after) const;

  ZonedExpression expression_;
  std::shared_ptr<const TimeZone> zone_;
  Bounds bounds_;
};

}  // namespace ebagent::schedule
