#include "delivery/retry_policy.hpp"

#include <algorithm>

namespace ebagent::delivery {

TimePoint RetryPolicy::expiry(const store::Delivery& delivery) {
  return delivery.accepted + delivery.waited + delivery.route->max_age;
}

// Full jitter: anything from nothing to the exponential bound, so that what failed together does not come
// back together.
std::chrono::milliseconds RetryPolicy::jittered_wait(int retries_made) const {
  auto bound = std::min(settings_.base, settings_.cap);
  for (int i = 0; i < retries_made && bound < settings_.cap; ++i) bound = std::min(bound * 2, settings_.cap);
  const auto choices = static_cast<std::uint64_t>(std::max<std::int64_t>(bound.count(), 0)) + 1;
  return std::chrono::milliseconds{static_cast<std::int64_t>(random_.next() % choices)};
}

std::variant<RetryAt, GiveUp> RetryPolicy::decide(const store::Delivery& delivery, const Retry& failure,
                                                  TimePoint now) const {
  const int retries_made = delivery.attempts;  // the attempts before this one, less the first, and this one
  if (retries_made >= delivery.route->max_attempts) return GiveUp{kAttemptsExhausted};
  auto wait = jittered_wait(retries_made);
  if (failure.retry_after) wait = std::max(wait, *failure.retry_after);
  if (wait >= expiry(delivery) - now) return GiveUp{kAgeExhausted};
  return RetryAt{now + wait};
}

bool RetryPolicy::is_too_old_to_retry(const store::Delivery& delivery, TimePoint now) {
  return delivery.attempts > 0 && now >= expiry(delivery);
}

}  // namespace ebagent::delivery
