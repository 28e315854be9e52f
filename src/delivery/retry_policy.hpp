#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <variant>

#include "core/ids.hpp"
#include "delivery/target_sender.hpp"
#include "ebagent/clock.hpp"
#include "store/store.hpp"

namespace ebagent::delivery {

// Why no further attempt is made, as EXHAUSTED_RETRY_CONDITION of a dead letter.
inline constexpr const char* kAttemptsExhausted = "MaximumRetryAttempts";
inline constexpr const char* kAgeExhausted = "MaximumEventAgeInSeconds";

struct RetrySettings {
  std::chrono::milliseconds base{1'000};  // longest wait before the first retry
  std::chrono::milliseconds cap{
      600'000};  // longest wait before any: 185 retries fit into the 24 h of EventBridge
};

// Attempt again at `due`.
struct RetryAt {
  TimePoint due;
};

// No more attempts.
struct GiveUp {
  std::string exhausted_condition;
};

// Decides on a delivery whose attempt has failed but may succeed later: exponential backoff with full jitter,
// within the attempts and the age that its route allows. It gives up on the age as soon as the next attempt
// would come too late. The first attempt is never decided about: it is always made, so that a redriven dead
// letter gets its chance. Source:
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-retry-policy.html Thread safety: as its
// Random.
class RetryPolicy {
 public:
  RetryPolicy(RetrySettings settings, core::Random& random) : settings_(settings), random_(random) {}

  // `delivery` as it was given out, not counting the attempt that has just failed.
  [[nodiscard]] std::variant<RetryAt, GiveUp> decide(const store::Delivery& delivery, const Retry& failure,
                                                     TimePoint now) const;

  // When the delivery's event is too old.
  [[nodiscard]] static TimePoint expiry(const store::Delivery& delivery);
  // True for a retry that comes too late, because nothing ran when it was due.
  [[nodiscard]] static bool is_too_old_to_retry(const store::Delivery& delivery, TimePoint now);

 private:
  [[nodiscard]] std::chrono::milliseconds jittered_wait(int retries_made) const;

  const RetrySettings settings_;
  core::Random& random_;
};

}  // namespace ebagent::delivery
