#include "scheduler/schedule_runner.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "ebagent/event.hpp"
#include "scheduler/fixture.hpp"

namespace ebagent::scheduler::testing {
namespace {

class ScheduleRunnerTest : public SchedulerFixture {};

TEST_F(ScheduleRunnerTest, FiresARateAtOnceAndThenByItsPeriod) {
  create(schedule("every", "rate(5 minutes)"));

  EXPECT_EQ(tick(), Times{"2026-01-26T16:00:00Z"});
  EXPECT_EQ(tick(), Times{});
  clock.advance(minutes{5});
  EXPECT_EQ(tick(), Times{"2026-01-26T16:05:00Z"});
}

TEST_F(ScheduleRunnerTest, FiresAtOneTimeOnce) {
  create(schedule("once", "at(2026-01-26T16:00:30)"));

  EXPECT_EQ(tick(), Times{});
  clock.advance(seconds{30});
  EXPECT_EQ(tick(), Times{"2026-01-26T16:00:30Z"});
  clock.advance(hours{24});
  EXPECT_EQ(tick(), Times{});
  EXPECT_TRUE(exists("once"));
}

TEST_F(ScheduleRunnerTest, DeletesAScheduleAfterItsLastTimeWhenItSaysSo) {
  Schedule twice = schedule("twice", "rate(1 minute)");
  twice.end = clock.now() + minutes{1};
  twice.deletes_itself = true;
  create(twice);

  EXPECT_EQ(tick().size(), 1U);
  EXPECT_TRUE(exists("twice"));
  clock.advance(minutes{1});
  EXPECT_EQ(tick().size(), 1U);
  EXPECT_FALSE(exists("twice"));
}

TEST_F(ScheduleRunnerTest, TellsWhenTheNextIsDue) {
  create(schedule("once", "at(2026-01-26T16:00:05)"));

  EXPECT_EQ(value_of(runner->tick(clock.now())), clock.now() + seconds{5});
}

TEST_F(ScheduleRunnerTest, DoesNotFireWhatIsDisabledOrDeletedOrSaysSomethingElseNow) {
  Schedule disabled = schedule("disabled", "rate(1 minute)");
  disabled.is_enabled = false;
  create(disabled);
  create(schedule("deleted", "at(2026-01-26T16:00:05)"));
  create(schedule("changed", "at(2026-01-26T16:00:05)"));
  tick();
  value_of(schedules->remove({"123456789012", "us-west-2"}, kDefaultGroup, "deleted"));
  value_of(schedules->update(schedule("changed", "at(2026-01-26T16:00:09)")));

  clock.advance(seconds{5});
  EXPECT_EQ(tick(), Times{});
  clock.advance(seconds{5});
  EXPECT_EQ(tick(), Times{"2026-01-26T16:00:09Z"});
}

TEST_F(ScheduleRunnerTest, GoesOnAfterARestartWhereItStood) {
  create(schedule("every", "rate(5 minutes)"));
  tick();
  start({});

  EXPECT_EQ(tick(), Times{});
  clock.advance(minutes{5});
  EXPECT_EQ(tick(), Times{"2026-01-26T16:05:00Z"});
}

TEST_F(ScheduleRunnerTest, MakesUpForMissedTimesByTheLatest) {
  create(schedule("every", "rate(5 minutes)"));
  tick();
  clock.advance(hours{3} + minutes{2});
  start({});

  EXPECT_EQ(tick(), Times{"2026-01-26T19:00:00Z"});
  clock.advance(minutes{3});
  EXPECT_EQ(tick(), Times{"2026-01-26T19:05:00Z"});
}

TEST_F(ScheduleRunnerTest, DeadLettersATimeThatWasMissedForTooLong) {
  Schedule once = schedule("once", "at(2026-01-26T16:10:00)");
  once.target = target(R"(,"RetryPolicy":{"MaximumEventAgeInSeconds":3600,"MaximumRetryAttempts":0})");
  create(once);
  clock.advance(hours{2});
  start({});

  EXPECT_EQ(tick(), Times{});

  const auto letters = value_of(store.dead_letters(10));
  ASSERT_EQ(letters.size(), 1U);
  EXPECT_EQ(letters.front().exhausted_condition, "MaximumEventAgeInSeconds");
  EXPECT_EQ(letters.front().error_message,
            "Nothing ran when the schedule was due, and more than 3600 s have passed since then.");
}

TEST_F(ScheduleRunnerTest, MakesUpForAOneTimeScheduleWithinItsAge) {
  create(schedule("once", "at(2026-01-26T16:10:00)"));
  clock.advance(hours{2});
  start({});

  EXPECT_EQ(tick(), Times{"2026-01-26T16:10:00Z"});
}

TEST_F(ScheduleRunnerTest, FiresWithinTheFlexibleWindow) {
  for (int i = 0; i < 20; ++i) {
    Schedule flexible = schedule("flexible-" + std::to_string(i), "at(2026-01-26T17:00:00)");
    flexible.window = minutes{10};
    create(flexible);
  }

  clock.set(at("2026-01-26T16:59:59Z"));
  EXPECT_EQ(tick().size(), 0U);
  clock.set(at("2026-01-26T17:05:00Z"));
  const std::size_t first_half = tick().size();
  clock.set(at("2026-01-26T17:10:00Z"));
  const Times second_half = tick();

  EXPECT_GT(first_half, 2U);
  EXPECT_GT(second_half.size(), 2U);
  EXPECT_EQ(first_half + second_half.size(), 20U);
  EXPECT_EQ(second_half.front(), "2026-01-26T17:00:00Z");
}

TEST_F(ScheduleRunnerTest, FiresEachTimeOnceWhenWindowsOverlap) {
  Schedule flexible = schedule("flexible", "rate(5 minutes)");
  flexible.window = minutes{30};
  flexible.end = clock.now() + hours{4};
  create(flexible);

  std::vector<TimePoint> times;
  for (int minute = 0; minute <= 300; ++minute) {
    for (const auto& time : tick()) {
      times.push_back(at(time));
      EXPECT_LE(clock.now() - times.back(), minutes{31});
    }
    clock.advance(minutes{1});
  }

  ASSERT_EQ(times.size(), 49U);
  for (std::size_t i = 1; i < times.size(); ++i) EXPECT_EQ(times[i] - times[i - 1], minutes{5});
}

TEST_F(ScheduleRunnerTest, FiresAgainWhatTheStoreRefused) {
  create(schedule("once", "at(2026-01-26T16:00:01)"));
  clock.advance(seconds{1});
  store.fail_commits(true);
  EXPECT_FALSE(runner->tick(clock.now()));
  store.fail_commits(false);

  EXPECT_EQ(tick(), Times{"2026-01-26T16:00:01Z"});
  EXPECT_EQ(errors.size(), 1U);
}

TEST_F(ScheduleRunnerTest, FiresMoreThanItKeepsInMemory) {
  start({.queue = {.max_schedules = 10}, .page = 4, .batch = 3});
  for (int i = 0; i < 100; ++i) {
    create(schedule("n" + std::to_string(i), "at(2026-01-26T16:00:" + std::to_string(10 + i % 50) + ")"));
  }

  Times times;
  for (int second = 0; second < 60; ++second) {
    clock.advance(seconds{1});
    for (const auto& time : tick()) times.push_back(time);
  }

  EXPECT_EQ(times.size(), 100U);
  EXPECT_TRUE(std::is_sorted(times.begin(), times.end()));
}

TEST_F(ScheduleRunnerTest, FiresOnceWhatIsDueInOneInstantInManyPages) {
  start({.queue = {.max_schedules = 50}, .page = 8, .batch = 8});
  for (int i = 0; i < 300; ++i) create(schedule("n" + std::to_string(i), "at(2026-01-26T16:00:10)"));
  clock.advance(seconds{10});

  EXPECT_EQ(tick().size(), 300U);
  EXPECT_EQ(value_of(store.counts()).accepted, 300);
}

TEST_F(ScheduleRunnerTest, GivesTheTargetItsInputWithTheContextOfTheFiring) {
  Schedule once = schedule("once", "at(2026-01-26T16:00:01)");
  once.target = target(
      R"(,"Input":"{\"of\":\"<aws.scheduler.schedule-arn>\",\"at\":\"<aws.scheduler.scheduled-time>\",)"
      R"(\"id\":\"<aws.scheduler.execution-id>\",\"n\":<aws.scheduler.attempt-number>,\"x\":\"<aws.scheduler.else>\"}")");
  create(once);
  clock.advance(seconds{1});
  tick();

  ASSERT_EQ(deliveries.size(), 1U);
  const auto& delivery = deliveries.front();
  EXPECT_EQ(delivery.input, R"({"of":"arn:aws:scheduler:us-west-2:123456789012:schedule/default/once",)"
                            R"("at":"2026-01-26T16:00:01Z","id":")" +
                                delivery.event_id +
                                R"(","n":<aws.scheduler.attempt-number>,"x":"<aws.scheduler.else>"})");
}

TEST_F(ScheduleRunnerTest, SendsANotificationWithoutInput) {
  create(schedule("every", "rate(1 hour)"));
  tick();

  ASSERT_EQ(deliveries.size(), 1U);
  EXPECT_FALSE(deliveries.front().input);
  const Event event = value_of(parse_event(*deliveries.front().event, {}));
  EXPECT_EQ(event.source, "aws.scheduler");
  EXPECT_EQ(event.detail_type, "Scheduled Event");
  EXPECT_EQ(event.resources,
            std::vector<std::string>{"arn:aws:scheduler:us-west-2:123456789012:schedule/default/every"});
}

TEST_F(ScheduleRunnerTest, MakesAnEventForAnEventBus) {
  Schedule to_bus = schedule("every", "rate(1 hour)");
  to_bus.target = core::parse_json(R"({"Arn":"arn:aws:events:us-west-2:123456789012:event-bus/shop",)"
                                   R"("RoleArn":"arn:aws:iam::123456789012:role/r","Input":"{\"a\":1}",)"
                                   R"("EventBridgeParameters":{"DetailType":"Tick","Source":"clock"}})")
                      .value()
                      .get_object();
  create(to_bus);
  tick();

  ASSERT_EQ(deliveries.size(), 1U);
  EXPECT_FALSE(deliveries.front().input);
  EXPECT_FALSE(deliveries.front().route->reshapes_input);
  const Event event = value_of(parse_event(*deliveries.front().event, {}));
  EXPECT_EQ(event.source, "clock");
  EXPECT_EQ(event.detail_type, "Tick");
  EXPECT_EQ(event.detail, R"({"a":1})");
  EXPECT_EQ(event.id, deliveries.front().event_id);
}

TEST_F(ScheduleRunnerTest, SharesTheRouteOfEqualTargetsWhateverTheirInput) {
  for (const char* name : {"a", "b", "c"}) {
    Schedule made = schedule(name, "rate(1 hour)");
    made.target =
        target(std::string{R"(,"Input":"\")"} + name + R"(\"","SqsParameters":{"MessageGroupId":"g"})");
    create(made);
  }
  tick();

  ASSERT_EQ(deliveries.size(), 3U);
  std::set<std::int64_t> routes;
  for (const auto& delivery : deliveries) routes.insert(delivery.route->id);
  EXPECT_EQ(routes.size(), 1U);
  const auto kept = core::parse_json(deliveries.front().route->target_json).value().get_object();
  EXPECT_EQ(kept.at("SqsParameters").at("MessageGroupId").as_string(), "g");
  EXPECT_FALSE(kept.contains("Input"));
}

TEST_F(ScheduleRunnerTest, RunsByItselfUntilItIsStopped) {
  std::jthread running{[this](const std::stop_token& stop) { runner->run_until_stopped(stop); }};
  create(schedule("every", "rate(1 hour)"));

  while (value_of(store.counts()).accepted == 0) std::this_thread::yield();
  running.request_stop();
  running.join();
  schedules.reset();
  runner.reset();  // waits for what is handed over

  EXPECT_EQ(deliveries.size(), 1U);
}

}  // namespace
}  // namespace ebagent::scheduler::testing
