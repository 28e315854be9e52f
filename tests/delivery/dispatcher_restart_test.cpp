#include <gtest/gtest.h>

#include <future>

#include "delivery/deliveries.hpp"
#include "delivery/dispatcher.hpp"
#include "delivery/scripted_sender.hpp"
#include "support/fixed_random.hpp"
#include "support/manual_clock.hpp"
#include "support/temporary_folder.hpp"

namespace ebagent::delivery {
namespace {

using namespace std::chrono_literals;
using testing::Gate;
using testing::ScriptedSender;

constexpr auto kPatience = 20s;

class DispatcherRestartTest : public ::testing::Test {
 protected:
  std::unique_ptr<Dispatcher> dispatcher_on(store::Store& store, std::size_t workers = 8) {
    return std::make_unique<Dispatcher>(
        store, senders, clock, random, [](const Error& error) { ADD_FAILURE() << error.message; },
        DispatcherSettings{.workers = workers});
  }
  ScriptedSender& serve(ScriptedSender::Script script) {
    auto sender = std::make_shared<ScriptedSender>(std::move(script));
    ScriptedSender& served = *sender;
    senders.serve_service("lambda", std::move(sender));
    return served;
  }

  ebagent::testing::ManualClock clock;
  ebagent::testing::FixedRandom random;
  SenderTable senders;
};

TEST_F(DispatcherRestartTest, AttemptsAgainWhatAnEarlierProcessLeftPending) {
  const ebagent::testing::TemporaryFolder folder;
  auto before = store::sqlite::open(folder.path()).value();
  for (int i = 0; i < 5; ++i) {
    testing::accept(*before, "event-" + std::to_string(i), clock.now(),
                    {testing::route_to(testing::kAgentArn)});
  }
  before.reset();  // the process ends with all of them leased
  const auto& target = serve([](const auto&) { return Delivered{}; });

  const auto after = store::sqlite::open(folder.path()).value();
  const auto dispatcher = dispatcher_on(*after);
  dispatcher->poll();

  ASSERT_TRUE(dispatcher->wait_idle(kPatience));
  EXPECT_EQ(target.sent().size(), 5U);
  EXPECT_EQ(after->counts().value().delivered, 5);
}

TEST_F(DispatcherRestartTest, CountsTheAttemptsOfAnEarlierDispatcher) {
  const auto store = testing::memory_store();
  const auto& target = serve([](const auto&) { return Retry{"TIMEOUT", "no answer"}; });
  store::Route route = testing::route_to(testing::kAgentArn);
  route.max_attempts = 1;
  auto first = dispatcher_on(*store);
  first->take(testing::accept(*store, "event-1", clock.now(), {route}));
  ASSERT_TRUE(first->wait_idle(kPatience));
  ASSERT_TRUE(first->stop(kPatience));
  first.reset();
  clock.advance(1h);

  const auto second = dispatcher_on(*store);
  second->poll();

  ASSERT_TRUE(second->wait_idle(kPatience));
  EXPECT_EQ(target.sent().size(), 2U);
  EXPECT_EQ(store->dead_letters(1).value().at(0).attempts, 2);
}

TEST_F(DispatcherRestartTest, FinishesWhatRunsAndGivesBackWhatWaitsWhenItStops) {
  const auto store = testing::memory_store();
  Gate gate;
  const auto& target = serve([&](const auto&) -> SendOutcome {
    gate.pass();
    return Delivered{};
  });
  auto first = dispatcher_on(*store, 1);
  for (int i = 0; i < 3; ++i) {
    first->take(testing::accept(*store, "event-" + std::to_string(i), clock.now(),
                                {testing::route_to(testing::kAgentArn)}));
  }
  gate.wait_until_held(1);

  EXPECT_FALSE(first->stop(10ms));
  gate.open();
  EXPECT_TRUE(first->stop(kPatience));
  EXPECT_EQ(target.sent().size(), 1U);
  EXPECT_EQ(store->counts().value().delivered, 1);
  EXPECT_EQ(store->counts().value().pending, 2);
  first.reset();

  const auto second = dispatcher_on(*store);
  second->poll();
  ASSERT_TRUE(second->wait_idle(kPatience));
  EXPECT_EQ(target.sent().size(), 3U);
}

TEST_F(DispatcherRestartTest, GivesARetryThatCameTooLateNoFurtherAttempt) {
  const auto store = testing::memory_store();
  const auto& target = serve([](const auto&) { return Retry{"TIMEOUT", "no answer"}; });
  store::Route route = testing::route_to(testing::kAgentArn);
  route.max_age = 60s;
  auto first = dispatcher_on(*store);
  first->take(testing::accept(*store, "event-1", clock.now(), {route}));
  ASSERT_TRUE(first->wait_idle(kPatience));
  ASSERT_TRUE(first->stop(kPatience));
  first.reset();
  clock.advance(1h);  // nothing ran

  const auto second = dispatcher_on(*store);
  second->poll();

  ASSERT_TRUE(second->wait_idle(kPatience));
  EXPECT_EQ(target.sent().size(), 1U);
  EXPECT_EQ(store->dead_letters(1).value().at(0).exhausted_condition, "MaximumEventAgeInSeconds");
  EXPECT_EQ(store->dead_letters(1).value().at(0).attempts, 1);
}

}  // namespace
}  // namespace ebagent::delivery
