#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <string>

#include "support/manual_clock.hpp"
#include "targets/kinesis_target.hpp"
#include "targets/lambda_target.hpp"
#include "targets/logs_target.hpp"
#include "targets/scripted_client.hpp"
#include "targets/sns_target.hpp"
#include "targets/sqs_target.hpp"
#include "targets/step_functions_target.hpp"
#include "targets/target_deliveries.hpp"
#include "targets/target_parts.hpp"

namespace ebagent::targets {
namespace {

namespace json = boost::json;
using testing::answer;
using testing::delivery_to;
using ::testing::HasSubstr;
using testing::header;
using testing::kEvent;
using testing::no_answer;
using ::testing::Not;
using testing::verdict;

const std::string kQueue = "arn:aws:sqs:eu-west-1:123456789012:orders";

class AwsTargetsTest : public ::testing::Test {
 protected:
  static aws::Endpoints endpoints(const std::vector<std::string>& options) {
    return aws::Endpoints::from(options, [](const std::string&) { return std::string{}; }).value();
  }
  static std::vector<std::unique_ptr<aws::CredentialSource>> keys(std::string id) {
    return aws::default_sources([id](const std::string& name) {
      if (id.empty()) return std::string{};
      if (name == "AWS_ACCESS_KEY_ID") return id;
      return std::string{name == "AWS_SECRET_ACCESS_KEY" ? "secret-of-" + id : ""};
    });
  }
  template <class Target>
  std::string send(const store::Delivery& delivery) {
    Target target{aws};
    outcome = target.send(delivery);
    return verdict(outcome);
  }
  [[nodiscard]] json::object sent_json() const { return json::parse(http.sent.back().body).as_object(); }

  http::Answer next = answer(200, "{}");
  testing::ScriptedClient http{[this](const http::Request&) { return next; }};
  ebagent::testing::ManualClock clock;
  aws::CredentialChain credentials{keys("AKID"), clock};
  AwsClient aws{http, endpoints({"http://127.0.0.1:4566"}), credentials, clock};
  delivery::SendOutcome outcome = delivery::Delivered{};
};

TEST_F(AwsTargetsTest, SqsSendsASignedMessageToTheQueueOfTheArn) {
  EXPECT_EQ(send<SqsTarget>(delivery_to(kQueue)), "delivered");

  const http::Request& sent = http.sent.at(0);
  EXPECT_EQ(sent.url, "http://127.0.0.1:4566/");
  EXPECT_EQ(header(sent, "X-Amz-Target"), "AmazonSQS.SendMessage");
  EXPECT_THAT(header(sent, "Authorization"),
              HasSubstr("Credential=AKID/20260126/eu-west-1/sqs/aws4_request"));
  EXPECT_EQ(sent_json(), (json::object{{"QueueUrl", "http://127.0.0.1:4566/123456789012/orders"},
                                       {"MessageBody", kEvent}}));
}

TEST_F(AwsTargetsTest, SqsFifoRepeatsItsDeduplicationIdForEveryAttemptAndNoOther) {
  const std::string group = R"(,"SqsParameters":{"MessageGroupId":"g"})";
  store::Delivery delivery = delivery_to(kQueue + ".fifo", group);
  const auto id = [&] { return std::string{sent_json().at("MessageDeduplicationId").as_string()}; };

  send<SqsTarget>(delivery);
  const std::string first = id();
  delivery.attempts = 3;
  send<SqsTarget>(delivery);
  EXPECT_EQ(id(), first);
  EXPECT_EQ(sent_json().at("MessageGroupId"), "g");

  delivery.accepted += std::chrono::hours{1};  // redriven
  send<SqsTarget>(delivery);
  EXPECT_NE(id(), first);
}

TEST_F(AwsTargetsTest, SqsFifoWithoutAGroupSaysWhatIsMissing) {
  EXPECT_EQ(send<SqsTarget>(delivery_to(kQueue + ".fifo")), "fail INVALID_PARAMETER");
  EXPECT_THAT(testing::message(outcome), HasSubstr("SqsParameters.MessageGroupId"));
  EXPECT_TRUE(http.sent.empty());
}

TEST_F(AwsTargetsTest, AnswersOfServicesAreUnderstood) {
  const auto refused = [&](int status, const std::string& type) {
    next = answer(status, R"({"__type":"com.amazonaws.sqs#)" + type + R"(","message":"because"})");
    return send<SqsTarget>(delivery_to(kQueue));
  };

  EXPECT_EQ(refused(400, "QueueDoesNotExist"), "fail NO_RESOURCE");
  EXPECT_EQ(refused(400, "ThrottlingException"), "retry THROTTLING");
  EXPECT_EQ(refused(400, "InvalidMessageContents"), "fail INVALID_PARAMETER");
  EXPECT_EQ(refused(400, "AccessDeniedException"), "fail NO_PERMISSIONS");
  EXPECT_EQ(refused(403, "InvalidClientTokenId"), "fail NO_PERMISSIONS");
  EXPECT_EQ(refused(403, "ExpiredTokenException"), "retry NO_PERMISSIONS");
  EXPECT_EQ(refused(403, "Whatever"), "fail NO_PERMISSIONS");
  EXPECT_EQ(refused(404, "Whatever"), "fail NO_RESOURCE");
  EXPECT_EQ(refused(429, "Whatever"), "retry THROTTLING");
  EXPECT_EQ(refused(500, "InternalError"), "down ERROR_FROM_TARGET");
  EXPECT_THAT(testing::message(outcome),
              HasSubstr("SQS at http://127.0.0.1:4566 answered 500 InternalError: because"));
}

TEST_F(AwsTargetsTest, WhatDoesNotAnswerIsDown) {
  next = no_answer(http::Failure::Connect);
  EXPECT_EQ(send<SqsTarget>(delivery_to(kQueue)), "down CONNECTION_FAILURE");
  next = no_answer(http::Failure::TimedOut);
  EXPECT_EQ(send<SqsTarget>(delivery_to(kQueue)), "down TIMEOUT");
  next = no_answer(http::Failure::Tls);
  EXPECT_EQ(send<SqsTarget>(delivery_to(kQueue)), "down CONNECTION_FAILURE");
}

TEST_F(AwsTargetsTest, RetryAfterIsHonouredWithinAnHour) {
  next = answer(503, "", {{"Retry-After", "7"}});
  EXPECT_EQ(send<SqsTarget>(delivery_to(kQueue)), "down ERROR_FROM_TARGET");
  EXPECT_EQ(std::get<delivery::Retry>(outcome).retry_after, std::chrono::seconds{7});

  next = answer(429, "", {{"retry-after", "999999"}});
  send<SqsTarget>(delivery_to(kQueue));
  EXPECT_EQ(std::get<delivery::Retry>(outcome).retry_after, std::chrono::hours{1});

  next = answer(429, "", {{"Retry-After", "Wed, 21 Oct 2026 07:28:00 GMT"}});
  send<SqsTarget>(delivery_to(kQueue));
  EXPECT_EQ(std::get<delivery::Retry>(outcome).retry_after, std::nullopt);
}

TEST_F(AwsTargetsTest, AnArnWithoutARegionSendsNothing) {
  for (const char* arn : {"arn:aws:sqs::1:q", "arn:aws:sqs:evil.example.com/:1:q", "arn:aws:sqs:EU:1:q"}) {
    EXPECT_EQ(send<SqsTarget>(delivery_to(arn)), "fail INVALID_PARAMETER") << arn;
  }
  EXPECT_TRUE(http.sent.empty());
}

TEST_F(AwsTargetsTest, EmulatorsOnThisMachineGetTestKeysAndOthersNone) {
  aws::CredentialChain none{keys(""), clock};
  AwsClient here{http, endpoints({"http://localhost:4566"}), none, clock};
  AwsClient there{http, endpoints({"SQS=aws"}), none, clock};

  EXPECT_EQ(verdict(SqsTarget{here}.send(delivery_to(kQueue))), "delivered");
  EXPECT_THAT(header(http.sent.at(0), "Authorization"), HasSubstr("Credential=test/"));

  const auto refused = SqsTarget{there}.send(delivery_to(kQueue));
  EXPECT_EQ(verdict(refused), "fail NO_PERMISSIONS");
  EXPECT_THAT(testing::message(refused), HasSubstr("AWS_ACCESS_KEY_ID"));
  EXPECT_EQ(http.sent.size(), 1U);
}

TEST_F(AwsTargetsTest, MessagesNeverShowKeys) {
  next = no_answer(http::Failure::Connect, "No answer from 127.0.0.1:4566: refused.");
  send<SqsTarget>(delivery_to(kQueue));

  EXPECT_THAT(testing::message(outcome), Not(HasSubstr("secret")));
}

TEST_F(AwsTargetsTest, SnsPublishesAFormAndReadsXmlErrors) {
  const std::string topic = "arn:aws:sns:eu-west-1:123456789012:orders";
  next = answer(200, "<PublishResponse/>");
  EXPECT_EQ(send<SnsTarget>(delivery_to(topic, "", R"("a&b=c +é")")), "delivered");
  EXPECT_THAT(http.sent.at(0).body,
              HasSubstr("&TopicArn=arn%3Aaws%3Asns%3Aeu-west-1%3A123456789012%3Aorders"));
  EXPECT_THAT(http.sent.at(0).body, HasSubstr("&Message=%22a%26b%3Dc%20%2B%C3%A9%22"));

  next = answer(404,
                "<ErrorResponse><Error><Type>Sender</Type><Code>NotFound</Code>"
                "<Message>Topic &lt;x&gt; &amp; more</Message></Error></ErrorResponse>");
  EXPECT_EQ(send<SnsTarget>(delivery_to(topic)), "fail NO_RESOURCE");
  EXPECT_THAT(testing::message(outcome), HasSubstr("NotFound: Topic <x> & more"));
}

TEST_F(AwsTargetsTest, StepFunctionsTakesAnExecutionThatExistsForDelivered) {
  const std::string machine = "arn:aws:states:eu-west-1:123456789012:stateMachine:orders";
  EXPECT_EQ(send<StepFunctionsTarget>(delivery_to(machine)), "delivered");
  const auto name = sent_json().at("name");
  EXPECT_EQ(sent_json().at("input"), kEvent);

  next = answer(400, R"({"__type":"ExecutionAlreadyExists","message":"exists"})");
  EXPECT_EQ(send<StepFunctionsTarget>(delivery_to(machine)), "delivered");
  EXPECT_EQ(sent_json().at("name"), name);

  next = answer(400, R"({"__type":"StateMachineDoesNotExist"})");
  EXPECT_EQ(send<StepFunctionsTarget>(delivery_to(machine)), "fail NO_RESOURCE");
}

TEST_F(AwsTargetsTest, KinesisTakesThePartitionKeyFromThePath) {
  const std::string stream = "arn:aws:kinesis:eu-west-1:123456789012:stream/orders";
  const auto key = [&](const std::string& path) {
    send<KinesisTarget>(delivery_to(
        stream, path.empty() ? "" : R"(,"KinesisParameters":{"PartitionKeyPath":")" + path + "\"}", "{}"));
    return std::string{sent_json().at("PartitionKey").as_string()};
  };

  EXPECT_EQ(key(""), "7e8f");
  EXPECT_EQ(key("$.source"), "shop");
  EXPECT_EQ(key("$.resources[0]"), "arn:aws:x:::r");
  EXPECT_EQ(key("$.detail.absent"), "7e8f");
  EXPECT_EQ(key("no path"), "7e8f");
  send<KinesisTarget>(delivery_to(stream, R"(,"KinesisParameters":{"PartitionKey":"fixed"})", "{}"));
  EXPECT_EQ(sent_json().at("PartitionKey"), "fixed");
  EXPECT_EQ(sent_json().at("Data"), "e30=");
  EXPECT_EQ(sent_json().at("StreamName"), "orders");
}

TEST_F(AwsTargetsTest, FirehoseSendsARecord) {
  EXPECT_EQ(send<FirehoseTarget>(delivery_to("arn:aws:firehose:eu-west-1:1:deliverystream/hose", "", "{}")),
            "delivered");
  EXPECT_EQ(sent_json(),
            (json::object{{"DeliveryStreamName", "hose"}, {"Record", json::object{{"Data", "e30="}}}}));
  EXPECT_EQ(send<FirehoseTarget>(delivery_to("arn:aws:firehose:eu-west-1:1:stream/hose")),
            "fail NO_RESOURCE");
}

TEST_F(AwsTargetsTest, LogsReadTheShapeThatATransformerMakes) {
  const std::string group = "arn:aws:logs:eu-west-1:1:log-group:/aws/events/orders";
  const auto event = [&](std::optional<std::string> input) {
    send<LogsTarget>(delivery_to(group + ":*", "", std::move(input)));
    return sent_json().at("logEvents").at(0).as_object();
  };

  EXPECT_EQ(event({}), (json::object{{"timestamp", 1'000'000}, {"message", kEvent}}));
  EXPECT_EQ(sent_json().at("logGroupName"), "/aws/events/orders");
  EXPECT_EQ(sent_json().at("logStreamName"), "orders/target-1");
  EXPECT_EQ(event(R"({"timestamp":1700000000000,"message":"hi"})"),
            (json::object{{"timestamp", 1'700'000'000'000}, {"message", "hi"}}));
  EXPECT_EQ(event(R"({"timestamp":"2023-11-14T22:13:20Z","message":{"a":1}})"),
            (json::object{{"timestamp", 1'700'000'000'000}, {"message", R"({"a":1})"}}));
  EXPECT_EQ(event(R"({"timestamp":"soon","message":"hi"})").at("timestamp"), 1'000'000);
  EXPECT_EQ(event(R"({"message":"hi"})").at("message"), R"({"message":"hi"})");
}

TEST_F(AwsTargetsTest, LogsMakeTheStreamWhenItIsNotThere) {
  bool has_stream = false;
  testing::ScriptedClient logs{[&](const http::Request& request) {
    const std::string operation = header(request, "X-Amz-Target");
    if (operation == "Logs_20140328.CreateLogStream") has_stream = true;
    if (operation == "Logs_20140328.PutLogEvents" && !has_stream) {
      return answer(400, R"({"__type":"ResourceNotFoundException","message":"no stream"})");
    }
    return answer(200, "{}");
  }};
  AwsClient client{logs, endpoints({"http://127.0.0.1:4566"}), credentials, clock};
  LogsTarget target{client};

  EXPECT_EQ(verdict(target.send(delivery_to("arn:aws:logs:eu-west-1:1:log-group:g"))), "delivered");
  EXPECT_EQ(logs.sent.size(), 3U);
}

TEST_F(AwsTargetsTest, LogsThatRefuseTheTimeAreNotDelivered) {
  next = answer(200, R"({"rejectedLogEventsInfo":{"tooOldLogEventEndIndex":1}})");

  EXPECT_EQ(send<LogsTarget>(delivery_to("arn:aws:logs:eu-west-1:1:log-group:g")), "fail INVALID_PARAMETER");
}

// Answers to the function "mine".
class Agents final : public delivery::TargetSender {
 public:
  delivery::SendOutcome send(const store::Delivery& delivery) override {
    if (delivery.route->target_arn.ends_with(":mine")) return delivery::Delivered{};
    if (delivery.route->target_arn.ends_with(":ill")) return delivery::Fail{"ERROR_FROM_TARGET", "it broke"};
    return delivery::Fail{"NO_RESOURCE", "No agent answers."};
  }
};

TEST_F(AwsTargetsTest, LambdaIsInvokedForWhatNoAgentAnswersTo) {
  LambdaTarget target{std::make_shared<Agents>(), aws};
  const std::string function = "arn:aws:lambda:eu-west-1:123456789012:function:";
  next = answer(202);

  EXPECT_EQ(verdict(target.send(delivery_to(function + "mine"))), "delivered");
  EXPECT_EQ(verdict(target.send(delivery_to(function + "ill"))), "fail ERROR_FROM_TARGET");
  EXPECT_TRUE(http.sent.empty());

  EXPECT_EQ(verdict(target.send(delivery_to(function + "theirs:live"))), "delivered");
  const http::Request& sent = http.sent.at(0);
  EXPECT_EQ(sent.url,
            "http://127.0.0.1:4566/2015-03-31/functions/"
            "arn%3Aaws%3Alambda%3Aeu-west-1%3A123456789012%3Afunction%3Atheirs/invocations?Qualifier=live");
  EXPECT_EQ(header(sent, "X-Amz-Invocation-Type"), "Event");
  EXPECT_EQ(sent.body, kEvent);
}

TEST_F(AwsTargetsTest, LambdaWithoutAnEndpointSaysThatThereIsNoAgentAndWhatToSet) {
  AwsClient nowhere{http, {}, credentials, clock};
  LambdaTarget target{std::make_shared<Agents>(), nowhere};

  const auto outcome_of_absent = target.send(delivery_to("arn:aws:lambda:eu-west-1:1:function:absent"));

  EXPECT_EQ(verdict(outcome_of_absent), "fail NO_RESOURCE");
  EXPECT_THAT(testing::message(outcome_of_absent),
              HasSubstr("No agent answers. No endpoint is set for LAMBDA"));
}

TEST(Base64, EncodesEveryLength) {
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("fo"), "Zm8=");
  EXPECT_EQ(base64("foo"), "Zm9v");
  EXPECT_EQ(base64(std::string_view{"\0\xff", 2}), "AP8=");
}

}  // namespace
}  // namespace ebagent::targets
