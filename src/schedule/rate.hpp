#pragma once

#include <optional>
#include <string_view>

#include "ebagent/clock.hpp"
#include "ebagent/result.hpp"

namespace ebagent::schedule {

// A longer rate cannot be told from a schedule that never fires, and keeps the arithmetic far from its
// limits.
inline constexpr std::chrono::days kLongestRate{36'525};

// A fixed period; a day is 24 hours whatever a time zone makes of it.
struct Rate {
  Duration period{};  // a whole number of minutes, at least one

  // The first of anchor + period, anchor + 2 periods ... strictly after `after`.
  [[nodiscard]] TimePoint next_after(TimePoint after, TimePoint anchor) const;

  bool operator==(const Rate&) const = default;
};

// Whether the unit must agree with its number: rules want "1 minute" and "5 minutes", EventBridge Scheduler
// takes either word for either.
enum class RateWords { Agreeing, Either };

// Reads what stands between the parentheses of rate(...). Returns InvalidArgument with the reason.
[[nodiscard]] Result<Rate> parse_rate(std::string_view text, RateWords words);

// The text between "name(" and ")"; nullopt when `expression` is no such call.
[[nodiscard]] std::optional<std::string_view> arguments_of(std::string_view name,
                                                           std::string_view expression);

}  // namespace ebagent::schedule
