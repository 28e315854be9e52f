#include "delivery/schedule_delivery.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace ebagent::delivery {
namespace {

store::Delivery delivery_of(std::string rule_arn, std::optional<std::string> input,
                            std::string event = "{}") {
  store::Route route{.rule_arn = std::move(rule_arn), .target_arn = "arn:aws:sqs:us-east-1:000000000000:q"};
  return {.event = std::make_shared<const std::string>(std::move(event)),
          .input = std::move(input),
          .route = std::make_shared<const store::Route>(std::move(route))};
}

constexpr const char* kGroup = "arn:aws:scheduler:us-east-1:000000000000:schedule-group/default";
constexpr const char* kRule = "arn:aws:events:us-east-1:000000000000:rule/r";

// Keeps what it is sent.
class Keeper final : public TargetSender {
 public:
  explicit Keeper(AttemptNumber number) : number_(number) {}
  [[nodiscard]] SendOutcome send(const store::Delivery& delivery) override {
    sent.push_back(payload(delivery));
    return Delivered{};
  }
  [[nodiscard]] AttemptNumber attempt_number() const override { return number_; }
  std::vector<std::string> sent;

 private:
  const AttemptNumber number_;
};

std::string sent_by(AttemptNumber number, int attempts) {
  SenderTable senders;
  const auto keeper = std::make_shared<Keeper>(number);
  senders.serve_service("sqs", keeper);
  Record record;
  store::Delivery delivery = delivery_of(kGroup, "n=<aws.scheduler.attempt-number>");
  delivery.attempts = attempts;
  static_cast<void>(senders.send(delivery, record));
  return keeper->sent.at(0);
}

TEST(ScheduleDelivery, CountsItsAttemptsInItsInput) {
  EXPECT_EQ(sent_by(AttemptNumber::Counted, 0), "n=1");
  EXPECT_EQ(sent_by(AttemptNumber::Counted, 4), "n=5");
}

TEST(ScheduleDelivery, IsTheSameToATargetThatResumes) {
  EXPECT_EQ(sent_by(AttemptNumber::AlwaysOne, 4), "n=1");
}

TEST(ScheduleDelivery, IsLeftAsItIsToASenderThatFillsTheNumberIn) {
  EXPECT_EQ(sent_by(AttemptNumber::BySender, 4), "n=<aws.scheduler.attempt-number>");
}

TEST(ScheduleDelivery, NumbersTheEventWhenThereIsNoInput) {
  const auto numbered = with_attempt_number(
      delivery_of(kGroup, std::nullopt, R"({"detail":"<aws.scheduler.attempt-number>"})"), 3);

  ASSERT_TRUE(numbered);
  EXPECT_EQ(*numbered->event, R"({"detail":"3"})");
}

TEST(ScheduleDelivery, LeavesDeliveriesOfRulesAlone) {
  EXPECT_FALSE(with_attempt_number(delivery_of(kRule, "<aws.scheduler.attempt-number>"), 1));
  EXPECT_FALSE(with_attempt_number(delivery_of(kGroup, "plain"), 1));
  EXPECT_FALSE(is_of_schedule(*delivery_of("", "x").route));
}

TEST(ScheduleDelivery, NamesItsScheduleInADeadLetter) {
  const std::string event =
      R"({"id":"e","source":"aws.scheduler","detail-type":"Scheduled Event","time":"2026-01-26T16:00:00Z",)"
      R"("resources":["arn:aws:scheduler:us-east-1:000000000000:schedule/default/x"],"detail":{}})";
  using Attributes = std::vector<std::pair<std::string, std::string>>;

  EXPECT_EQ(schedule_attributes(*delivery_of(kGroup, "x").route, event),
            (Attributes{{"SCHEDULE_ARN", "arn:aws:scheduler:us-east-1:000000000000:schedule/default/x"},
                        {"SCHEDULED_TIME", "2026-01-26T16:00:00Z"},
                        {"EXECUTION_ID", "e"},
                        {"IS_PAYLOAD_TRUNCATED", "false"}}));
  EXPECT_TRUE(schedule_attributes(*delivery_of(kRule, "x").route, event).empty());
}

TEST(UniversalTarget, SaysThatItCannotBeCalled) {
  UniversalTarget target;

  const auto outcome = target.send(delivery_of(kGroup, "x"));

  ASSERT_TRUE(std::holds_alternative<Fail>(outcome));
  EXPECT_EQ(std::get<Fail>(outcome).code, kNoResource);
}

}  // namespace
}  // namespace ebagent::delivery
