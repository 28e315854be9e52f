#include "delivery/slots.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <thread>

#include "delivery/deliveries.hpp"
#include "delivery/dispatcher.hpp"
#include "delivery/ready_queue.hpp"
#include "delivery/retry_policy.hpp"
#include "delivery/scripted_sender.hpp"
#include "support/fixed_random.hpp"
#include "support/manual_clock.hpp"

namespace ebagent::delivery {
namespace {

using namespace std::chrono_literals;
using testing::delivery_to;
using testing::kAgentArn;

constexpr auto kPatience = 20s;
const AwaitSlot kOneOfA{"a", 1};

TEST(Slots, GivesAsManyAsThereAreAndThenKeepsTheOthersInTheOrderOfAcceptance) {
  Slots slots;
  auto first = delivery_to(kAgentArn, 1);
  auto second = delivery_to(kAgentArn, 2);
  EXPECT_TRUE(slots.take(first, kOneOfA));
  EXPECT_EQ(first.slot, "a");
  EXPECT_FALSE(slots.take(second, kOneOfA));

  slots.keep(delivery_to(kAgentArn, 3), kOneOfA, TimePoint{});
  slots.keep(second, kOneOfA, TimePoint{});

  EXPECT_EQ(slots.release("a", TimePoint{} + 5s).value().seq, 2);
  auto third = slots.release("a", TimePoint{} + 7s);
  ASSERT_TRUE(third);
  EXPECT_EQ(third->seq, 3);
  EXPECT_EQ(third->slot, "a");
  EXPECT_EQ(third->waited, 7s);
  EXPECT_FALSE(slots.release("a", TimePoint{}));
  EXPECT_TRUE(slots.take(second, kOneOfA)) << "nobody holds it any more";
}

TEST(Slots, KeysDoNotWaitForEachOther) {
  Slots slots;
  auto first = delivery_to(kAgentArn, 1);
  auto second = delivery_to(kAgentArn, 2);

  EXPECT_TRUE(slots.take(first, kOneOfA));
  EXPECT_TRUE(slots.take(second, {"b", 1}));
}

TEST(ReadyQueue, DeliveriesThatWaitForASlotCountToItsBounds) {
  ReadyQueue queue{{.max_deliveries = 4, .max_bytes = 1'000, .max_running_per_target = 8}};
  std::vector<store::Delivery> popped;
  for (std::int64_t seq = 1; seq <= 4; ++seq) {
    auto delivery = delivery_to(kAgentArn, seq);
    ASSERT_TRUE(queue.push(delivery));
    popped.push_back(queue.pop().value());
  }

  EXPECT_EQ(queue.await_slot(popped[0], kOneOfA, TimePoint{}), ReadyQueue::Slot::Given);
  EXPECT_EQ(queue.await_slot(popped[1], kOneOfA, TimePoint{}), ReadyQueue::Slot::Awaited);
  EXPECT_EQ(queue.await_slot(popped[2], kOneOfA, TimePoint{}), ReadyQueue::Slot::Awaited);
  EXPECT_EQ(queue.await_slot(popped[3], kOneOfA, TimePoint{}), ReadyQueue::Slot::NoRoom)
      << "one target fills half of the queue";
  EXPECT_EQ(queue.size(), 2U);
  EXPECT_EQ(queue.waiting(), 0U);
  for (int i = 0; i < 4; ++i) queue.finish(kAgentArn);
  EXPECT_FALSE(queue.has_turn());

  queue.release_slot("a", TimePoint{});

  EXPECT_EQ(queue.pop().value().seq, 2);
  EXPECT_EQ(queue.clear().size(), 1U);
  EXPECT_EQ(queue.size(), 0U);
}

TEST(RetryPolicy, WhatADeliveryWaitedForItsTurnDoesNotMakeItOlder) {
  auto delivery = delivery_to(kAgentArn);
  delivery.attempts = 1;
  const TimePoint old = delivery.accepted + delivery.route->max_age;
  EXPECT_TRUE(RetryPolicy::is_too_old_to_retry(delivery, old));

  delivery.waited = 1h;

  EXPECT_FALSE(RetryPolicy::is_too_old_to_retry(delivery, old));
}

class DispatcherSlotsTest : public ::testing::Test {
 protected:
  // Serves with `limit` slots a key; the key is the event's text.
  void serve(std::size_t limit, testing::ScriptedSender::Script script) {
    senders.serve_service(
        "lambda", std::make_shared<testing::ScriptedSender>(
                      [limit, script = std::move(script)](const store::Delivery& delivery) -> SendOutcome {
                        if (delivery.slot.empty()) return AwaitSlot{"key", limit};
                        return script(delivery);
                      }));
  }
  void start(std::size_t workers = 4) {
    dispatcher = std::make_unique<Dispatcher>(
        *store, senders, clock, random, [](const Error&) {}, DispatcherSettings{.workers = workers});
  }
  void put(const std::string& id) {
    dispatcher->take(testing::accept(*store, id, clock.now(), {testing::route_to(kAgentArn)}));
  }

  std::unique_ptr<store::Store> store = testing::memory_store();
  ebagent::testing::ManualClock clock;
  ebagent::testing::FixedRandom random;
  SenderTable senders;
  std::unique_ptr<Dispatcher> dispatcher;
};

TEST_F(DispatcherSlotsTest, NoMoreAttemptsThanSlotsAreUnderWayAndAllAreMade) {
  std::atomic<int> running{0}, most{0}, done{0};
  serve(2, [&](const store::Delivery&) -> SendOutcome {
    const int now = ++running;
    int seen = most.load();
    while (now > seen && !most.compare_exchange_weak(seen, now)) {
    }
    std::this_thread::yield();
    --running;
    ++done;
    return Delivered{};
  });
  start(8);

  for (int i = 0; i < 200; ++i) put("event-" + std::to_string(i));

  ASSERT_TRUE(dispatcher->wait_idle(kPatience));
  EXPECT_EQ(done, 200);
  EXPECT_LE(most, 2);
  EXPECT_EQ(store->counts().value().delivered, 200);
}

TEST_F(DispatcherSlotsTest, TheyComeInTheOrderOfAcceptance) {
  testing::Gate gate;
  std::mutex mutex;
  std::vector<std::string> order;
  serve(1, [&](const store::Delivery& delivery) -> SendOutcome {
    if (delivery.event_id == "event-0") gate.pass();
    const std::scoped_lock lock{mutex};
    order.push_back(delivery.event_id);
    return Delivered{};
  });
  start(4);
  put("event-0");
  gate.wait_until_held(1);
  for (int i = 1; i < 6; ++i) put("event-" + std::to_string(i));
  while (dispatcher->awaiting_slots() < 5) std::this_thread::yield();

  gate.open();

  ASSERT_TRUE(dispatcher->wait_idle(kPatience));
  EXPECT_EQ(order,
            (std::vector<std::string>{"event-0", "event-1", "event-2", "event-3", "event-4", "event-5"}));
}

TEST_F(DispatcherSlotsTest, WhoWaitsForASlotHoldsNoWorker) {
  testing::Gate gate;
  std::atomic<int> others{0};
  serve(1, [&](const store::Delivery&) -> SendOutcome {
    gate.pass();
    return Delivered{};
  });
  senders.serve_service("sqs", std::make_shared<testing::ScriptedSender>([&](const auto&) -> SendOutcome {
                          ++others;
                          return Delivered{};
                        }));
  start(4);
  for (int i = 0; i < 50; ++i) put("event-" + std::to_string(i));
  gate.wait_until_held(1);

  dispatcher->take(testing::accept(*store, "other", clock.now(),
                                   {testing::route_to("arn:aws:sqs:us-east-1:000000000000:queue")}));

  const auto until = std::chrono::steady_clock::now() + kPatience;
  while (others == 0 && std::chrono::steady_clock::now() < until) std::this_thread::yield();
  EXPECT_EQ(others, 1);
  gate.open();
  EXPECT_TRUE(dispatcher->wait_idle(kPatience));
}

TEST_F(DispatcherSlotsTest, StoppingGivesWhatWaitsForASlotBackToTheStore) {
  testing::Gate gate;
  serve(1, [&](const store::Delivery&) -> SendOutcome {
    gate.pass();
    return Delivered{};
  });
  start(4);
  put("event-0");
  gate.wait_until_held(1);
  put("event-1");
  put("event-2");
  while (dispatcher->awaiting_slots() < 2) std::this_thread::yield();

  EXPECT_FALSE(dispatcher->stop(1ms)) << "one attempt runs";
  gate.open();
  dispatcher.reset();

  EXPECT_EQ(store->counts().value().delivered, 1);
  EXPECT_EQ(store->lease_due(clock.now(), 10).value().size(), 2U);
}

TEST_F(DispatcherSlotsTest, ASlotIsFreeAgainAfterAFailureAndWhatWaitedIsNotOlder) {
  testing::Gate gate;
  serve(1, [&](const store::Delivery& delivery) -> SendOutcome {
    if (delivery.event_id == "event-0") gate.pass();
    return Retry{"TIMEOUT", "no answer", 1s};
  });
  start(8);
  put("event-0");
  gate.wait_until_held(1);
  put("event-1");
  while (dispatcher->awaiting_slots() == 0) std::this_thread::yield();
  clock.advance(1h);
  gate.open();
  ASSERT_TRUE(dispatcher->wait_idle(kPatience));

  clock.advance(1h);
  const auto again = store->lease_due(clock.now(), 10).value();

  ASSERT_EQ(again.size(), 2U);
  for (const auto& delivery : again) EXPECT_EQ(delivery.attempts, 1);
  const auto& waited = again[0].event_id == "event-1" ? again[0] : again[1];
  const auto& other = again[0].event_id == "event-1" ? again[1] : again[0];
  EXPECT_EQ(waited.accepted - other.accepted, 1h);
}

TEST_F(DispatcherSlotsTest, APostponedDeliveryWhoseAgeStopsOutlivesItsMaximumAge) {
  std::atomic<int> asked{0};
  const TimePoint turn = clock.now() + 48h;
  senders.serve_service("lambda", std::make_shared<testing::ScriptedSender>([&](const auto&) -> SendOutcome {
                          if (++asked == 1) return Retry{"TIMEOUT", "no answer", 1s};
                          if (asked == 2) return Postpone{turn, "THROTTLING", "not yet", /*stops_age=*/true};
                          return Delivered{};
                        }));
  start();
  put("event-0");
  ASSERT_TRUE(dispatcher->wait_idle(kPatience));
  clock.advance(1h);
  dispatcher->poll();
  ASSERT_TRUE(dispatcher->wait_idle(kPatience));

  clock.set(turn);
  dispatcher->poll();

  ASSERT_TRUE(dispatcher->wait_idle(kPatience));
  EXPECT_EQ(dispatcher->counts(), (AttemptCounts{.delivered = 1, .retried = 1, .postponed = 1}));
}

}  // namespace
}  // namespace ebagent::delivery
