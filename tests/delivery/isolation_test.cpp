#include <gtest/gtest.h>

#include <future>
#include <map>
#include <string>
#include <vector>

#include "delivery/deliveries.hpp"
#include "delivery/dispatcher.hpp"
#include "delivery/scripted_sender.hpp"
#include "support/fixed_random.hpp"
#include "support/manual_clock.hpp"

// A target that is slow or down delays no other.
namespace ebagent::delivery {
namespace {

using namespace std::chrono_literals;
using testing::Gate;
using testing::ScriptedSender;

constexpr auto kPatience = 20s;

std::string target(const std::string& name) {
  return "arn:aws:sqs:us-east-1:000000000000:" + name;
}

class IsolationTest : public ::testing::Test {
 protected:
  ScriptedSender& serve(ScriptedSender::Script script) {
    auto sender = std::make_shared<ScriptedSender>(std::move(script));
    ScriptedSender& served = *sender;
    senders.serve_service("sqs", std::move(sender));
    return served;
  }
  void start(DispatcherSettings settings = {}) {
    dispatcher = std::make_unique<Dispatcher>(
        *store, senders, clock, random, [](const Error&) {}, settings);
  }
  // Puts `count` deliveries, a hundred an event, on a bus of their own.
  void put(const std::string& name, int count) {
    for (int first = 0; first < count; first += 100) {
      std::vector<store::Route> routes;
      for (int i = first; i < std::min(count, first + 100); ++i) {
        store::Route route = testing::route_to(target(name), std::to_string(i - first));
        route.bus = "bus-" + name;
        route.max_age = max_age;
        routes.push_back(std::move(route));
      }
      dispatcher->take(testing::accept(*store, name + std::to_string(first), clock.now(), routes));
    }
  }

  std::unique_ptr<store::Store> store = testing::memory_store();
  ebagent::testing::ManualClock clock;
  ebagent::testing::FixedRandom random;
  SenderTable senders;
  std::chrono::seconds max_age{3'600};
  std::unique_ptr<Dispatcher> dispatcher;
};

TEST_F(IsolationTest, OneDeliveryDoesNotWaitBehindTenThousandOfAnotherTarget) {
  Gate gate;
  std::promise<void> arrived;
  serve([&](const store::Delivery& delivery) -> SendOutcome {
    if (delivery.route->target_arn == target("burst")) gate.pass();
    if (delivery.route->target_arn == target("single")) arrived.set_value();
    return Delivered{};
  });
  start();
  put("burst", 10'000);
  gate.wait_until_held(1);

  put("single", 1);

  EXPECT_EQ(arrived.get_future().wait_for(kPatience), std::future_status::ready);
  gate.open();
  ASSERT_TRUE(dispatcher->wait_idle(kPatience));
  EXPECT_EQ(dispatcher->counts().delivered, 10'001U);
}

TEST_F(IsolationTest, ThreeTargetsThatHangLeaveAWorkerToTheFourth) {
  Gate gate;
  std::promise<void> arrived;
  serve([&](const store::Delivery& delivery) -> SendOutcome {
    if (delivery.route->target_arn == target("works")) {
      arrived.set_value();
    } else {
      gate.pass();
    }
    return Delivered{};
  });
  start({.workers = 32});
  put("first", 100);
  gate.wait_until_held(24);
  put("second", 100);
  gate.wait_until_held(30);
  put("third", 100);
  gate.wait_until_held(31);

  put("works", 1);

  EXPECT_EQ(arrived.get_future().wait_for(kPatience), std::future_status::ready);
  gate.open();
  ASSERT_TRUE(dispatcher->wait_idle(kPatience));
}

TEST_F(IsolationTest, ATargetThatIsDownIsNotAskedByEveryDeliveryThatWaitsForIt) {
  std::atomic<bool> is_down{true};
  const auto& sender = serve([&](const store::Delivery&) -> SendOutcome {
    if (is_down) return Retry{.code = "CONNECTION_FAILURE", .message = "refused", .is_down = true};
    return Delivered{};
  });
  start({.workers = 4, .circuit = {.failures_to_open = 3, .first_pause = 1s, .longest_pause = 8s}});

  put("down", 500);
  ASSERT_TRUE(dispatcher->wait_idle(kPatience));
  const std::size_t first_attempts = sender.sent().size();
  for (int second = 0; second < 60; ++second) {
    clock.advance(1s);
    dispatcher->poll();
    ASSERT_TRUE(dispatcher->wait_idle(kPatience));
  }
  const std::size_t probes = sender.sent().size() - first_attempts;
  is_down = false;
  for (int second = 0; second < 60; ++second) {
    clock.advance(1s);
    dispatcher->poll();
    ASSERT_TRUE(dispatcher->wait_idle(kPatience));
  }

  EXPECT_LE(first_attempts, 10U);
  EXPECT_GE(probes, 3U);
  EXPECT_LE(probes, 30U);
  const AttemptCounts counts = dispatcher->counts();
  EXPECT_EQ(counts.delivered, 500U);
  EXPECT_EQ(counts.dead, 0U);
  EXPECT_EQ(counts.circuits_opened, 1U);
  EXPECT_GE(counts.postponed, 490U);
  EXPECT_EQ(sender.sent().size(), counts.delivered + counts.retried);
}

TEST_F(IsolationTest, WhatGrowsTooOldWhileItsTargetIsDownIsDeadLettered) {
  serve(
      [](const auto&) { return Retry{.code = "CONNECTION_FAILURE", .message = "refused", .is_down = true}; });
  max_age = 60s;
  start({.workers = 2, .circuit = {.failures_to_open = 2, .first_pause = 10s, .longest_pause = 10min}});

  put("down", 20);
  for (int second = 0; second <= 60; second += 5) {
    ASSERT_TRUE(dispatcher->wait_idle(kPatience));
    clock.advance(5s);
    dispatcher->poll();
  }
  ASSERT_TRUE(dispatcher->wait_idle(kPatience));

  const auto letters = store->dead_letters(100).value();
  ASSERT_EQ(letters.size(), 20U);
  std::map<int, int> by_attempts;
  for (const store::DeadLetter& letter : letters) {
    EXPECT_EQ(letter.exhausted_condition, "MaximumEventAgeInSeconds");
    ++by_attempts[letter.attempts];
  }
  EXPECT_GE(by_attempts[0], 10);  // never attempted, and not counted as if
}

}  // namespace
}  // namespace ebagent::delivery
