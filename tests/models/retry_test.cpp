#include "models/retry.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "support/fixed_random.hpp"
#include "support/manual_clock.hpp"

namespace ebagent::models {
namespace {

using namespace std::chrono_literals;

Attempt failed(ErrorClass kind, std::optional<Duration> retry_after = {},
               std::optional<bool> should_retry = {}) {
  return boost::outcome_v2::failure(Failure{
      .kind = kind, .message = "it failed", .retry_after = retry_after, .should_retry = should_retry});
}

class RetryTest : public ::testing::Test {
 protected:
  Result<Turn> run(std::deque<Attempt> script, int attempts = 4) {
    return with_retries(attempts, request, {.clock = clock, .random = random, .sleep = sleep},
                        [&]() -> Attempt {
                          ++tries;
                          if (script.empty()) return Turn{.text = "done"};
                          Attempt next = std::move(script.front());
                          script.pop_front();
                          return next;
                        });
  }

  ebagent::testing::ManualClock clock;
  ebagent::testing::FixedRandom random;
  std::vector<Duration> sleeps;
  std::function<void(Duration)> sleep = [this](Duration duration) {
    sleeps.push_back(duration);
    clock.advance(duration);
  };
  TurnRequest request;
  int tries = 0;
};

TEST_F(RetryTest, TriesAgainWhatMayPass) {
  const auto turn =
      run({failed(ErrorClass::Throttled), failed(ErrorClass::TimedOut), failed(ErrorClass::Garbled)});

  EXPECT_EQ(turn.value().text, "done");
  EXPECT_EQ(tries, 4);
  EXPECT_EQ(sleeps.size(), 3u);
}

TEST_F(RetryTest, GivesUpAfterItsAttemptsAndSaysHowMany) {
  const auto turn = run(
      {failed(ErrorClass::Overloaded), failed(ErrorClass::Overloaded), failed(ErrorClass::Overloaded)}, 3);

  EXPECT_EQ(turn.error(), (Error{ErrorCode::Overloaded, "it failed (tried 3 times)"}));
  EXPECT_EQ(sleeps.size(), 2u);
}

TEST_F(RetryTest, DoesNotTryAgainWhatWillNotPass) {
  const auto turn = run({failed(ErrorClass::Forbidden)});

  EXPECT_EQ(turn.error(), (Error{ErrorCode::InvalidArgument, "it failed"}));
  EXPECT_EQ(tries, 1);
}

TEST_F(RetryTest, DoesAsTheServiceSaysWhateverTheClass) {
  EXPECT_EQ(run({failed(ErrorClass::Throttled, {}, false)}).error().code, ErrorCode::Overloaded);
  EXPECT_EQ(tries, 1);
  EXPECT_TRUE(run({failed(ErrorClass::Refused, {}, true)}));
  EXPECT_EQ(tries, 3);
}

TEST_F(RetryTest, WaitsAsLongAsTheServiceAsks) {
  EXPECT_TRUE(run({failed(ErrorClass::Throttled, 7'000ms), failed(ErrorClass::Throttled, 0ms)}));

  EXPECT_EQ(sleeps, (std::vector<Duration>{7'000ms}));
}

TEST_F(RetryTest, DoesNotHoldAWorkerForAWaitWithoutEnd) {
  const auto turn = run({failed(ErrorClass::Throttled, 1h)});

  EXPECT_EQ(turn.error().code, ErrorCode::Overloaded);
  EXPECT_EQ(turn.error().message, "it failed; it wants to be asked later than this turn can wait");
  EXPECT_TRUE(sleeps.empty());
}

TEST_F(RetryTest, NeverGoesBeyondTheDeadline) {
  request.deadline = clock.now() + 5s;

  const auto turn = run({failed(ErrorClass::Throttled, 4'000ms), failed(ErrorClass::Throttled, 1'000ms)});

  EXPECT_EQ(turn.error().message, "it failed (tried 2 times); there is no time left to try again");
  EXPECT_EQ(sleeps, (std::vector<Duration>{4'000ms}));
  EXPECT_LT(clock.now(), request.deadline);
}

TEST_F(RetryTest, DoesNotBeginWhenThereIsNoTimeLeft) {
  request.deadline = clock.now();

  EXPECT_EQ(run({}).error().code, ErrorCode::TimedOut);
  EXPECT_EQ(tries, 0);
}

TEST_F(RetryTest, EndsSoonWhenItIsCancelledWhileItWaits) {
  request.is_cancelled = [&] { return sleeps.size() == 2; };

  const auto turn = run({failed(ErrorClass::Throttled, 30'000ms)});

  EXPECT_EQ(turn.error().code, ErrorCode::Conflict);
  EXPECT_EQ(sleeps, (std::vector<Duration>{250ms, 250ms}));
}

TEST_F(RetryTest, SaysThatWhatWasStreamedIsVoid) {
  int restarts = 0;
  request.on_restart = [&] { ++restarts; };

  EXPECT_TRUE(run({failed(ErrorClass::Unavailable)}));
  EXPECT_TRUE(run({}));

  EXPECT_EQ(restarts, 1);
}

TEST_F(RetryTest, AContextThatIsFullIsATurnThatSaysSo) {
  EXPECT_EQ(run({failed(ErrorClass::ContextFull)}).value().end, TurnEnd::ContextFull);
  EXPECT_EQ(run({failed(ErrorClass::Filtered)}).value().end, TurnEnd::Refusal);
}

TEST_F(RetryTest, BackoffDoublesUpToItsBoundAndIsNeverTheSame) {
  const Duration bounds[] = {500ms, 1'000ms, 2'000ms, 4'000ms, 8'000ms, 16'000ms, 20'000ms, 20'000ms};

  for (int failure = 1; failure <= 8; ++failure) {
    const Duration bound = bounds[failure - 1];
    Duration least = bound;
    Duration most{0};
    for (int i = 0; i < 200; ++i) {
      const Duration wait = backoff(failure, random);
      least = std::min(least, wait);
      most = std::max(most, wait);
    }
    EXPECT_GE(least, bound / 2);
    EXPECT_LE(most, bound);
    EXPECT_GT(most - least, bound / 3);
  }
  EXPECT_LE(backoff(1'000'000, random), 20'000ms);
}

}  // namespace
}  // namespace ebagent::models
