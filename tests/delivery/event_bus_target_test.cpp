#include "delivery/event_bus_target.hpp"

#include "bus/bus_fixture.hpp"
#include "event/replayed_id.hpp"

namespace ebagent::delivery {
namespace {

using bus::Scope;
using bus::testing::kAgentArn;
using bus::testing::rule_for;
using bus::testing::target_to;

class EventBusTargetTest : public bus::testing::BusFixture {
 protected:
  // A rule on a bus that sends every order to a target.
  void send_orders(const Scope& from, const std::string& from_bus, const std::string& to_arn) {
    bus::RuleSpec spec = rule_for("orders");
    spec.bus = from_bus;
    ASSERT_TRUE(catalog->put_rule(from, spec));
    ASSERT_TRUE(catalog->put_targets(from, from_bus, "orders", {target_to("1", to_arn)}));
  }
  SendOutcome send(const store::Delivery& delivery,
                   EventBusTarget::Policies policies = EventBusTarget::Policies::Ignored) {
    EventBusTarget target{*catalog, *bus, policies};
    return target.send(delivery);
  }
  static std::string fail_code(const SendOutcome& outcome) {
    const auto* fail = std::get_if<Fail>(&outcome);
    return fail == nullptr ? "did not fail" : fail->code;
  }
  static std::string envelope_id(const store::Delivery& delivery) {
    return parse_event(*delivery.event, {}).value().id;
  }

  const std::string shop_arn = "arn:aws:events:us-west-2:000000000000:event-bus/shop";
};

TEST_F(EventBusTargetTest, PutsTheEventOnTheOtherBusUnchanged) {
  ASSERT_TRUE(catalog->create_bus(scope, "shop", {}));
  send_orders(scope, "default", shop_arn);
  send_orders(scope, "shop", kAgentArn);
  ASSERT_TRUE(put(order("event-1")));

  EXPECT_TRUE(std::holds_alternative<Delivered>(send(handed_over().at(0))));

  const store::Delivery arrived = handed_over().at(1);
  EXPECT_EQ(arrived.route->target_arn, kAgentArn);
  EXPECT_EQ(*arrived.event, *handed_over().at(0).event);
}

TEST_F(EventBusTargetTest, ARepeatedDeliveryArrivesOnce) {
  ASSERT_TRUE(catalog->create_bus(scope, "shop", {}));
  send_orders(scope, "default", shop_arn);
  send_orders(scope, "shop", kAgentArn);
  ASSERT_TRUE(put(order("event-1")));

  (void)send(handed_over().at(0));
  (void)send(handed_over().at(0));

  EXPECT_EQ(handed_over().size(), 2u);
}

TEST_F(EventBusTargetTest, AnotherRegionGivesANewIdAndKeepsTheOrigin) {
  const Scope other{"111122223333", "eu-west-1"};
  send_orders(scope, "default", "arn:aws:events:eu-west-1:111122223333:event-bus/default");
  send_orders(other, "default", kAgentArn);
  ASSERT_TRUE(put(order("event-1")));

  (void)send(handed_over().at(0));

  const Event arrived = parse_event(*handed_over().at(1).event, {}).value();
  EXPECT_NE(arrived.id, "event-1");
  EXPECT_EQ(arrived.account, scope.account);
  EXPECT_EQ(arrived.region, scope.region);
}

TEST_F(EventBusTargetTest, AnotherAccountOfTheRegionKeepsTheId) {
  const Scope other{"111122223333", scope.region};
  send_orders(scope, "default", "arn:aws:events:us-west-2:111122223333:event-bus/default");
  send_orders(other, "default", kAgentArn);
  ASSERT_TRUE(put(order("event-1")));

  (void)send(handed_over().at(0));

  EXPECT_EQ(envelope_id(handed_over().at(1)), "event-1");
}

TEST_F(EventBusTargetTest, AnotherAccountsBusIsReachedOnlyWhenItsPolicyAllowsIfPoliciesAreEnforced) {
  const Scope other{.account = "123456789012", .region = scope.region};
  send_orders(scope, "default", bus::bus_arn(other, "default"));
  ASSERT_TRUE(put(order("event-1")));
  const store::Delivery delivery = handed_over().at(0);
  EXPECT_EQ(fail_code(send(delivery, EventBusTarget::Policies::Enforced)), "NO_PERMISSIONS");

  ASSERT_TRUE(catalog->put_permission(
      other, "default", {.statement_id = "s", .principal = scope.account, .action = "events:PutEvents"}));

  EXPECT_TRUE(std::holds_alternative<Delivered>(send(delivery, EventBusTarget::Policies::Enforced)));
}

TEST_F(EventBusTargetTest, IsNotSentOnToAThirdBus) {
  ASSERT_TRUE(catalog->create_bus(scope, "shop", {}));
  send_orders(scope, "default", shop_arn);
  send_orders(scope, "shop", "arn:aws:events:us-west-2:000000000000:event-bus/default");
  ASSERT_TRUE(put(order("event-1")));

  (void)send(handed_over().at(0));

  EXPECT_EQ(fail_code(send(handed_over().at(1))), kNoPermissions);
  EXPECT_EQ(handed_over().size(), 2u);
}

TEST_F(EventBusTargetTest, AReplayedEventIsSentOnOnceMoreForEachReplay) {
  ASSERT_TRUE(catalog->create_bus(scope, "shop", {}));
  send_orders(scope, "default", shop_arn);
  send_orders(scope, "shop", "arn:aws:events:us-west-2:000000000000:event-bus/default");
  ASSERT_TRUE(put(order("event-1")));
  Event again = order("event-1");
  again.replay_name = "again";
  bus::Incoming replayed = bus::incoming(scope, "default", again);
  replayed.id = event::replayed_id("event-1", "again");
  ASSERT_TRUE(bus->replay({replayed}, {}, {}));

  EXPECT_TRUE(std::holds_alternative<Delivered>(send(handed_over().at(0))));
  EXPECT_TRUE(std::holds_alternative<Delivered>(send(handed_over().at(1))));

  ASSERT_EQ(handed_over().size(), 4u);
  EXPECT_EQ(fail_code(send(handed_over().at(3))), kNoPermissions);
}

TEST_F(EventBusTargetTest, ABusThatIsNotThereFailsForGood) {
  send_orders(scope, "default", shop_arn);
  ASSERT_TRUE(put(order("event-1")));

  EXPECT_EQ(fail_code(send(handed_over().at(0))), kNoResource);
}

TEST_F(EventBusTargetTest, IsTriedAgainWhenTheStoreCannotWrite) {
  ASSERT_TRUE(catalog->create_bus(scope, "shop", {}));
  send_orders(scope, "default", shop_arn);
  ASSERT_TRUE(put(order("event-1")));
  store.fail_commits(true);

  EXPECT_TRUE(std::holds_alternative<Retry>(send(handed_over().at(0))));
}

}  // namespace
}  // namespace ebagent::delivery
