#include "targets/dead_letter_queues.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <chrono>
#include <string>
#include <vector>

#include "store/sqlite/sqlite_store.hpp"
#include "support/manual_clock.hpp"
#include "targets/scripted_client.hpp"

namespace ebagent::targets {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;
using testing::answer;

const std::string kDead = "arn:aws:sqs:us-east-1:123456789012:dead";

class DeadLetterQueuesTest : public ::testing::Test {
 protected:
  // Lets a delivery whose target names `queue` die now.
  void bury(const std::string& id, const std::string& queue,
            const std::string& rule_arn = "arn:aws:events:us-east-1:123456789012:rule/r",
            const std::string& text = "{\"id\":1}") {
    store::Route route{.bus = "default",
                       .rule_arn = rule_arn,
                       .target_id = "t",
                       .target_arn = "arn:aws:sqs:us-east-1:123456789012:absent",
                       .target_json = "{}",
                       .dead_letter_arn = queue};
    store::AcceptEvent event{.id = id,
                             .bus = "default",
                             .json = std::make_shared<const std::string>(text),
                             .accepted = clock.now()};
    event.to.push_back({store->put_route(route).value(), "{}"});
    const auto made = store->commit_and_wait({event}).value();
    store
        ->commit_and_wait({store::MarkDead{.seq = made.deliveries.at(0).seq,
                                           .at = clock.now(),
                                           .attempts = 3,
                                           .error_code = "THROTTLING",
                                           .error_message = "line one\nline two",
                                           .exhausted_condition = "MaximumRetryAttempts"}})
        .value();
  }
  [[nodiscard]] std::size_t left() const { return store->dead_letters(100).value().size(); }

  std::unique_ptr<store::Store> store = store::sqlite::open_memory().value();
  ebagent::testing::ManualClock clock;
  http::Answer next = answer(200, "{}");
  testing::ScriptedClient http{[this](const http::Request&) { return next; }};
  aws::CredentialChain credentials{{}, clock};
  AwsClient aws{
      http,
      aws::Endpoints::from({"http://127.0.0.1:1"}, [](const std::string&) { return std::string{}; }).value(),
      credentials, clock};
  std::vector<std::string> errors;
  DeadLetterQueues queues{*store, aws, clock,
                          [this](const Error& error) { errors.push_back(error.message); }};
};

TEST_F(DeadLetterQueuesTest, SendsTheEventWithTheAttributesOfEventBridge) {
  bury("event-1", kDead);

  EXPECT_EQ(queues.send_due(), 1U);

  EXPECT_EQ(left(), 0U);
  const json::object sent = json::parse(http.sent.at(0).body).as_object();
  EXPECT_EQ(sent.at("QueueUrl"), "http://127.0.0.1:1/123456789012/dead");
  EXPECT_EQ(sent.at("MessageBody"), "{\"id\":1}");
  const json::object& attributes = sent.at("MessageAttributes").as_object();
  const auto value = [&](const char* name) {
    return std::string{attributes.at(name).at("StringValue").as_string()};
  };
  EXPECT_EQ(attributes.size(), 6U);
  EXPECT_EQ(value("RULE_ARN"), "arn:aws:events:us-east-1:123456789012:rule/r");
  EXPECT_EQ(value("TARGET_ARN"), "arn:aws:sqs:us-east-1:123456789012:absent");
  EXPECT_EQ(value("ERROR_CODE"), "THROTTLING");
  EXPECT_EQ(value("ERROR_MESSAGE"), "line one line two");
  EXPECT_EQ(value("EXHAUSTED_RETRY_CONDITION"), "MaximumRetryAttempts");
  EXPECT_EQ(value("RETRY_ATTEMPTS"), "2");
}

TEST_F(DeadLetterQueuesTest, SendsTheInputOfAScheduleWithTheAttributesOfScheduler) {
  const std::string schedule = "arn:aws:scheduler:us-east-1:123456789012:schedule/default/daily";
  bury(
      "run-1", kDead, "arn:aws:scheduler:us-east-1:123456789012:schedule-group/default",
      R"({"id":"run-1","source":"aws.scheduler","detail-type":"Scheduled Event","time":"2026-01-26T16:00:00Z",)"
      R"("resources":[")" +
          schedule + R"("],"detail":{}})");

  EXPECT_EQ(queues.send_due(), 1U);

  const json::object sent = json::parse(http.sent.at(0).body).as_object();
  EXPECT_EQ(sent.at("MessageBody"), "{}");
  const json::object& attributes = sent.at("MessageAttributes").as_object();
  const auto value = [&](const char* name) {
    return std::string{attributes.at(name).at("StringValue").as_string()};
  };
  EXPECT_FALSE(attributes.contains("RULE_ARN"));
  EXPECT_EQ(value("SCHEDULE_ARN"), schedule);
  EXPECT_EQ(value("SCHEDULED_TIME"), "2026-01-26T16:00:00Z");
  EXPECT_EQ(value("EXECUTION_ID"), "run-1");
  EXPECT_EQ(value("ERROR_CODE"), "THROTTLING");
}

TEST_F(DeadLetterQueuesTest, LeavesThoseWithoutAQueueWhereTheyAre) {
  bury("event-1", "");

  EXPECT_EQ(queues.send_due(), 0U);

  EXPECT_EQ(left(), 1U);
  EXPECT_TRUE(http.sent.empty());
}

TEST_F(DeadLetterQueuesTest, KeepsALetterUntilItsQueueTakesIt) {
  bury("event-1", kDead);
  next = answer(400, R"({"__type":"QueueDoesNotExist"})");

  EXPECT_EQ(queues.send_due(), 1U);
  EXPECT_EQ(queues.send_due(), 0U);  // not at once again
  EXPECT_EQ(left(), 1U);
  EXPECT_THAT(errors.at(0), ::testing::HasSubstr("stays here until " + kDead));

  clock.advance(1s);
  next = answer(200, "{}");
  EXPECT_EQ(queues.send_due(), 1U);
  EXPECT_EQ(left(), 0U);
}

TEST_F(DeadLetterQueuesTest, AQueueThatIsDownIsAskedOnceABatchAndDelaysNoOther) {
  for (int i = 0; i < 5; ++i) {
    bury("down-" + std::to_string(i), kDead);
    bury("down-too-" + std::to_string(i), kDead + "-too");
  }
  bury("up", kDead + "-other");
  testing::ScriptedClient picky{[&](const http::Request& request) {
    return request.body.find("dead-other") != std::string::npos ? answer(200, "{}")
                                                                : testing::no_answer(http::Failure::TimedOut);
  }};
  AwsClient client{
      picky,
      aws::Endpoints::from({"http://127.0.0.1:1"}, [](const std::string&) { return std::string{}; }).value(),
      credentials, clock};
  DeadLetterQueues picky_queues{*store, client, clock, [](const Error&) {}};

  picky_queues.send_due();

  EXPECT_EQ(picky.sent.size(), 3U);
  EXPECT_EQ(left(), 10U);
}

TEST_F(DeadLetterQueuesTest, ALetterThatIsRedrivenMeanwhileAndDiesAgainIsNotForgotten) {
  bury("event-1", kDead);
  const auto letter = store->dead_letters(1).value().at(0);
  store->redrive(letter.seq, clock.now()).value();
  clock.advance(1s);
  store->lease_due(clock.now(), 1).value();
  store
      ->commit_and_wait({store::MarkDead{.seq = letter.seq,
                                         .at = clock.now(),
                                         .attempts = 1,
                                         .error_code = "TIMEOUT",
                                         .error_message = "late",
                                         .exhausted_condition = ""}})
      .value();

  store->commit_and_wait({store::DeadLetterSent{.seq = letter.seq, .died = letter.died}}).value();

  EXPECT_EQ(left(), 1U);
  EXPECT_EQ(queues.send_due(), 1U);
  EXPECT_EQ(left(), 0U);
}

}  // namespace
}  // namespace ebagent::targets
