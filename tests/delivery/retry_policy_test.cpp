#include "delivery/retry_policy.hpp"

#include <gtest/gtest.h>

#include "delivery/deliveries.hpp"
#include "support/fixed_random.hpp"
#include "support/manual_clock.hpp"

namespace ebagent::delivery {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// Draws one number for ever; drawn for a range that ends with it, it makes the wait as long as the jitter
// allows.
class LongestWait final : public core::Random {
 public:
  explicit LongestWait(std::uint64_t bound) : bound_(bound) {}
  [[nodiscard]] std::uint64_t next() override { return bound_; }

 private:
  std::uint64_t bound_;
};

class RetryPolicyTest : public ::testing::Test {
 protected:
  store::Delivery delivery(int attempts, int max_attempts = 185, seconds max_age = seconds{86'400}) {
    store::Route route = testing::route_to(testing::kAgentArn);
    route.max_attempts = max_attempts;
    route.max_age = max_age;
    store::Delivery made = testing::delivery_to(testing::kAgentArn);
    made.route = std::make_shared<const store::Route>(route);
    made.attempts = attempts;
    made.accepted = clock.now();
    return made;
  }

  ebagent::testing::ManualClock clock;
  ebagent::testing::FixedRandom random;
  const Retry failure{"TIMEOUT", "it took too long"};
};

TEST_F(RetryPolicyTest, WaitsAtMostTheBaseBeforeTheFirstRetry) {
  const RetryPolicy policy{{.base = seconds{1}, .cap = seconds{600}}, random};

  for (int i = 0; i < 1'000; ++i) {
    const auto decision = policy.decide(delivery(0), failure, clock.now());

    ASSERT_TRUE(std::holds_alternative<RetryAt>(decision));
    const auto wait = std::get<RetryAt>(decision).due - clock.now();
    EXPECT_GE(wait, milliseconds{0});
    EXPECT_LE(wait, seconds{1});
  }
}

TEST_F(RetryPolicyTest, SpreadsItsWaitsOverTheWholeRange) {
  const RetryPolicy policy{{.base = seconds{1}, .cap = seconds{600}}, random};
  int early = 0;

  for (int i = 0; i < 1'000; ++i) {
    const auto decision = policy.decide(delivery(0), failure, clock.now());
    if (std::get<RetryAt>(decision).due - clock.now() < milliseconds{500}) ++early;
  }

  EXPECT_GT(early, 400);
  EXPECT_LT(early, 600);
}

TEST_F(RetryPolicyTest, DoublesTheLongestWaitWithEveryRetry) {
  for (int retries = 0; retries < 5; ++retries) {
    LongestWait longest{std::uint64_t{1'000} << retries};
    const RetryPolicy policy{{.base = seconds{1}, .cap = seconds{600}}, longest};

    const auto decision = policy.decide(delivery(retries), failure, clock.now());

    EXPECT_EQ(std::get<RetryAt>(decision).due - clock.now(), milliseconds{std::int64_t{1'000} << retries});
  }
}

TEST_F(RetryPolicyTest, NeverWaitsLongerThanTheCap) {
  LongestWait longest{600'000};
  const RetryPolicy policy{{.base = seconds{1}, .cap = seconds{600}}, longest};

  const auto decision = policy.decide(delivery(184), failure, clock.now());

  EXPECT_EQ(std::get<RetryAt>(decision).due - clock.now(), seconds{600});
}

TEST_F(RetryPolicyTest, WaitsAsLongAsTheTargetAsksFor) {
  const RetryPolicy policy{{.base = seconds{1}, .cap = seconds{600}}, random};
  const Retry throttled{"THROTTLING", "slow down", seconds{90}};

  const auto decision = policy.decide(delivery(0), throttled, clock.now());

  EXPECT_EQ(std::get<RetryAt>(decision).due - clock.now(), seconds{90});
}

TEST_F(RetryPolicyTest, GivesUpWhenEveryRetryHasBeenMade) {
  const RetryPolicy policy{{}, random};

  EXPECT_TRUE(std::holds_alternative<RetryAt>(policy.decide(delivery(1, 2), failure, clock.now())));
  const auto decision = policy.decide(delivery(2, 2), failure, clock.now());

  ASSERT_TRUE(std::holds_alternative<GiveUp>(decision));
  EXPECT_EQ(std::get<GiveUp>(decision).exhausted_condition, "MaximumRetryAttempts");
}

TEST_F(RetryPolicyTest, GivesUpAfterTheFirstAttemptWhenNoRetriesAreWanted) {
  const RetryPolicy policy{{}, random};

  EXPECT_TRUE(std::holds_alternative<GiveUp>(policy.decide(delivery(0, 0), failure, clock.now())));
}

TEST_F(RetryPolicyTest, GivesUpWhenTheEventIsOlderThanItsMaximumAge) {
  const RetryPolicy policy{{}, random};
  const store::Delivery old = delivery(3, 185, seconds{60});
  clock.advance(seconds{60});

  const auto decision = policy.decide(old, failure, clock.now());

  ASSERT_TRUE(std::holds_alternative<GiveUp>(decision));
  EXPECT_EQ(std::get<GiveUp>(decision).exhausted_condition, "MaximumEventAgeInSeconds");
}

TEST_F(RetryPolicyTest, GivesUpWhenTheNextAttemptWouldComeAfterTheMaximumAge) {
  const RetryPolicy policy{{}, random};
  const Retry throttled{"THROTTLING", "come back in an hour", seconds{3'600}};

  const auto decision = policy.decide(delivery(0, 185, seconds{60}), throttled, clock.now());

  EXPECT_EQ(std::get<GiveUp>(decision).exhausted_condition, "MaximumEventAgeInSeconds");
}

TEST_F(RetryPolicyTest, SurvivesATargetThatAsksForTheLongestWaitThereIs) {
  const RetryPolicy policy{{}, random};
  const Retry hostile{"THROTTLING", "never", milliseconds::max()};

  EXPECT_TRUE(std::holds_alternative<GiveUp>(policy.decide(delivery(0), hostile, clock.now())));
}

TEST_F(RetryPolicyTest, CallsARetryTooOldButNeverAFirstAttempt) {
  const store::Delivery first = delivery(0, 185, seconds{60});
  const store::Delivery retry = delivery(1, 185, seconds{60});
  clock.advance(seconds{61});

  EXPECT_FALSE(RetryPolicy::is_too_old_to_retry(first, clock.now()));
  EXPECT_TRUE(RetryPolicy::is_too_old_to_retry(retry, clock.now()));
}

}  // namespace
}  // namespace ebagent::delivery
