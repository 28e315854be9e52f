#include "bus/catalog_fixture.hpp"

namespace ebagent::bus {
namespace {

using testing::CatalogFixture;
using testing::refused;
using testing::rule_for;

class CatalogBuses : public CatalogFixture {
 protected:
  std::vector<std::string> bus_names() {
    std::vector<std::string> all;
    const Page<EventBus> page = catalog->list_buses(scope, "").value();
    for (const EventBus& bus : page.items) all.push_back(bus.name);
    return all;
  }
  RuleSpec rule_on(std::string bus, std::string name) {
    RuleSpec spec = rule_for(std::move(name));
    spec.bus = std::move(bus);
    return spec;
  }
};

TEST_F(CatalogBuses, AreMadeDescribedAndDeleted) {
  const EventBus made = catalog->create_bus(scope, "orders", {.description = "Orders"}).value();

  EXPECT_EQ(made.arn, "arn:aws:events:us-west-2:000000000000:event-bus/orders");
  EXPECT_EQ(catalog->describe_bus(scope, "orders").value(), made);
  EXPECT_EQ(catalog->describe_bus(scope, made.arn).value(), made);
  EXPECT_EQ(bus_names(), (std::vector<std::string>{"default", "orders"}));
  EXPECT_TRUE(catalog->has_bus(scope, "orders"));
  EXPECT_TRUE(catalog->delete_bus(scope, "orders"));
  EXPECT_TRUE(catalog->delete_bus(scope, "orders"));
  EXPECT_FALSE(catalog->has_bus(scope, "orders"));
  EXPECT_TRUE(refused(catalog->describe_bus(scope, "orders"), ErrorCode::NotFound,
                      "Event bus orders does not exist."));
}

TEST_F(CatalogBuses, ComeBackFromTheStore) {
  const EventBus made =
      catalog->create_bus(scope, "orders", {.description = "Orders"}, {{"team", "shop"}}).value();
  ASSERT_TRUE(catalog->put_rule(scope, rule_on("orders", "all")));
  ASSERT_TRUE(catalog->put_permission(scope, "default", {"other", "111122223333", "events:PutEvents", {}}));
  const EventBus changed_default = catalog->describe_bus(scope, "default").value();

  open();

  EXPECT_EQ(catalog->describe_bus(scope, "orders").value(), made);
  EXPECT_EQ(catalog->describe_bus(scope, "default").value(), changed_default);
  EXPECT_EQ(catalog->tags_of(scope, made.arn).value(), (Tags{{"team", "shop"}}));
  EXPECT_EQ(names(catalog->list_rules(scope, "orders", "").value()), std::vector<std::string>{"all"});
}

TEST_F(CatalogBuses, HaveTheirOwnRules) {
  ASSERT_TRUE(catalog->create_bus(scope, "orders", {}));

  EXPECT_EQ(catalog->put_rule(scope, rule_on("orders", "all")).value(),
            "arn:aws:events:us-west-2:000000000000:rule/orders/all");
  EXPECT_TRUE(catalog->put_rule(scope, rule_for("all")));
  EXPECT_EQ(catalog->list_rules(scope, "orders", "").value().items.size(), 1u);
  EXPECT_TRUE(refused(catalog->put_rule(scope, rule_on("none", "all")), ErrorCode::NotFound,
                      "Event bus none does not exist."));
  EXPECT_TRUE(refused(catalog->delete_bus(scope, "orders"), ErrorCode::InvalidArgument,
                      "Event bus orders can't be deleted since it has rules."));
}

TEST_F(CatalogBuses, OfOneNameMayExistInEveryScope) {
  const Scope other{"111122223333", "eu-west-1"};
  ASSERT_TRUE(catalog->create_bus(scope, "orders", {}));

  EXPECT_FALSE(catalog->has_bus(other, "orders"));
  EXPECT_TRUE(catalog->create_bus(other, "orders", {}));
}

TEST_F(CatalogBuses, AreRefusedUnderNamesThatAreTaken) {
  ASSERT_TRUE(catalog->create_bus(scope, "orders", {}));

  EXPECT_TRUE(refused(catalog->create_bus(scope, "orders", {}), ErrorCode::AlreadyExists,
                      "Event bus orders already exists."));
  EXPECT_TRUE(refused(catalog->create_bus(scope, "default", {}), ErrorCode::AlreadyExists,
                      "Event bus default already exists."));
  EXPECT_TRUE(refused(catalog->create_bus(scope, "a/b", {}), ErrorCode::InvalidArgument,
                      "Event bus name must not contain '/'."));
  EXPECT_TRUE(refused(catalog->delete_bus(scope, "default"), ErrorCode::InvalidArgument,
                      "Cannot delete event bus default."));
}

TEST_F(CatalogBuses, HaveALimit) {
  open({.max_buses = 1});
  ASSERT_TRUE(catalog->create_bus(scope, "one", {}));

  EXPECT_TRUE(refused(catalog->create_bus(scope, "two", {}), ErrorCode::LimitExceeded,
                      "The requested resource exceeds the maximum number allowed."));
}

TEST_F(CatalogBuses, AreNotMadeWhenTheyCannotBeWrittenDown) {
  store.fail_commits(true);

  EXPECT_FALSE(catalog->create_bus(scope, "orders", {}));
  EXPECT_FALSE(catalog->has_bus(scope, "orders"));
}

TEST_F(CatalogBuses, UpdateChangesOnlyWhatIsGiven) {
  ASSERT_TRUE(catalog->create_bus(
      scope, "orders",
      {.description = "Orders", .dead_letter_arn = "arn:aws:sqs:us-west-2:000000000000:dlq"}));
  clock.advance(std::chrono::seconds{5});

  const EventBus changed = catalog->update_bus(scope, "orders", {.description = "All orders"}).value();

  EXPECT_EQ(changed.description, "All orders");
  EXPECT_EQ(changed.dead_letter_arn, "arn:aws:sqs:us-west-2:000000000000:dlq");
  EXPECT_EQ(changed.modified - changed.created, std::chrono::seconds{5});
}

TEST_F(CatalogBuses, PermissionsMakeAPolicy) {
  ASSERT_TRUE(catalog->put_permission(scope, "default", {"one", "111122223333", "events:PutEvents", {}}));
  ASSERT_TRUE(
      catalog->put_permission(scope, "default",
                              {"all",
                               "*",
                               "events:PutEvents",
                               {{"Type", "StringEquals"}, {"Key", "aws:PrincipalOrgID"}, {"Value", "o-1"}}}));
  ASSERT_TRUE(catalog->put_permission(scope, "default", {"one", "444455556666", "events:PutEvents", {}}));

  const auto policy = catalog->describe_bus(scope, "default").value().policy;

  const auto& statements = policy.at("Statement").as_array();
  ASSERT_EQ(statements.size(), 2u);
  EXPECT_EQ(statements[0].at("Condition").at("StringEquals").at("aws:PrincipalOrgID"), "o-1");
  EXPECT_EQ(statements[1].at("Principal").at("AWS"), "arn:aws:iam::444455556666:root");
  EXPECT_TRUE(catalog->remove_permission(scope, "default", "one"));
  EXPECT_TRUE(refused(catalog->remove_permission(scope, "default", "one"), ErrorCode::NotFound,
                      "Statement with the provided id does not exist."));
  EXPECT_TRUE(catalog->remove_permission(scope, "default", "all"));
  EXPECT_TRUE(refused(catalog->remove_permission(scope, "default", "all"), ErrorCode::NotFound,
                      "EventBus does not have a policy."));
}

TEST_F(CatalogBuses, APolicyIsBounded) {
  const std::string policy =
      R"({"Version":"2012-10-17","Statement":[{"Sid":")" + std::string(11'000, 'x') + R"("}]})";

  EXPECT_EQ(catalog->put_policy(scope, "default", policy).error().code, ErrorCode::LimitExceeded);
  EXPECT_EQ(catalog->put_policy(scope, "default", "[]").error().code, ErrorCode::InvalidArgument);
  EXPECT_TRUE(catalog->describe_bus(scope, "default").value().policy.empty());
}

TEST_F(CatalogBuses, TagsBelongToARuleOrABusAndGoWithIt) {
  ASSERT_TRUE(catalog->create_bus(scope, "orders", {}));
  RuleSpec spec = rule_on("orders", "all");
  spec.tags = {{"a", "1"}};
  const std::string arn = catalog->put_rule(scope, spec).value();

  ASSERT_TRUE(catalog->tag_resource(scope, arn, {{"b", "2"}, {"c", "3"}}));
  ASSERT_TRUE(catalog->untag_resource(scope, arn, {"b", "none"}));

  EXPECT_EQ(catalog->tags_of(scope, arn).value(), (Tags{{"a", "1"}, {"c", "3"}}));
  ASSERT_TRUE(catalog->delete_rule(scope, "orders", "all"));
  EXPECT_FALSE(catalog->tags_of(scope, arn));
  ASSERT_TRUE(catalog->put_rule(scope, rule_on("orders", "all")));
  EXPECT_EQ(catalog->tags_of(scope, arn).value(), Tags{});
  EXPECT_EQ(catalog->tag_resource(scope, "arn:aws:events:us-west-2:000000000000:rule/none", {{"a", "1"}})
                .error()
                .code,
            ErrorCode::NotFound);
}

}  // namespace
}  // namespace ebagent::bus
