#include "bus/bus.hpp"

#include <algorithm>

#include "bus/bus_fixture.hpp"

namespace ebagent::bus {
namespace {

using testing::target_to;

class BusTest : public testing::BusFixture {
 protected:
  // What the only target of a rule gets of the event, or nothing when that is the whole event.
  std::optional<std::string> input_for(Target target, const Event& event) {
    rule_with("r", {std::move(target)});
    EXPECT_TRUE(put(event));
    const auto deliveries = handed_over();
    EXPECT_EQ(deliveries.size(), 1U);
    return deliveries.empty() ? std::nullopt : deliveries.front().input;
  }
};

TEST_F(BusTest, MakesADeliveryForEveryTargetOfEveryRuleThatMatches) {
  rule_with("orders", {target_to("1"), target_to("2")});
  rule_with("all", {target_to("1")}, R"({"source":[{"prefix":"myapp"}]})");
  rule_with("alarms", {target_to("1")}, R"({"source":["aws.cloudwatch"]})");

  ASSERT_TRUE(put(order("event-1")));

  std::vector<std::string> reached;
  for (const auto& delivery : handed_over())
    reached.push_back(delivery.route->rule_arn + "#" + delivery.route->target_id);
  std::sort(reached.begin(), reached.end());
  EXPECT_EQ(reached, (std::vector<std::string>{rule_arn(scope, "default", "all") + "#1",
                                               rule_arn(scope, "default", "orders") + "#1",
                                               rule_arn(scope, "default", "orders") + "#2"}));
  EXPECT_EQ(store.counts().value().pending, 3);
}

TEST_F(BusTest, HasWrittenTheEventBeforeItIsAnswered) {
  rule_with("r", {target_to("1")});

  ASSERT_TRUE(put(order("event-1")));

  EXPECT_EQ(store.event_by_id("event-1").value(), to_json(order("event-1")));
}

TEST_F(BusTest, SharesTheTextOfAnEventAmongItsDeliveries) {
  rule_with("r", {target_to("1"), target_to("2")});
  const Incoming event = incoming(scope, "default", order("event-1"));
  const auto* text = event.json.get();

  ASSERT_TRUE(bus->put_and_wait({event}));

  for (const auto& delivery : handed_over()) EXPECT_EQ(delivery.event.get(), text);
}

TEST_F(BusTest, GivesTheRouteWhatTheTargetSays) {
  Target target = target_to("1", "arn:aws:sqs:us-west-2:123:jobs");
  target.retry = RetrySettings{.max_attempts = 3, .max_age = std::chrono::seconds{120}};
  target.dead_letter_arn = "arn:aws:sqs:us-west-2:123:dead";
  rule_with("r", {target});

  ASSERT_TRUE(put(order("event-1")));

  const store::Route& route = *handed_over().at(0).route;
  EXPECT_EQ(route.bus, "default");
  EXPECT_EQ(route.target_arn, "arn:aws:sqs:us-west-2:123:jobs");
  EXPECT_EQ(route.max_attempts, 3);
  EXPECT_EQ(route.max_age, std::chrono::seconds{120});
  EXPECT_EQ(route.dead_letter_arn, "arn:aws:sqs:us-west-2:123:dead");
  EXPECT_FALSE(route.reshapes_input);
}

TEST_F(BusTest, RetriesAsEventBridgeDoesWhenTheTargetSaysNothing) {
  rule_with("r", {target_to("1")});

  ASSERT_TRUE(put(order("event-1")));

  EXPECT_EQ(handed_over().at(0).route->max_attempts, 185);
  EXPECT_EQ(handed_over().at(0).route->max_age, std::chrono::hours{24});
}

TEST_F(BusTest, DeliversTheWholeEventWhenTheTargetSaysNothing) {
  EXPECT_EQ(input_for(target_to("1"), order("event-1")), std::nullopt);
}

TEST_F(BusTest, DeliversTheFixedInput) {
  Target target = target_to("1");
  target.input = R"({"do":"it"})";

  EXPECT_EQ(input_for(target, order("event-1")), R"({"do":"it"})");
}

TEST_F(BusTest, DeliversThePartThatInputPathNames) {
  Target target = target_to("1");
  target.input_path = "$.detail.id";

  EXPECT_EQ(input_for(target, order("event-1")), R"("order_123")");
}

TEST_F(BusTest, DeliversWhatTheInputTransformerMakes) {
  Target target = target_to("1");
  target.input_transformer =
      InputTransformer{{{"id", "$.detail.id"}}, R"({"order": <id>, "rule": <aws.events.rule-name>})"};

  EXPECT_EQ(input_for(target, order("event-1")), R"({"order": "order_123", "rule": "r"})");
}

TEST_F(BusTest, BuriesADeliveryWhoseInputIsNoJson) {
  Target spoiled = target_to("2");
  spoiled.input_transformer = InputTransformer{{{"text", "$.detail.text"}}, R"({"text": "<text>"})"};
  rule_with("r", {target_to("1"), spoiled});

  ASSERT_TRUE(put(order("event-1", R"({"text":"say \"hello\""})")));

  ASSERT_EQ(handed_over().size(), 1U);
  EXPECT_EQ(handed_over()[0].route->target_id, "1");
  ASSERT_EQ(buried().size(), 1U);
  EXPECT_EQ(buried()[0].error_code, "INVALID_JSON");
  EXPECT_FALSE(buried()[0].error_message.empty());
  EXPECT_EQ(store.counts().value().pending, 2);
}

TEST_F(BusTest, KeepsAnEventThatNoRuleMatches) {
  ASSERT_TRUE(put(order("event-1")));

  EXPECT_TRUE(handed_over().empty());
  EXPECT_TRUE(store.event_by_id("event-1").value());
}

TEST_F(BusTest, AcceptsAnEventForABusThatDoesNotExist) {
  rule_with("r", {target_to("1")});

  EXPECT_TRUE(bus->put_and_wait({incoming(scope, "nowhere", order("event-1"))}));

  EXPECT_TRUE(handed_over().empty());
}

TEST_F(BusTest, RoutesByTheRulesOfTheScopeOnly) {
  rule_with("r", {target_to("1")});

  ASSERT_TRUE(bus->put_and_wait({incoming({"111111111111", "us-west-2"}, "default", order("event-1"))}));

  EXPECT_TRUE(handed_over().empty());
}

TEST_F(BusTest, CutsAChainOfEventsAtTheHopLimit) {
  rule_with("r", {target_to("1")});

  EXPECT_TRUE(put(order("event-8"), 8));
  const auto ninth = put(order("event-9"), 9);

  ASSERT_FALSE(ninth);
  EXPECT_EQ(ninth.error().code, ErrorCode::LimitExceeded);
  ASSERT_EQ(handed_over().size(), 1U);
  EXPECT_EQ(handed_over()[0].hops, 8);
}

TEST_F(BusTest, DeliversAnEventWithTheTraceOfItsChain) {
  rule_with("r", {target_to("1")});

  EXPECT_TRUE(bus->put_and_wait({incoming(scope, "default", order("event-1"), 1, "a chain")}));

  ASSERT_EQ(handed_over().size(), 1U);
  EXPECT_EQ(handed_over()[0].trace, "a chain");
}

TEST_F(BusTest, AcceptsAllEventsOfACallOrNone) {
  rule_with("r", {target_to("1")});

  EXPECT_FALSE(bus->put_and_wait(
      {incoming(scope, "default", order("event-1")), incoming(scope, "default", order("event-2"), 99)}));

  EXPECT_TRUE(handed_over().empty());
  EXPECT_FALSE(store.event_by_id("event-1").value());
}

TEST_F(BusTest, TellsWhenTheEventCouldNotBeWritten) {
  rule_with("r", {target_to("1")});
  store.fail_commits(true);

  EXPECT_EQ(put(order("event-1")).error().code, ErrorCode::Io);
  EXPECT_TRUE(handed_over().empty());
}

TEST_F(BusTest, DoesNotRouteByDisabledOrDeletedRules) {
  rule_with("disabled", {target_to("1")});
  rule_with("deleted", {});
  ASSERT_TRUE(catalog->disable_rule(scope, "default", "disabled"));
  ASSERT_TRUE(catalog->delete_rule(scope, "default", "deleted"));

  ASSERT_TRUE(put(order("event-1")));
  EXPECT_TRUE(handed_over().empty());

  ASSERT_TRUE(catalog->enable_rule(scope, "default", "disabled"));
  ASSERT_TRUE(put(order("event-2")));
  EXPECT_EQ(handed_over().size(), 1U);
}

TEST_F(BusTest, RoutesByTheNewPatternAndTheOldTargetsAfterAnUpdate) {
  rule_with("r", {target_to("1")}, R"({"source":["something.else"]})");
  ASSERT_TRUE(put(order("event-1")));
  EXPECT_TRUE(handed_over().empty());

  ASSERT_TRUE(catalog->put_rule(scope, testing::rule_for("r")));

  ASSERT_TRUE(put(order("event-2")));
  EXPECT_EQ(handed_over().size(), 1U);
}

TEST_F(BusTest, DoesNotRouteByAScheduleAlone) {
  ASSERT_TRUE(catalog->put_rule(scope, testing::rule_every("hourly", "rate(1 hour)")));
  ASSERT_TRUE(catalog->put_targets(scope, "default", "hourly", {target_to("1")}));

  ASSERT_TRUE(put(order("event-1")));

  EXPECT_TRUE(handed_over().empty());
}

TEST_F(BusTest, MakesNoSecondDeliveryForAnEventIdItHasAccepted) {
  rule_with("r", {target_to("1")});

  ASSERT_TRUE(put(order("event-1")));
  ASSERT_TRUE(put(order("event-1")));

  EXPECT_EQ(handed_over().size(), 1U);
}

TEST_F(BusTest, RefusesAnEventThatIsNoJsonObject) {
  rule_with("r", {target_to("1")});

  EXPECT_FALSE(bus->put_and_wait(
      {{.scope = scope, .id = "event-1", .json = std::make_shared<const std::string>("[1]")}}));
  EXPECT_TRUE(handed_over().empty());
}

}  // namespace
}  // namespace ebagent::bus
