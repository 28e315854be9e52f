#include <gtest/gtest.h>

#include "delivery/deliveries.hpp"
#include "delivery/target_sender.hpp"

namespace ebagent::delivery {
namespace {

class Named final : public TargetSender {
 public:
  explicit Named(std::string name) : name_(std::move(name)) {}
  [[nodiscard]] SendOutcome send(const store::Delivery&) override { return Fail{name_, "for this test"}; }

 private:
  std::string name_;
};

SendOutcome send_to(const SenderTable& table, const std::string& arn) {
  Record record;
  return table.send(testing::delivery_to(arn), record);
}

std::string sender_of(const SenderTable& table, const std::string& arn) {
  return std::get<Fail>(send_to(table, arn)).code;
}

TEST(SenderTable, ChoosesTheSenderByTheServiceOfTheTargetArn) {
  SenderTable table;
  table.serve_service("lambda", std::make_shared<Named>("agents"));
  table.serve_service("sqs", std::make_shared<Named>("queues"));

  EXPECT_EQ(sender_of(table, "arn:aws:lambda:us-west-2:123:function:eventbridge-agent"), "agents");
  EXPECT_EQ(sender_of(table, "arn:aws:sqs:us-west-2:123:jobs"), "queues");
}

TEST(SenderTable, PrefersTheSenderOfTheExactArn) {
  SenderTable table;
  table.serve_service("lambda", std::make_shared<Named>("agents"));
  table.serve_arn("arn:aws:lambda:us-west-2:123:function:special", std::make_shared<Named>("special"));

  EXPECT_EQ(sender_of(table, "arn:aws:lambda:us-west-2:123:function:special"), "special");
}

TEST(SenderTable, PrefersTheSenderOfAKindOfResourceToThatOfItsService) {
  SenderTable table;
  table.serve_service("events", std::make_shared<Named>("buses"));
  table.serve_resources("events", "api-destination", std::make_shared<Named>("destinations"));

  EXPECT_EQ(sender_of(table, "arn:aws:events:us-west-2:123:api-destination/orders/7e8f"), "destinations");
  EXPECT_EQ(sender_of(table, "arn:aws:events:us-west-2:123:event-bus/api-destination"), "buses");
  EXPECT_EQ(sender_of(table, "arn:aws:events:us-west-2:::"), "buses");
}

TEST(SenderTable, FailsForGoodWithNoResourceWhenNobodyServesTheTarget) {
  const SenderTable table;

  const SendOutcome outcome = send_to(table, "arn:aws:sqs:us-west-2:123:jobs");

  ASSERT_TRUE(std::holds_alternative<Fail>(outcome));
  EXPECT_EQ(std::get<Fail>(outcome).code, "NO_RESOURCE");
  EXPECT_EQ(std::get<Fail>(outcome).message, "No agent or sender for target arn:aws:sqs:us-west-2:123:jobs.");
}

TEST(SenderTable, TakesTextThatIsNoArnForATargetNobodyServes) {
  const SenderTable table;

  EXPECT_EQ(sender_of(table, ""), "NO_RESOURCE");
  EXPECT_EQ(sender_of(table, "arn"), "NO_RESOURCE");
  EXPECT_EQ(sender_of(table, "arn:aws"), "NO_RESOURCE");
}

TEST(SenderTable, ReplacesTheSenderOfAServiceThatIsRegisteredAgain) {
  SenderTable table;
  table.serve_service("lambda", std::make_shared<Named>("first"));
  table.serve_service("lambda", std::make_shared<Named>("second"));

  EXPECT_EQ(sender_of(table, testing::kAgentArn), "second");
}

TEST(Payload, IsTheInputWhenThereIsOneAndTheEventOtherwise) {
  store::Delivery delivery = testing::delivery_to(testing::kAgentArn, 1, R"({"id":"1"})");
  EXPECT_EQ(payload(delivery), R"({"id":"1"})");

  delivery.input = "\"reshaped\"";
  EXPECT_EQ(payload(delivery), "\"reshaped\"");
}

}  // namespace
}  // namespace ebagent::delivery
