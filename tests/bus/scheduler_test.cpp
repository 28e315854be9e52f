#include "bus/scheduler.hpp"

#include <future>

#include "bus/bus_fixture.hpp"

namespace ebagent::bus {
namespace {

using namespace std::chrono_literals;
using testing::rule_every;
using testing::target_to;

// The clock starts on 2026-01-26 at 16:00 UTC, a Monday.
class SchedulerTest : public testing::BusFixture {
 protected:
  void SetUp() override {
    BusFixture::SetUp();
    scheduler = std::make_unique<Scheduler>(*catalog, *bus, store, clock);
  }
  void restart() {
    start();
    scheduler = std::make_unique<Scheduler>(*catalog, *bus, store, clock);
  }
  void schedule(const std::string& name, const std::string& expression) {
    ASSERT_TRUE(catalog->put_rule(scope, rule_every(name, expression)));
    ASSERT_TRUE(catalog->put_targets(scope, "default", name, {target_to("1")}));
  }
  std::optional<TimePoint> tick() {
    const auto next = scheduler->tick(clock.now());
    EXPECT_TRUE(next);
    return next ? next.value() : std::nullopt;
  }
  std::optional<TimePoint> tick_after(Duration time) {
    clock.advance(time);
    return tick();
  }
  Event event_of(const store::Delivery& delivery) { return parse_event(*delivery.event, {}).value(); }

  const TimePoint begin = clock.now();
  std::unique_ptr<Scheduler> scheduler;
};

TEST_F(SchedulerTest, FiresARateOnePeriodAfterTheRuleWasPut) {
  schedule("hourly-report", "rate(1 hour)");

  EXPECT_EQ(tick(), begin + 1h);
  EXPECT_EQ(tick_after(59min), begin + 1h);
  EXPECT_TRUE(handed_over().empty());

  EXPECT_EQ(tick_after(1min), begin + 2h);
  EXPECT_EQ(handed_over().size(), 1U);
}

TEST_F(SchedulerTest, FiresACronExpressionInUtc) {
  schedule("daily-summary", "cron(0 9 * * ? *)");

  EXPECT_EQ(tick(), begin + 17h);
  EXPECT_EQ(tick_after(17h), begin + 41h);

  ASSERT_EQ(handed_over().size(), 1U);
  EXPECT_EQ(event_of(handed_over()[0]).time, begin + 17h);
}

TEST_F(SchedulerTest, SendsTheEventThatEventBridgeSends) {
  schedule("hourly-report", "rate(1 hour)");

  tick_after(1h);

  const Event event = event_of(handed_over().at(0));
  EXPECT_EQ(event.source, "aws.events");
  EXPECT_EQ(event.detail_type, "Scheduled Event");
  EXPECT_EQ(event.resources, std::vector<std::string>{rule_arn(scope, "default", "hourly-report")});
  EXPECT_EQ(event.detail, "{}");
  EXPECT_EQ(event.account, scope.account);
  EXPECT_EQ(event.region, scope.region);
  EXPECT_EQ(event.time, begin + 1h);
  EXPECT_EQ(event.id.size(), 36U);
}

TEST_F(SchedulerTest, SendsTheEventToTheTargetsOfItsRuleOnly) {
  schedule("hourly-report", "rate(1 hour)");
  rule_with("everything-scheduled", {target_to("1")}, R"({"source":["aws.events"]})");

  tick_after(1h);

  ASSERT_EQ(handed_over().size(), 1U);
  EXPECT_EQ(handed_over()[0].route->rule_arn, rule_arn(scope, "default", "hourly-report"));
}

TEST_F(SchedulerTest, ReshapesTheInputOfItsTargets) {
  ASSERT_TRUE(catalog->put_rule(scope, rule_every("backup", "rate(1 hour)")));
  Target target = target_to("1");
  target.input = R"({"task":"backup"})";
  ASSERT_TRUE(catalog->put_targets(scope, "default", "backup", {target}));

  tick_after(1h);

  EXPECT_EQ(handed_over().at(0).input, R"({"task":"backup"})");
}

TEST_F(SchedulerTest, FiresOnceForAllThatWasMissedAndGoesOn) {
  schedule("minutely", "rate(1 minute)");
  tick();

  EXPECT_EQ(tick_after(90min + 30s), begin + 91min);

  ASSERT_EQ(handed_over().size(), 1U);
  EXPECT_EQ(event_of(handed_over()[0]).time, begin + 90min);
  EXPECT_EQ(tick_after(30s), begin + 92min);
  EXPECT_EQ(handed_over().size(), 2U);
}

TEST_F(SchedulerTest, CatchesUpAfterYearsAtOnce) {
  schedule("minutely", "rate(1 minute)");
  schedule("yearly", "cron(0 0 1 1 ? *)");
  tick();

  tick_after(std::chrono::days{3'650});

  ASSERT_EQ(handed_over().size(), 2U);
  EXPECT_EQ(event_of(handed_over()[0]).time, begin + std::chrono::days{3'650});
  EXPECT_EQ(event_of(handed_over()[1]).time, std::chrono::sys_days{std::chrono::year{2036} / 1 / 1});
}

TEST_F(SchedulerTest, GoesOnAfterARestartWhereItStopped) {
  schedule("hourly", "rate(1 hour)");
  tick_after(1h);

  restart();

  EXPECT_EQ(tick(), begin + 2h);
  EXPECT_EQ(handed_over().size(), 1U);
  tick_after(1h);
  EXPECT_EQ(handed_over().size(), 2U);
}

TEST_F(SchedulerTest, FiresWhatCameDueWhileNothingRan) {
  schedule("daily", "cron(0 9 * * ? *)");
  tick();
  clock.advance(std::chrono::days{3});

  restart();
  tick();

  ASSERT_EQ(handed_over().size(), 1U);
  EXPECT_EQ(event_of(handed_over()[0]).time, begin + 17h + std::chrono::days{2});
}

TEST_F(SchedulerTest, FiresARuleThatWasPutJustBeforeACrash) {
  schedule("hourly", "rate(1 hour)");
  clock.advance(2h);

  restart();
  tick();

  EXPECT_EQ(handed_over().size(), 1U);
}

TEST_F(SchedulerTest, DoesNotDoubleAFiringWhosePlanIsLost) {
  schedule("hourly", "rate(1 hour)");
  tick_after(1h);
  store::Transaction forget;
  forget.emplace_back(store::DeleteCatalog{"schedule", rule_arn(scope, "default", "hourly")});
  ASSERT_TRUE(store.commit_and_wait(std::move(forget)));

  restart();
  tick();

  EXPECT_EQ(handed_over().size(), 1U);
}

TEST_F(SchedulerTest, FiresAgainWhenTheWriteFailed) {
  schedule("hourly", "rate(1 hour)");
  clock.advance(1h);
  store.fail_commits(true);
  EXPECT_FALSE(scheduler->tick(clock.now()));

  store.fail_commits(false);
  tick();

  EXPECT_EQ(handed_over().size(), 1U);
}

TEST_F(SchedulerTest, DoesNotFireADisabledRule) {
  schedule("hourly", "rate(1 hour)");
  tick();
  ASSERT_TRUE(catalog->disable_rule(scope, "default", "hourly"));

  EXPECT_EQ(tick_after(2h), std::nullopt);

  EXPECT_TRUE(handed_over().empty());
}

TEST_F(SchedulerTest, CountsARateFromWhenTheRuleWasEnabled) {
  schedule("hourly", "rate(1 hour)");
  ASSERT_TRUE(catalog->disable_rule(scope, "default", "hourly"));
  clock.advance(90min);

  ASSERT_TRUE(catalog->enable_rule(scope, "default", "hourly"));

  EXPECT_EQ(tick(), begin + 150min);
  EXPECT_TRUE(handed_over().empty());
}

TEST_F(SchedulerTest, FollowsAChangeOfTheExpression) {
  schedule("report", "rate(1 hour)");
  tick_after(30min);

  ASSERT_TRUE(catalog->put_rule(scope, rule_every("report", "rate(5 minutes)")));

  EXPECT_EQ(tick(), begin + 35min);
}

TEST_F(SchedulerTest, KeepsItsRhythmThroughOtherChangesOfTheRule) {
  schedule("report", "rate(1 hour)");
  clock.advance(30min);
  RuleSpec described = rule_every("report", "rate(1 hour)");
  described.description = "new";

  ASSERT_TRUE(catalog->put_rule(scope, described));

  EXPECT_EQ(tick(), begin + 1h);
}

TEST_F(SchedulerTest, ForgetsADeletedRuleAndPlansItAnewWhenItComesBack) {
  schedule("report", "rate(1 hour)");
  tick_after(1h);
  ASSERT_TRUE(catalog->remove_targets(scope, "default", "report", {"1"}));
  ASSERT_TRUE(catalog->delete_rule(scope, "default", "report"));
  EXPECT_EQ(tick_after(1h), std::nullopt);
  EXPECT_TRUE(store.catalog("schedule").value().empty());

  schedule("report", "rate(1 hour)");

  EXPECT_EQ(tick(), begin + 3h);
}

TEST_F(SchedulerTest, HasNothingDueWithoutSchedules) {
  EXPECT_EQ(tick(), std::nullopt);
}

TEST_F(SchedulerTest, RunsUntilItIsStopped) {
  schedule("hourly", "rate(1 hour)");
  clock.advance(1h);
  std::promise<void> fired;
  Bus telling{*catalog, store, clock, Handover{.deliver = [&](auto) { fired.set_value(); }, .bury = nullptr}};
  Scheduler running{*catalog, telling, store, clock};

  {
    const std::jthread thread{[&](const std::stop_token& stop) { running.run_until_stopped(stop, nullptr); }};
    EXPECT_EQ(fired.get_future().wait_for(20s), std::future_status::ready);
  }
}

}  // namespace
}  // namespace ebagent::bus
