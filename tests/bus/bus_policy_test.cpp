#include "bus/bus_policy.hpp"

#include <gtest/gtest.h>

#include <string>

#include "bus/catalog_fixture.hpp"
#include "core/json.hpp"

namespace ebagent::bus {
namespace {

constexpr std::string_view kBus = "arn:aws:events:us-west-2:000000000000:event-bus/default";
const PutAttempt kOrder{
    .account = "123456789012", .bus_arn = kBus, .source = "myapp.orders", .detail_type = "Order Placed"};

// The verdict of a policy with these statements.
PolicyVerdict with(const std::string& statements, const PutAttempt& attempt = kOrder) {
  return evaluate(core::parse_json(R"({"Statement":[)" + statements + "]}").value().as_object(), attempt);
}
std::string allow(const std::string& principal, const std::string& more = "") {
  return R"({"Effect":"Allow","Principal":)" + principal +
         R"(,"Action":"events:PutEvents","Resource":"arn:aws:events:us-west-2:000000000000:event-bus/default")" +
         more + "}";
}

TEST(BusPolicy, AllowsTheAccountsItNames) {
  EXPECT_EQ(with(allow(R"("*")")), PolicyVerdict::Allowed);
  EXPECT_EQ(with(allow(R"({"AWS":"*"})")), PolicyVerdict::Allowed);
  EXPECT_EQ(with(allow(R"({"AWS":"arn:aws:iam::123456789012:root"})")), PolicyVerdict::Allowed);
  EXPECT_EQ(with(allow(R"({"AWS":["111111111111","123456789012"]})")), PolicyVerdict::Allowed);

  EXPECT_EQ(with(allow(R"({"AWS":"arn:aws:iam::111111111111:root"})")), PolicyVerdict::Denied);
  EXPECT_EQ(with(allow(R"({"AWS":"arn:aws:iam::123456789012:user/x"})")), PolicyVerdict::Denied);
  EXPECT_EQ(with(allow(R"({"Service":"events.amazonaws.com"})")), PolicyVerdict::Denied);
  EXPECT_EQ(with(""), PolicyVerdict::Denied);
  EXPECT_EQ(evaluate({}, kOrder), PolicyVerdict::Denied);
}

TEST(BusPolicy, AllowsTheActionsAndBusesItNames) {
  const auto statement = [](const std::string& action, const std::string& resource) {
    return with(R"({"Effect":"Allow","Principal":"*","Action":)" + action + R"(,"Resource":)" + resource +
                "}");
  };
  EXPECT_EQ(statement(R"("events:*")", R"("*")"), PolicyVerdict::Allowed);
  EXPECT_EQ(statement(R"(["events:PutRule","events:putevents"])",
                      R"(["arn:aws:events:*:000000000000:event-bus/d?fault"])"),
            PolicyVerdict::Allowed);
  EXPECT_EQ(statement(R"("events:PutRule")", R"("*")"), PolicyVerdict::Denied);
  EXPECT_EQ(statement(R"("events:PutEvents")", R"("arn:aws:events:us-west-2:000000000000:event-bus/other")"),
            PolicyVerdict::Denied);
}

TEST(BusPolicy, TellsWhetherTheSourceOrTheDetailTypeStandsInTheWay) {
  const auto on = [](const std::string& condition) {
    return with(allow(R"("*")", R"(,"Condition":)" + condition));
  };
  EXPECT_EQ(on(R"({"StringEquals":{"events:source":["other","myapp.orders"]}})"), PolicyVerdict::Allowed);
  EXPECT_EQ(on(R"({"StringLike":{"events:source":"myapp.*","events:detail-type":"Order *"}})"),
            PolicyVerdict::Allowed);
  EXPECT_EQ(on(R"({"StringEquals":{"events:source":"myapp.*"}})"), PolicyVerdict::DeniedForSource);
  EXPECT_EQ(on(R"({"StringEquals":{"events:detail-type":"Order Shipped"}})"),
            PolicyVerdict::DeniedForDetailType);
}

TEST(BusPolicy, DoesNotAllowWhatItDoesNotUnderstand) {
  for (const char* condition :
       {R"({"StringEquals":{"aws:PrincipalOrgID":"o-1"}})", R"({"Bool":{"events:source":"myapp.orders"}})",
        R"({"StringEquals":"x"})", R"("x")"}) {
    EXPECT_EQ(with(allow(R"("*")", std::string{R"(,"Condition":)"} + condition)), PolicyVerdict::Denied)
        << condition;
  }
}

TEST(BusPolicy, LetsADenialWinOverWhatAllows) {
  const std::string denial =
      R"({"Effect":"Deny","Principal":{"AWS":"123456789012"},"Action":"events:*","Resource":"*"})";
  EXPECT_EQ(with(allow(R"("*")") + "," + denial), PolicyVerdict::Denied);
  EXPECT_EQ(with(denial + "," + allow(R"("*")"),
                 {.account = "111111111111", .bus_arn = kBus, .source = {}, .detail_type = {}}),
            PolicyVerdict::Allowed);
  const std::string of_others =
      R"({"Effect":"Deny","Principal":"*","Action":"events:*","Resource":"*","Condition":{"StringEquals":{"events:source":"x"}}})";
  EXPECT_EQ(with(allow(R"("*")") + "," + of_others), PolicyVerdict::Allowed);
  const std::string unclear =
      R"({"Effect":"Deny","Principal":"*","Action":"events:*","Resource":"*","Condition":{"StringNotEquals":{"aws:PrincipalOrgID":"o-1"}}})";
  EXPECT_EQ(with(allow(R"("*")") + "," + unclear), PolicyVerdict::Denied);
}

class BusPolicyOfACatalog : public testing::CatalogFixture {};

TEST_F(BusPolicyOfACatalog, IsWhatPutPermissionMade) {
  EXPECT_EQ(may_put(*catalog, kOrder), PolicyVerdict::Denied);
  EXPECT_EQ(may_put(*catalog, {.account = scope.account, .bus_arn = kBus, .source = {}, .detail_type = {}}),
            PolicyVerdict::Allowed);

  ASSERT_TRUE(catalog->put_permission(
      scope, "default", {.statement_id = "s", .principal = "123456789012", .action = "events:PutEvents"}));

  EXPECT_EQ(may_put(*catalog, kOrder), PolicyVerdict::Allowed);
  PutAttempt elsewhere = kOrder;
  elsewhere.bus_arn = "arn:aws:events:us-west-2:000000000000:event-bus/none";
  EXPECT_EQ(may_put(*catalog, elsewhere), PolicyVerdict::Denied);
}

}  // namespace
}  // namespace ebagent::bus
