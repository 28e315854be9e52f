#include "agent/idempotency.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <thread>

#include "fixtures.hpp"

namespace ebagent::agent {
namespace {

class IdempotencyTest : public ::testing::Test {
 protected:
  App counting_app(int& runs) {
    App app = world.new_app();
    app.handler("a", [&runs](const Event&, ebagent::Run&) { return "run " + std::to_string(++runs); });
    return app;
  }

  World world;
};

TEST_F(IdempotencyTest, AnswersTheSameEventFromTheJournal) {
  int runs = 0;
  App app = counting_app(runs);

  const auto first = app.process_event_with("a", order_event()).value();
  const auto second = app.process_event_with("a", order_event()).value();

  EXPECT_EQ(runs, 1);
  EXPECT_EQ(second.text, "run 1");
  EXPECT_FALSE(first.runs[0].repeated);
  EXPECT_TRUE(second.runs[0].repeated);
  EXPECT_EQ(first.runs[0].run_id, second.runs[0].run_id);
}

TEST_F(IdempotencyTest, RunsDifferentEventsAndDifferentAgentsByThemselves) {
  int runs = 0;
  App app = counting_app(runs);
  app.handler("b", [](const Event&, ebagent::Run&) { return "b"; });

  (void)app.process_event_with("a", order_event("event-1"));
  (void)app.process_event_with("a", order_event("event-2"));

  EXPECT_EQ(runs, 2);
  EXPECT_FALSE(app.process_event_with("b", order_event("event-1")).value().runs[0].repeated);
}

TEST_F(IdempotencyTest, RunsAgainWhenTheAnswerHasExpired) {
  int runs = 0;
  App app = counting_app(runs);
  app.settings({.idempotency_expiry = std::chrono::hours(1)});

  (void)app.process_event_with("a", order_event());
  world.clock->advance(std::chrono::minutes(59));
  const auto before = app.process_event_with("a", order_event()).value();
  world.clock->advance(std::chrono::minutes(1));
  const auto after = app.process_event_with("a", order_event()).value();
  const auto again = app.process_event_with("a", order_event()).value();

  EXPECT_TRUE(before.runs[0].repeated);
  EXPECT_EQ(after.text, "run 2");
  EXPECT_NE(after.runs[0].run_id, before.runs[0].run_id);
  EXPECT_EQ(again.text, "run 2");
  EXPECT_EQ(world.store->runs({}).value().size(), 2u);
}

TEST_F(IdempotencyTest, DoesNotTakeStepsOfAnExpiredRunForItsOwn) {
  World& here = world;
  App app = here.new_app();
  int charged = 0;
  app.handler("a", [&](const Event&, ebagent::Run& run) { run.step("charge", [&] { ++charged; }); });

  (void)app.process_event_with("a", order_event());
  world.clock->advance(std::chrono::hours(25));
  (void)app.process_event_with("a", order_event());

  EXPECT_EQ(charged, 2);
}

TEST_F(IdempotencyTest, RefusesOtherContentsUnderTheSameId) {
  int runs = 0;
  App app = counting_app(runs);
  Event other = order_event();
  other.detail = R"({"orderId":"order_999"})";

  (void)app.process_event_with("a", order_event());
  const auto response = app.respond_with("a", other);

  EXPECT_EQ(response.runs[0].error.code, ErrorCode::InvalidArgument);
  EXPECT_TRUE(response.runs[0].permanent);
  EXPECT_EQ(runs, 1);
}

TEST_F(IdempotencyTest, TakesNoNoticeOfTheEnvelopesTime) {
  int runs = 0;
  App app = counting_app(runs);
  Event later = order_event();
  later.time += std::chrono::seconds(5);

  (void)app.process_event_with("a", order_event());

  EXPECT_TRUE(app.process_event_with("a", later).value().runs[0].repeated);
}

TEST_F(IdempotencyTest, RunsOncePerReshapingTarget) {
  int runs = 0;
  App app = counting_app(runs);
  const ProcessOptions one{.input = "\"x\"", .rule_arn = "arn:rule/r", .target_id = "1"};
  const ProcessOptions two{.input = "\"y\"", .rule_arn = "arn:rule/r", .target_id = "2"};

  (void)app.process_event_with("a", order_event(), one);
  (void)app.process_event_with("a", order_event(), two);
  const auto again = app.process_event_with("a", order_event(), one);

  EXPECT_EQ(runs, 2);
  EXPECT_TRUE(again.value().runs[0].repeated);
}

TEST_F(IdempotencyTest, RunsAnEventAgainThatAReplaySends) {
  int runs = 0;
  App app = counting_app(runs);
  Event replayed = order_event();
  replayed.replay_name = "january";

  (void)app.process_event_with("a", order_event());
  (void)app.process_event_with("a", replayed);

  EXPECT_EQ(runs, 2);
}

TEST_F(IdempotencyTest, RefusesAnEventThatIsInProgress) {
  std::mutex mutex;
  std::condition_variable changed;
  bool is_running = false, may_end = false;
  App app = world.new_app();
  app.handler("a", [&](const Event&, ebagent::Run&) {
    std::unique_lock lock(mutex);
    is_running = true;
    changed.notify_all();
    changed.wait(lock, [&] { return may_end; });
  });
  std::thread worker([&] { EXPECT_TRUE(app.process_event_with("a", order_event())); });
  {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return is_running; });
  }

  const auto meanwhile = app.respond_with("a", order_event());
  {
    const std::lock_guard lock(mutex);
    may_end = true;
    changed.notify_all();
  }
  worker.join();

  EXPECT_EQ(meanwhile.runs[0].error.code, ErrorCode::Conflict);
  EXPECT_FALSE(meanwhile.runs[0].permanent);
  EXPECT_TRUE(app.process_event_with("a", order_event()).value().runs[0].repeated);
}

TEST_F(IdempotencyTest, RunsEachOfManyEventsOnceWhenManyThreadsBringThem) {
  std::atomic<int> runs = 0;
  App app = world.new_app();
  app.handler("a", [&](const Event&, ebagent::Run& run) { run.step("count", [&] { ++runs; }); });
  std::vector<std::thread> threads;

  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 50; ++i) (void)app.respond_with("a", order_event("event-" + std::to_string(i)));
    });
  }
  for (std::thread& thread : threads) thread.join();

  EXPECT_EQ(runs, 50);
}

}  // namespace
}  // namespace ebagent::agent
