#include "delivery/circuit.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/manual_clock.hpp"

namespace ebagent::delivery {
namespace {

using namespace std::chrono_literals;

const std::string kTarget = "arn:aws:sqs:us-east-1:000000000000:q";

Retry down(std::optional<std::chrono::milliseconds> retry_after = {}) {
  return {.code = "TIMEOUT", .message = "no answer", .retry_after = retry_after, .is_down = true};
}

class CircuitTest : public ::testing::Test {
 protected:
  // Makes an attempt with this outcome; false when the circuit forbids it.
  bool attempt(const SendOutcome& outcome) {
    if (circuits.admit(kTarget, clock.now())) return false;
    circuits.record(kTarget, outcome, clock.now());
    return true;
  }
  void open() {
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(attempt(down()));
  }

  ebagent::testing::ManualClock clock;
  std::vector<CircuitChange> changes;
  Circuits circuits{{.failures_to_open = 3, .first_pause = 1s, .longest_pause = 4s},
                    [this](const CircuitChange& change) { changes.push_back(change); }};
};

TEST_F(CircuitTest, OpensAfterFailuresInARow) {
  EXPECT_TRUE(attempt(down()));
  EXPECT_TRUE(attempt(down()));
  EXPECT_TRUE(attempt(Delivered{}));
  open();

  const auto forbidden = circuits.admit(kTarget, clock.now());

  ASSERT_TRUE(forbidden);
  EXPECT_EQ(forbidden->until, clock.now() + 1s);
  EXPECT_EQ(forbidden->code, "TIMEOUT");
  EXPECT_FALSE(circuits.admit("another", clock.now()));
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_TRUE(changes[0].is_open);
  EXPECT_EQ(changes[0].reason, "TIMEOUT: no answer");
  EXPECT_EQ(circuits.opened(), 1U);
}

TEST_F(CircuitTest, StaysClosedWhileTheTargetAnswersWhateverThatIs) {
  for (int i = 0; i < 20; ++i) {
    EXPECT_TRUE(attempt(down()));
    EXPECT_TRUE(attempt(down()));
    EXPECT_TRUE(attempt(i % 2 == 0 ? SendOutcome{Fail{"INVALID_PARAMETER", "no"}}
                                   : SendOutcome{Retry{"THROTTLING", "slow down"}}));
  }
  EXPECT_TRUE(changes.empty());
}

TEST_F(CircuitTest, LetsOneProbeThroughWhenThePauseIsOver) {
  open();
  clock.advance(1s);

  EXPECT_FALSE(circuits.admit(kTarget, clock.now()));
  const auto others = circuits.admit(kTarget, clock.now());

  ASSERT_TRUE(others);
  EXPECT_GT(others->until, clock.now());
}

TEST_F(CircuitTest, AProbeThatWasPostponedLeavesItsTurnToTheNext) {
  open();
  clock.advance(1s);
  EXPECT_TRUE(attempt(Postpone{clock.now() + 1s, "THROTTLING", "not yet"}));

  EXPECT_TRUE(attempt(down()));
  EXPECT_FALSE(attempt(down()));
}

TEST_F(CircuitTest, ClosesWhenTheProbeGetsAnAnswer) {
  open();
  clock.advance(1s);

  EXPECT_TRUE(attempt(Delivered{}));

  EXPECT_TRUE(attempt(Delivered{}));
  ASSERT_EQ(changes.size(), 2U);
  EXPECT_FALSE(changes[1].is_open);
}

TEST_F(CircuitTest, PausesTwiceAsLongEachTimeUpToABound) {
  open();
  std::vector<std::chrono::milliseconds> pauses;
  for (int i = 0; i < 4; ++i) {
    const auto until = circuits.admit(kTarget, clock.now())->until;
    pauses.push_back(until - clock.now());
    clock.set(until);
    ASSERT_TRUE(attempt(down()));
  }

  EXPECT_EQ(pauses, (std::vector<std::chrono::milliseconds>{1s, 2s, 4s, 4s}));
  EXPECT_EQ(changes.size(), 1U);
}

TEST_F(CircuitTest, PausesAsLongAsTheTargetWishes) {
  for (int i = 0; i < 3; ++i) attempt(down(90s));

  EXPECT_EQ(circuits.admit(kTarget, clock.now())->until, clock.now() + 90s);
}

TEST_F(CircuitTest, AttemptsThatWereUnderWayWhenItOpenedDoNotProlongIt) {
  open();
  for (int i = 0; i < 20; ++i) circuits.record(kTarget, down(), clock.now());

  EXPECT_EQ(circuits.admit(kTarget, clock.now())->until, clock.now() + 1s);
}

}  // namespace
}  // namespace ebagent::delivery
