#include "delivery/ready_queue.hpp"

#include <gtest/gtest.h>

#include "delivery/deliveries.hpp"

namespace ebagent::delivery {
namespace {

constexpr std::size_t kNoBound = 1'000'000;

bool push(ReadyQueue& queue, const std::string& target, std::int64_t seq, std::size_t bytes = 2) {
  store::Delivery delivery = testing::delivery_to(target, seq, std::string(bytes, 'x'));
  return queue.push(delivery);
}

std::int64_t pop(ReadyQueue& queue) {
  const auto delivery = queue.pop();
  return delivery ? delivery->seq : 0;
}

TEST(ReadyQueue, GivesTheDeliveriesOfOneTargetInTheOrderOfArrival) {
  ReadyQueue queue{{kNoBound, kNoBound, 8}};
  for (std::int64_t seq = 1; seq <= 3; ++seq) push(queue, "a", seq);

  EXPECT_EQ(pop(queue), 1);
  EXPECT_EQ(pop(queue), 2);
  EXPECT_EQ(pop(queue), 3);
  EXPECT_EQ(pop(queue), 0);
}

TEST(ReadyQueue, LetsTargetsTakeTurns) {
  ReadyQueue queue{{kNoBound, kNoBound, 8}};
  for (std::int64_t seq = 1; seq <= 3; ++seq) push(queue, "busy", seq);
  push(queue, "quiet", 10);

  EXPECT_EQ(pop(queue), 1);
  EXPECT_EQ(pop(queue), 10);
  EXPECT_EQ(pop(queue), 2);
}

TEST(ReadyQueue, RunsNoMoreAttemptsOfOneTargetThanAllowed) {
  ReadyQueue queue{{kNoBound, kNoBound, 2}};
  for (std::int64_t seq = 1; seq <= 3; ++seq) push(queue, "slow", seq);
  pop(queue);
  pop(queue);

  EXPECT_FALSE(queue.has_turn());
  push(queue, "other", 10);
  EXPECT_EQ(pop(queue), 10);

  queue.finish("slow");
  EXPECT_EQ(pop(queue), 3);
}

// How many attempts the target begins when nothing ends.
std::size_t begun(ReadyQueue& queue, const std::string& target) {
  for (std::int64_t seq = 1; seq <= 100; ++seq) push(queue, target, seq);
  std::size_t count = 0;
  while (queue.pop()) ++count;
  return count;
}

TEST(ReadyQueue, LeavesWorkersToOthersHoweverManyTargetsHang) {
  ReadyQueue queue{{kNoBound, kNoBound, 31, 32}};

  EXPECT_EQ(begun(queue, "first"), 24U);
  EXPECT_EQ(begun(queue, "second"), 6U);
  EXPECT_EQ(begun(queue, "third"), 1U);
  push(queue, "fourth", 1);
  EXPECT_EQ(pop(queue), 1);
}

TEST(ReadyQueue, ALaneThatWasHeldGoesOnWhenOthersEnd) {
  ReadyQueue queue{{kNoBound, kNoBound, 31, 32}};
  begun(queue, "first");
  begun(queue, "second");
  ASSERT_FALSE(queue.has_turn());

  for (int i = 0; i < 24; ++i) queue.finish("first");

  std::size_t second = 0;
  while (const auto next = queue.pop()) second += next->route->target_arn == "second" ? 1 : 0;
  EXPECT_GE(second, 6U);
}

TEST(ReadyQueue, OneTargetAloneWithFewWorkersIsNeverStuck) {
  for (std::size_t workers = 1; workers <= 4; ++workers) {
    ReadyQueue queue{{kNoBound, kNoBound, workers, workers}};
    for (std::int64_t seq = 1; seq <= 50; ++seq) push(queue, "only", seq);
    for (std::int64_t seq = 1; seq <= 50; ++seq) {
      ASSERT_EQ(pop(queue), seq) << workers << " workers";
      queue.finish("only");
    }
  }
}

TEST(ReadyQueue, RefusesWhatIsOverItsBoundAndLeavesItAsItWas) {
  ReadyQueue queue{{4, kNoBound, 8}};
  for (const char* target : {"a", "b", "c", "d"}) push(queue, target, 1);
  store::Delivery delivery = testing::delivery_to("e", 5, "text");

  EXPECT_FALSE(queue.push(delivery));
  EXPECT_EQ(*delivery.event, "text");
  EXPECT_EQ(queue.room(), 0U);
}

TEST(ReadyQueue, LeavesHalfOfItsRoomToOtherTargets) {
  ReadyQueue queue{{4, kNoBound, 8}};

  EXPECT_TRUE(push(queue, "greedy", 1));
  EXPECT_TRUE(push(queue, "greedy", 2));
  EXPECT_FALSE(push(queue, "greedy", 3));
  EXPECT_TRUE(push(queue, "other", 4));
}

TEST(ReadyQueue, CountsTheBytesOfItsDeliveries) {
  ReadyQueue queue{{kNoBound, 1'000, 8}};

  EXPECT_TRUE(push(queue, "a", 1, 400));
  EXPECT_FALSE(push(queue, "a", 2, 200));
  EXPECT_TRUE(push(queue, "b", 3, 500));
  EXPECT_FALSE(push(queue, "c", 4, 200));

  pop(queue);
  EXPECT_TRUE(push(queue, "c", 4, 200));
}

TEST(ReadyQueue, TakesADeliveryThatIsLargerThanItselfWhenItIsEmpty) {
  ReadyQueue queue{{kNoBound, 10, 8}};

  EXPECT_TRUE(push(queue, "a", 1, 1'000));
  EXPECT_EQ(queue.room(), 0U);
  EXPECT_EQ(pop(queue), 1);
}

TEST(ReadyQueue, GivesBackAllThatWaits) {
  ReadyQueue queue{{kNoBound, kNoBound, 1}};
  for (std::int64_t seq = 1; seq <= 3; ++seq) push(queue, "a", seq);
  pop(queue);

  EXPECT_EQ(queue.clear().size(), 2U);
  EXPECT_EQ(queue.size(), 0U);
  queue.finish("a");
  EXPECT_FALSE(queue.has_turn());
}

}  // namespace
}  // namespace ebagent::delivery
