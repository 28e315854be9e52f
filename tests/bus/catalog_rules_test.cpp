#include "bus/catalog_fixture.hpp"

namespace ebagent::bus {
namespace {

using testing::refused;
using testing::rule_every;
using testing::rule_for;
using testing::target_to;

class CatalogRulesTest : public testing::CatalogFixture {};

TEST_F(CatalogRulesTest, AnswersPutRuleWithTheArnOfTheRule) {
  const auto arn = catalog->put_rule(scope, rule_for("order-processor"));

  EXPECT_EQ(arn.value(), "arn:aws:events:us-west-2:000000000000:rule/order-processor");
}

TEST_F(CatalogRulesTest, NamesTheBusInTheArnOfARuleOnAnotherBus) {
  EXPECT_EQ(rule_arn(scope, "orders", "r"), "arn:aws:events:us-west-2:000000000000:rule/orders/r");
  EXPECT_EQ(bus_arn(scope, "default"), "arn:aws:events:us-west-2:000000000000:event-bus/default");
}

TEST_F(CatalogRulesTest, DescribesARuleAsItWasPut) {
  RuleSpec spec = rule_for("order-processor");
  spec.description = "Handles orders";
  spec.role_arn = "arn:aws:iam::000000000000:role/events";
  ASSERT_TRUE(catalog->put_rule(scope, spec));

  const Rule rule = catalog->describe_rule(scope, "default", "order-processor").value();

  EXPECT_EQ(rule, (Rule{.name = "order-processor",
                        .arn = "arn:aws:events:us-west-2:000000000000:rule/order-processor",
                        .bus = "default",
                        .event_pattern = testing::kOrders,
                        .schedule_expression = "",
                        .state = "ENABLED",
                        .description = "Handles orders",
                        .role_arn = "arn:aws:iam::000000000000:role/events",
                        .managed_by = "",
                        .created_by = "000000000000"}));
}

TEST_F(CatalogRulesTest, SaysWhichRuleIsMissing) {
  EXPECT_TRUE(refused(catalog->describe_rule(scope, "default", "nobody"), ErrorCode::NotFound,
                      "Rule nobody does not exist on EventBus default."));
  EXPECT_TRUE(refused(catalog->enable_rule(scope, "default", "nobody"), ErrorCode::NotFound,
                      "Rule nobody does not exist on EventBus default."));
}

TEST_F(CatalogRulesTest, TakesTheBusByNameByArnAndByDefault) {
  RuleSpec by_arn = rule_for("a");
  by_arn.bus = bus_arn(scope, "default");
  RuleSpec by_default = rule_for("b");
  by_default.bus = "";

  EXPECT_TRUE(catalog->put_rule(scope, by_arn));
  EXPECT_TRUE(catalog->put_rule(scope, by_default));
  EXPECT_TRUE(catalog->describe_rule(scope, "default", "a"));
  EXPECT_TRUE(catalog->describe_rule(scope, bus_arn(scope, "default"), "b"));
}

TEST_F(CatalogRulesTest, SaysWhichBusIsMissing) {
  RuleSpec spec = rule_for("a");
  spec.bus = "orders";

  EXPECT_TRUE(
      refused(catalog->put_rule(scope, spec), ErrorCode::NotFound, "Event bus orders does not exist."));
  EXPECT_TRUE(refused(catalog->list_rules(scope, "orders", ""), ErrorCode::NotFound,
                      "Event bus orders does not exist."));
  const std::string elsewhere = bus_arn({"111111111111", "us-west-2"}, "default");
  EXPECT_TRUE(refused(catalog->describe_bus(scope, elsewhere), ErrorCode::NotFound,
                      "Event bus " + elsewhere + " does not exist."));
}

TEST_F(CatalogRulesTest, KeepsTheRulesOfAccountsAndRegionsApart) {
  const Scope other_region{"000000000000", "eu-west-1"};
  const Scope other_account{"111111111111", "us-west-2"};
  ASSERT_TRUE(catalog->put_rule(scope, rule_for("mine")));

  EXPECT_FALSE(catalog->describe_rule(other_region, "default", "mine"));
  EXPECT_FALSE(catalog->describe_rule(other_account, "default", "mine"));
  EXPECT_TRUE(catalog->list_rules(other_region, "default", "").value().items.empty());
}

TEST_F(CatalogRulesTest, ReplacesWhatAnUpdateLeavesOutAndKeepsTheTargets) {
  RuleSpec first = rule_for("r");
  first.description = "first";
  ASSERT_TRUE(catalog->put_rule(scope, first));
  ASSERT_TRUE(catalog->put_targets(scope, "default", "r", {target_to("1")}));

  ASSERT_TRUE(catalog->put_rule(scope, rule_every("r", "rate(1 hour)")));

  const Rule rule = catalog->describe_rule(scope, "default", "r").value();
  EXPECT_EQ(rule.event_pattern, "");
  EXPECT_EQ(rule.description, "");
  EXPECT_EQ(rule.schedule_expression, "rate(1 hour)");
  EXPECT_EQ(catalog->list_targets_by_rule(scope, "default", "r").value().items.size(), 1U);
}

TEST_F(CatalogRulesTest, WantsAPatternOrASchedule) {
  const std::string message = "Parameter(s) EventPattern or ScheduleExpression must be specified.";

  EXPECT_TRUE(refused(catalog->put_rule(scope, {.name = "r"}), ErrorCode::InvalidArgument, message));
  EXPECT_TRUE(refused(catalog->put_rule(scope, {.name = "r", .event_pattern = ""}),
                      ErrorCode::InvalidArgument, message));
}

TEST_F(CatalogRulesTest, RefusesAPatternWithTheReason) {
  const auto empty_list = catalog->put_rule(scope, rule_for("r", R"({"source":[]})"));

  ASSERT_FALSE(empty_list);
  EXPECT_EQ(empty_list.error().code, ErrorCode::Malformed);
  EXPECT_TRUE(empty_list.error().message.starts_with("Event pattern is not valid. Reason: "));
  EXPECT_GT(empty_list.error().message.size(), std::string{"Event pattern is not valid. Reason: "}.size());
}

TEST_F(CatalogRulesTest, RefusesAPatternThatIsTooLong) {
  const std::string long_value(4'096, 'x');

  const auto too_long = catalog->put_rule(scope, rule_for("r", R"({"source":[")" + long_value + R"("]})"));

  ASSERT_FALSE(too_long);
  EXPECT_EQ(too_long.error().code, ErrorCode::InvalidArgument);
}

TEST_F(CatalogRulesTest, RefusesAScheduleThatIsNotValid) {
  for (const char* expression :
       {"rate(1 hours)", "rate(2 hour)", "cron(* * * * * *)", "every hour", "at(2026-01-01T00:00:00)"}) {
    EXPECT_TRUE(refused(catalog->put_rule(scope, rule_every("r", expression)), ErrorCode::InvalidArgument,
                        "Parameter ScheduleExpression is not valid."))
        << expression;
  }
}

TEST_F(CatalogRulesTest, RefusesNamesOutsideOfTheirBounds) {
  EXPECT_TRUE(refused(
      catalog->put_rule(scope, rule_for("a rule")), ErrorCode::InvalidArgument,
      "1 validation error detected: Value 'a rule' at 'name' failed to satisfy constraint: Member must "
      R"(satisfy regular expression pattern: [\.\-_A-Za-z0-9]+)"));
  EXPECT_FALSE(catalog->put_rule(scope, rule_for("")));
  EXPECT_FALSE(catalog->put_rule(scope, rule_for(std::string(65, 'a'))));
  EXPECT_TRUE(catalog->put_rule(scope, rule_for(std::string(64, 'a'))));
}

TEST_F(CatalogRulesTest, RefusesAStateThatDoesNotExist) {
  RuleSpec spec = rule_for("r");
  spec.state = "PAUSED";

  EXPECT_EQ(catalog->put_rule(scope, spec).error().code, ErrorCode::InvalidArgument);
}

TEST_F(CatalogRulesTest, EnablesAndDisables) {
  ASSERT_TRUE(catalog->put_rule(scope, rule_for("r")));

  ASSERT_TRUE(catalog->disable_rule(scope, "default", "r"));
  EXPECT_EQ(catalog->describe_rule(scope, "default", "r").value().state, "DISABLED");

  ASSERT_TRUE(catalog->enable_rule(scope, "default", "r"));
  EXPECT_EQ(catalog->describe_rule(scope, "default", "r").value().state, "ENABLED");
}

TEST_F(CatalogRulesTest, DoesNotDeleteARuleThatHasTargets) {
  ASSERT_TRUE(catalog->put_rule(scope, rule_for("r")));
  ASSERT_TRUE(catalog->put_targets(scope, "default", "r", {target_to("1")}));

  EXPECT_TRUE(refused(catalog->delete_rule(scope, "default", "r"), ErrorCode::InvalidArgument,
                      "Rule can't be deleted since it has targets."));

  ASSERT_TRUE(catalog->remove_targets(scope, "default", "r", {"1"}));
  EXPECT_TRUE(catalog->delete_rule(scope, "default", "r"));
  EXPECT_FALSE(catalog->describe_rule(scope, "default", "r"));
}

TEST_F(CatalogRulesTest, TakesARuleThatDoesNotExistForDeleted) {
  EXPECT_TRUE(catalog->delete_rule(scope, "default", "nobody"));
}

TEST_F(CatalogRulesTest, LeavesManagedRulesToTheirOwner) {
  RuleSpec managed = rule_for("Events-Archive-a");
  managed.managed_by = "prod.vhs.events.aws.internal";
  ASSERT_TRUE(catalog->put_rule(scope, managed));

  EXPECT_EQ(catalog->put_rule(scope, rule_for("Events-Archive-a")).error().code, ErrorCode::Conflict);
  EXPECT_EQ(catalog->disable_rule(scope, "default", "Events-Archive-a").error().code, ErrorCode::Conflict);
  EXPECT_EQ(catalog->put_targets(scope, "default", "Events-Archive-a", {target_to("1")}).error().code,
            ErrorCode::Conflict);
  EXPECT_EQ(catalog->delete_rule(scope, "default", "Events-Archive-a").error().code, ErrorCode::Conflict);
  EXPECT_TRUE(catalog->put_rule(scope, managed));
  EXPECT_TRUE(catalog->delete_rule(scope, "default", "Events-Archive-a", Catalog::Managed::Force));
}

TEST_F(CatalogRulesTest, ListsRulesByNameAndPrefix) {
  for (const char* name : {"beta", "alpha", "beta-2"}) ASSERT_TRUE(catalog->put_rule(scope, rule_for(name)));

  EXPECT_EQ(names(catalog->list_rules(scope, "default", "").value()),
            (std::vector<std::string>{"alpha", "beta", "beta-2"}));
  EXPECT_EQ(names(catalog->list_rules(scope, "default", "beta").value()),
            (std::vector<std::string>{"beta", "beta-2"}));
  EXPECT_TRUE(names(catalog->list_rules(scope, "default", "gamma").value()).empty());
}

TEST_F(CatalogRulesTest, ListsRulesPageByPage) {
  for (const char* name : {"a", "b", "c", "d"}) ASSERT_TRUE(catalog->put_rule(scope, rule_for(name)));

  const auto first = catalog->list_rules(scope, "default", "", {.limit = 3}).value();
  EXPECT_EQ(names(first), (std::vector<std::string>{"a", "b", "c"}));
  ASSERT_FALSE(first.next_token.empty());

  const auto second =
      catalog->list_rules(scope, "default", "", {.next_token = first.next_token, .limit = 3}).value();
  EXPECT_EQ(names(second), std::vector<std::string>{"d"});
  EXPECT_TRUE(second.next_token.empty());
}

TEST_F(CatalogRulesTest, EndsAListThatFillsItsLastPage) {
  for (const char* name : {"a", "b"}) ASSERT_TRUE(catalog->put_rule(scope, rule_for(name)));

  EXPECT_TRUE(catalog->list_rules(scope, "default", "", {.limit = 2}).value().next_token.empty());
}

TEST_F(CatalogRulesTest, RefusesTokensAndLimitsThatNoListGave) {
  EXPECT_TRUE(refused(catalog->list_rules(scope, "default", "", {.next_token = "not a token"}),
                      ErrorCode::InvalidArgument, "Parameter NextToken is not valid."));
  EXPECT_FALSE(catalog->list_rules(scope, "default", "", {.limit = 0}));
  EXPECT_FALSE(catalog->list_rules(scope, "default", "", {.limit = 101}));
}

TEST_F(CatalogRulesTest, BoundsTheRulesOfABus) {
  open({.max_rules_per_bus = 2});
  ASSERT_TRUE(catalog->put_rule(scope, rule_for("a")));
  ASSERT_TRUE(catalog->put_rule(scope, rule_for("b")));

  EXPECT_TRUE(refused(catalog->put_rule(scope, rule_for("c")), ErrorCode::LimitExceeded,
                      "The requested resource exceeds the maximum number allowed."));
  EXPECT_TRUE(catalog->put_rule(scope, rule_for("b")));
}

TEST_F(CatalogRulesTest, HasTheDefaultBusFromTheStart) {
  const auto buses = catalog->list_buses({"999999999999", "eu-north-1"}, "").value();

  ASSERT_EQ(buses.items.size(), 1U);
  EXPECT_EQ(buses.items[0],
            (EventBus{"default", "arn:aws:events:eu-north-1:999999999999:event-bus/default"}));
  EXPECT_TRUE(catalog->list_buses(scope, "orders").value().items.empty());
  EXPECT_EQ(catalog->describe_bus(scope, "default").value().name, "default");
}

}  // namespace
}  // namespace ebagent::bus
