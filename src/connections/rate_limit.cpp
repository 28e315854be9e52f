#include "connections/rate_limit.hpp"

#include <algorithm>
#include <chrono>

namespace ebagent::connections {
namespace {

constexpr std::chrono::seconds kWindow{1};

}  // namespace

std::optional<TimePoint> RateLimit::admit(TimePoint now, Comes comes) {
  if (per_second_ >= kUnlimited) return std::nullopt;
  while (!last_.empty() && last_.front() + kWindow <= now) last_.pop_front();
  const auto limit = static_cast<std::size_t>(per_second_);
  const bool others_wait = comes == Comes::ForTheFirstTime && told_ > now;
  if (last_.size() < limit && !others_wait) {
    last_.push_back(now);
    return std::nullopt;
  }
  // Times have milliseconds: with more than a thousand a second several are told the same.
  const Duration step = std::max(Duration{1}, Duration{kWindow} / per_second_);
  const int per_step = std::max(1, per_second_ / 1000);
  const TimePoint earliest = last_.size() < limit ? now + step : last_.front() + kWindow;
  if (told_ < earliest) {
    told_ = earliest;
    told_then_ = 1;
  } else if (++told_then_ > per_step) {
    told_ += step;
    told_then_ = 1;
  }
  return told_;
}

}  // namespace ebagent::connections
