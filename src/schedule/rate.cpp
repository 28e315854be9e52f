#include "schedule/rate.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <utility>

namespace ebagent::schedule {
namespace {

struct Unit {
  std::string_view singular;
  std::string_view plural;
  Duration length;
};

constexpr std::array<Unit, 3> kUnits{{
    {"minute", "minutes", std::chrono::minutes{1}},
    {"hour", "hours", std::chrono::hours{1}},
    {"day", "days", std::chrono::days{1}},
}};

auto refuse(std::string reason) {
  return fail(ErrorCode::InvalidArgument, std::move(reason));
}

}  // namespace

TimePoint Rate::next_after(TimePoint after, TimePoint anchor) const {
  anchor = std::max(anchor, TimePoint{});
  if (after < anchor) return anchor + period;
  return anchor + ((after - anchor) / period + 1) * period;
}

std::optional<std::string_view> arguments_of(std::string_view name, std::string_view expression) {
  if (!expression.starts_with(name) || !expression.ends_with(')')) return std::nullopt;
  expression.remove_prefix(name.size());
  if (!expression.starts_with('(')) return std::nullopt;
  return expression.substr(1, expression.size() - 2);
}

Result<Rate> parse_rate(std::string_view text, RateWords words) {
  const auto malformed = [] {
    return refuse(
        "A rate is written as rate(5 minutes): a whole number, one space, and minutes, hours or days.");
  };
  long long count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  const auto used = std::size_t(end - text.data());
  if (error != std::errc{} || text.starts_with('-') || used >= text.size() || text[used] != ' ')
    return malformed();
  if (count < 1) return refuse("The value of a rate is at least 1.");
  const std::string_view word = text.substr(used + 1);
  const auto* const unit = std::find_if(kUnits.begin(), kUnits.end(), [&](const Unit& candidate) {
    return word == candidate.singular || word == candidate.plural;
  });
  if (unit == kUnits.end()) return malformed();
  const std::string_view wanted = count == 1 ? unit->singular : unit->plural;
  if (words == RateWords::Agreeing && word != wanted) {
    return refuse("A rate of " + std::to_string(count) + " is written with \"" + std::string{wanted} + "\".");
  }
  if (count > Duration{kLongestRate} / unit->length) {
    return refuse("A rate is at most " + std::to_string(kLongestRate.count()) + " days.");
  }
  return Rate{count * unit->length};
}

}  // namespace ebagent::schedule
