#include "delivery/dispatcher.hpp"

#include <gtest/gtest.h>

#include <future>
#include <stdexcept>

#include "delivery/deliveries.hpp"
#include "delivery/scripted_sender.hpp"
#include "support/faulty_store.hpp"
#include "support/fixed_random.hpp"
#include "support/manual_clock.hpp"

namespace ebagent::delivery {
namespace {

using namespace std::chrono_literals;
using testing::Gate;
using testing::ScriptedSender;

// Long enough for any machine; reached only by a test that fails.
constexpr auto kPatience = 20s;

const std::string kFirst = "arn:aws:lambda:us-east-1:000000000000:function:first";
const std::string kSecond = "arn:aws:lambda:us-east-1:000000000000:function:second";
const std::string kThird = "arn:aws:lambda:us-east-1:000000000000:function:third";

class DispatcherTest : public ::testing::Test {
 protected:
  ScriptedSender& serve(ScriptedSender::Script script) {
    auto sender = std::make_shared<ScriptedSender>(std::move(script));
    ScriptedSender& served = *sender;
    senders.serve_service("lambda", std::move(sender));
    return served;
  }
  void start(DispatcherSettings settings = {}) {
    dispatcher = std::make_unique<Dispatcher>(
        store, senders, clock, random, [this](const Error&) { ++errors; }, settings);
  }
  void put(const std::string& id, const std::vector<store::Route>& routes) {
    dispatcher->take(testing::accept(store, id, clock.now(), routes));
  }
  // Lets everything that is due happen, then moves on to when retries are due.
  void run_for(std::chrono::milliseconds time, std::chrono::milliseconds step) {
    for (auto passed = 0ms; passed < time; passed += step) {
      clock.advance(step);
      dispatcher->poll();
      ASSERT_TRUE(dispatcher->wait_idle(kPatience));
    }
  }

  ebagent::testing::FaultyStore store{testing::memory_store()};
  ebagent::testing::ManualClock clock;
  ebagent::testing::FixedRandom random;
  SenderTable senders;
  std::atomic<int> errors{0};
  std::unique_ptr<Dispatcher> dispatcher;
};

TEST_F(DispatcherTest, DeliversOnceWhatTheTargetTakes) {
  const auto& target = serve([](const auto&) { return Delivered{}; });
  start();

  put("event-1", {testing::route_to(kFirst)});

  ASSERT_TRUE(dispatcher->wait_idle(kPatience));
  EXPECT_EQ(target.sent().size(), 1U);
  EXPECT_EQ(store.counts().value().delivered, 1);
  EXPECT_EQ(store.counts().value().pending, 0);
  EXPECT_EQ(dispatcher->counts(), (AttemptCounts{.delivered = 1, .retried = 0, .dead = 0}));
}

TEST_F(DispatcherTest, APostponedDeliveryComesAgainWhenItsTurnIsAndHasMadeNoAttempt) {
  int asked = 0;
  const TimePoint turn = clock.now() + 2s;
  const auto& target = serve([&](const auto&) -> SendOutcome {
    if (++asked == 1) return Postpone{turn, "THROTTLING", "not yet"};
    return Delivered{};
  });
  start();
  put("event-1", {testing::route_to(kFirst)});
  ASSERT_TRUE(dispatcher->wait_idle(kPatience));

  run_for(1s, 1s);
  EXPECT_EQ(target.sent().size(), 1U);
  run_for(1s, 1s);

  ASSERT_EQ(target.sent().size(), 2U);
  EXPECT_EQ(target.sent()[1].attempts, 0);
  EXPECT_EQ(dispatcher->counts(), (AttemptCounts{.delivered = 1, .postponed = 1}));
}

TEST_F(DispatcherTest, ADeliveryThatIsPostponedUntilItIsTooOldIsGivenUp) {
  serve([&](const auto&) { return Postpone{clock.now() + 600s, "THROTTLING", "not yet"}; });
  start();
  store::Route route = testing::route_to(kFirst);
  route.max_age = 60s;
  put("event-1", {route});
  ASSERT_TRUE(dispatcher->wait_idle(kPatience));

  run_for(61s, 61s);

  const auto letters = store.dead_letters(10).value();
  ASSERT_EQ(letters.size(), 1U);
  EXPECT_EQ(letters[0].error_code, "THROTTLING");
  EXPECT_EQ(letters[0].exhausted_condition, "MaximumEventAgeInSeconds");
  EXPECT_EQ(letters[0].attempts, 0);
}

TEST_F(DispatcherTest, RetriesTheThreeTargetsOfOneEventIndependently) {
  std::atomic<int> second_failures{0};
  const auto& target = serve([&](const store::Delivery& delivery) -> SendOutcome {
    if (delivery.route->target_arn == kFirst) return Delivered{};
    if (delivery.route->target_arn == kSecond && second_failures++ >= 2) return Delivered{};
    return Retry{"TIMEOUT", "no answer"};
  });
  start();
  store::Route hopeless = testing::route_to(kThird, "3");
  hopeless.max_attempts = 4;

  put("event-1", {testing::route_to(kFirst, "1"), testing::route_to(kSecond, "2"), hopeless});
  run_for(1h, 10min);

  EXPECT_EQ(target.attempts_at(kFirst), 1U);
  EXPECT_EQ(target.attempts_at(kSecond), 3U);
  EXPECT_EQ(target.attempts_at(kThird), 5U);
  EXPECT_EQ(dispatcher->counts(), (AttemptCounts{.delivered = 2, .retried = 6, .dead = 1}));
  const auto letters = store.dead_letters(10).value();
  ASSERT_EQ(letters.size(), 1U);
  EXPECT_EQ(letters.front().route.target_arn, kThird);
  EXPECT_EQ(letters.front().attempts, 5);
  EXPECT_EQ(letters.front().error_code, "TIMEOUT");
  EXPECT_EQ(letters.front().error_message, "no answer");
  EXPECT_EQ(letters.front().exhausted_condition, "MaximumRetryAttempts");
}

TEST_F(DispatcherTest, DoesNotRetryBeforeTheDeliveryIsDue) {
  const auto& target = serve([](const auto&) { return Retry{"THROTTLING", "slow down", 10min}; });
  start();
  put("event-1", {testing::route_to(kFirst)});
  ASSERT_TRUE(dispatcher->wait_idle(kPatience));

  run_for(9min, 1min);
  EXPECT_EQ(target.sent().size(), 1U);

  run_for(1min, 1min);
  EXPECT_EQ(target.sent().size(), 2U);
  EXPECT_EQ(target.sent().back().attempts, 1);
}

TEST_F(DispatcherTest, DeadLettersAnEventThatGrewTooOld) {
  serve([](const auto&) { return Retry{"TIMEOUT", "no answer"}; });
  start({.retry = {.base = 30s, .cap = 30s}});
  store::Route impatient = testing::route_to(kFirst);
  impatient.max_age = 60s;

  put("event-1", {impatient});
  run_for(2min, 1s);

  const auto letters = store.dead_letters(10).value();
  ASSERT_EQ(letters.size(), 1U);
  EXPECT_EQ(letters.front().exhausted_condition, "MaximumEventAgeInSeconds");
}

TEST_F(DispatcherTest, DeadLettersAtOnceWhatCannotSucceed) {
  const auto& target = serve([](const auto&) { return Fail{"NO_PERMISSIONS", "the target refuses us"}; });
  start();

  put("event-1", {testing::route_to(kFirst)});

  ASSERT_TRUE(dispatcher->wait_idle(kPatience));
  EXPECT_EQ(target.sent().size(), 1U);
  const auto letters = store.dead_letters(10).value();
  ASSERT_EQ(letters.size(), 1U);
  EXPECT_EQ(letters.front().error_code, "NO_PERMISSIONS");
  EXPECT_EQ(letters.front().exhausted_condition, "");
}

TEST_F(DispatcherTest, DeadLettersATargetThatNobodyServes) {
  start();

  put("event-1", {testing::route_to("arn:aws:sqs:us-east-1:000000000000:jobs")});

  ASSERT_TRUE(dispatcher->wait_idle(kPatience));
  EXPECT_EQ(store.dead_letters(10).value().at(0).error_code, "NO_RESOURCE");
}

TEST_F(DispatcherTest, RetriesASenderThatThrows) {
  std::atomic<int> calls{0};
  serve([&](const auto&) -> SendOutcome {
    if (calls++ == 0) throw std::runtime_error("unexpected");
    return Delivered{};
  });
  start();

  put("event-1", {testing::route_to(kFirst)});
  ASSERT_TRUE(dispatcher->wait_idle(kPatience));
  run_for(2s, 1s);

  EXPECT_EQ(dispatcher->counts(), (AttemptCounts{.delivered = 1, .retried = 1, .dead = 0}));
}

TEST_F(DispatcherTest, NeverSendsTheWholeEventToATargetWhoseInputIsMissing) {
  const auto& target = serve([](const auto&) { return Delivered{}; });
  start();
  store::Route reshaping = testing::route_to(kFirst);
  reshaping.reshapes_input = true;

  put("event-1", {reshaping});

  ASSERT_TRUE(dispatcher->wait_idle(kPatience));
  EXPECT_TRUE(target.sent().empty());
  EXPECT_EQ(store.dead_letters(10).value().at(0).error_code, "INVALID_JSON");
}

TEST_F(DispatcherTest, WritesDownVerdictsWithoutAnAttempt) {
  const auto& target = serve([](const auto&) { return Delivered{}; });
  start();
  const auto delivery = testing::accept(store, "event-1", clock.now(), {testing::route_to(kFirst)}).front();

  dispatcher->bury({{.seq = delivery.seq,
                     .at = clock.now(),
                     .attempts = 0,
                     .error_code = "INVALID_JSON",
                     .error_message = "no JSON",
                     .exhausted_condition = {}}});

  ASSERT_TRUE(dispatcher->wait_idle(kPatience));
  EXPECT_TRUE(target.sent().empty());
  EXPECT_EQ(store.dead_letters(10).value().at(0).error_message, "no JSON");
  EXPECT_EQ(dispatcher->counts().dead, 1U);
}

TEST_F(DispatcherTest, AttemptsADeadLetterThatIsRedriven) {
  std::atomic<bool> fixed{false};
  serve([&](const auto&) -> SendOutcome {
    if (fixed) return Delivered{};
    return Fail{"NO_RESOURCE", "not there"};
  });
  start();
  put("event-1", {testing::route_to(kFirst)});
  ASSERT_TRUE(dispatcher->wait_idle(kPatience));
  fixed = true;
  clock.advance(48h);

  ASSERT_TRUE(store.redrive(store.dead_letters(1).value().at(0).seq, clock.now()));
  dispatcher->poll();

  ASSERT_TRUE(dispatcher->wait_idle(kPatience));
  EXPECT_EQ(store.counts().value().delivered, 1);
  EXPECT_EQ(store.counts().value().dead, 0);
}

TEST_F(DispatcherTest, KeepsAWorkerFreeOfATargetThatHangs) {
  Gate gate;
  std::promise<void> other_done;
  serve([&](const store::Delivery& delivery) -> SendOutcome {
    if (delivery.route->target_arn == kFirst) {
      gate.pass();
    } else {
      other_done.set_value();
    }
    return Delivered{};
  });
  start({.workers = 3});
  for (int i = 0; i < 10; ++i) put("stuck-" + std::to_string(i), {testing::route_to(kFirst)});
  gate.wait_until_held(2);

  put("event-1", {testing::route_to(kSecond)});

  EXPECT_EQ(other_done.get_future().wait_for(kPatience), std::future_status::ready);
  gate.open();
  EXPECT_TRUE(dispatcher->wait_idle(kPatience));
}

TEST_F(DispatcherTest, HasEveryWorkerAttemptWhenThoseThatDoAreWaiting) {
  Gate gate;
  const auto arn_of = [](int n) { return kFirst + std::string{"-"} + std::to_string(n); };
  constexpr int kWorkers = 16;
  for (int i = 0; i < kWorkers; ++i) {
    senders.serve_arn(arn_of(i), std::make_shared<testing::ScriptedSender>([&](const auto&) -> SendOutcome {
                        gate.pass();
                        return Delivered{};
                      }));
  }
  start({.workers = kWorkers});

  for (int i = 0; i < kWorkers; ++i) put("event-" + std::to_string(i), {testing::route_to(arn_of(i))});

  gate.wait_until_held(kWorkers);
  gate.open();
  EXPECT_TRUE(dispatcher->wait_idle(kPatience));
  EXPECT_EQ(store.counts().value().delivered, kWorkers);
}

TEST_F(DispatcherTest, PutsBackWhatDoesNotFitAndAttemptsItLater) {
  Gate gate;
  serve([&](const auto&) -> SendOutcome {
    gate.pass();
    return Delivered{};
  });
  start({.workers = 1, .max_ready = 4});
  put("event-0", {testing::route_to(kFirst)});
  gate.wait_until_held(1);
  for (int i = 1; i < 20; ++i) put("event-" + std::to_string(i), {testing::route_to(kFirst)});

  gate.open();
  run_for(2min, 5s);

  EXPECT_EQ(store.counts().value().delivered, 20);
}

TEST_F(DispatcherTest, WritesAnOutcomeThatTheStoreRefusedAsSoonAsItTakesIt) {
  serve([](const auto&) { return Delivered{}; });
  start();
  auto deliveries = testing::accept(store, "event-1", clock.now(), {testing::route_to(kFirst)});
  store.fail_commits(true);
  dispatcher->take(std::move(deliveries));
  EXPECT_FALSE(dispatcher->wait_idle(50ms));

  store.fail_commits(false);

  EXPECT_TRUE(dispatcher->wait_idle(kPatience));
  EXPECT_EQ(store.counts().value().delivered, 1);
  EXPECT_GE(errors, 1);
}

TEST_F(DispatcherTest, DeliversThousandsToManyTargets) {
  serve([](const auto&) { return Delivered{}; });
  start();
  constexpr int kEvents = 2'000;

  for (int i = 0; i < kEvents; ++i) {
    put("event-" + std::to_string(i), {testing::route_to(kFirst, "1"), testing::route_to(kSecond, "2")});
  }

  ASSERT_TRUE(dispatcher->wait_idle(kPatience));
  EXPECT_EQ(store.counts().value().delivered, 2 * kEvents);
}

}  // namespace
}  // namespace ebagent::delivery
