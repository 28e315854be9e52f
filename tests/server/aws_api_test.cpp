#include "server/aws_api/aws_api.hpp"

#include <gtest/gtest.h>

#include <string>

#include "api_fixture.hpp"
#include "server/aws_api/caller.hpp"

namespace ebagent::server {
namespace {

using testing::AwsApiTest;

constexpr std::string_view kOrderRule =
    R"({"Name":"order-processor","EventPattern":"{\"source\":[\"myapp.orders\"]}","Description":"orders"})";
constexpr std::string_view kLambda = "arn:aws:lambda:us-west-2:123:function:eventbridge-agent";

TEST_F(AwsApiTest, MakesAndDescribesARule) {
  const auto made = ok("PutRule", kOrderRule);

  EXPECT_EQ(made.at("RuleArn").as_string(), "arn:aws:events:us-east-1:000000000000:rule/order-processor");
  const auto rule = ok("DescribeRule", R"({"Name":"order-processor"})");
  EXPECT_EQ(rule.at("State").as_string(), "ENABLED");
  EXPECT_EQ(rule.at("EventPattern").as_string(), R"({"source":["myapp.orders"]})");
  EXPECT_EQ(rule.at("EventBusName").as_string(), "default");
  EXPECT_FALSE(rule.contains("ScheduleExpression"));
}

TEST_F(AwsApiTest, DisablesEnablesAndDeletesARule) {
  ok("PutRule", kOrderRule);

  EXPECT_TRUE(ok("DisableRule", R"({"Name":"order-processor"})").empty());
  EXPECT_EQ(ok("DescribeRule", R"({"Name":"order-processor"})").at("State").as_string(), "DISABLED");
  ok("EnableRule", R"({"Name":"order-processor"})");
  EXPECT_EQ(ok("DescribeRule", R"({"Name":"order-processor"})").at("State").as_string(), "ENABLED");
  ok("DeleteRule", R"({"Name":"order-processor"})");
  EXPECT_EQ(refusal("DescribeRule", R"({"Name":"order-processor"})"),
            "ResourceNotFoundException: Rule order-processor does not exist on EventBus default.");
}

TEST_F(AwsApiTest, ListsRulesPageByPage) {
  for (const std::string name : {"a1", "a2", "b1"}) {
    ok("PutRule", R"x({"ScheduleExpression":"rate(1 hour)","Name":")x" + name + "\"}");
  }

  const auto first = ok("ListRules", R"({"NamePrefix":"a","Limit":1})");
  ASSERT_EQ(first.at("Rules").as_array().size(), 1u);
  const std::string token{first.at("NextToken").as_string()};
  const auto second = ok("ListRules", R"({"NamePrefix":"a","Limit":1,"NextToken":")" + token + "\"}");

  EXPECT_EQ(second.at("Rules").as_array().at(0).at("Name").as_string(), "a2");
  EXPECT_EQ(ok("ListRules", "{}").at("Rules").as_array().size(), 3u);
}

TEST_F(AwsApiTest, PutsListsAndRemovesTargets) {
  ok("PutRule", kOrderRule);
  const std::string target =
      R"({"Id":"1","Arn":")" + std::string{kLambda} + R"(","RetryPolicy":{"MaximumRetryAttempts":3}})";

  const auto put = ok("PutTargets", R"({"Rule":"order-processor","Targets":[)" + target + "]}");
  EXPECT_EQ(put.at("FailedEntryCount").as_int64(), 0);
  const auto listed = ok("ListTargetsByRule", R"({"Rule":"order-processor"})");
  EXPECT_EQ(listed.at("Targets").as_array().at(0), boost::json::parse(target));
  const auto names = ok("ListRuleNamesByTarget", R"({"TargetArn":")" + std::string{kLambda} + "\"}");
  EXPECT_EQ(names.at("RuleNames"), boost::json::parse(R"(["order-processor"])"));
  const auto removed = ok("RemoveTargets", R"({"Rule":"order-processor","Ids":["1","2"]})");

  EXPECT_EQ(removed.at("FailedEntryCount").as_int64(), 1);
  EXPECT_EQ(removed.at("FailedEntries").as_array().at(0).at("TargetId").as_string(), "2");
  EXPECT_TRUE(ok("ListTargetsByRule", R"({"Rule":"order-processor"})").at("Targets").as_array().empty());
}

TEST_F(AwsApiTest, ShowsTheDefaultBus) {
  EXPECT_EQ(ok("DescribeEventBus", "{}").at("Arn").as_string(),
            "arn:aws:events:us-east-1:000000000000:event-bus/default");
  EXPECT_EQ(ok("ListEventBuses", "{}").at("EventBuses").as_array().at(0).at("Name").as_string(), "default");
}

TEST_F(AwsApiTest, AnswersWhatIsOverCapacityWithAnErrorThatSdksRetry) {
  Request over = request("PutEvents", "");
  over.is_over_capacity = true;

  const Reply reply = send(std::move(over));

  EXPECT_EQ(reply.status, 400u);
  EXPECT_EQ(
      reply.body,
      R"({"__type":"ThrottlingException","message":"Rate exceeded: the server has as many requests in hand as it may."})");
}

TEST_F(AwsApiTest, AnswersPutEventsWithAnErrorThatSdksRetryWhileTheStoreHasTooMuchToWrite) {
  std::promise<void> held;
  std::promise<void> go_on;
  store_->commit({store::PutCatalog{{"rule", "first", "{}"}}}, [&](const Result<store::Committed>&) {
    held.set_value();
    go_on.get_future().wait();
  });
  held.get_future().wait();
  const std::string record(60'000'000, 'x');
  store_->commit({store::PutCatalog{{"rule", "large", record}}}, [](const Result<store::Committed>&) {});

  const std::string refused =
      refusal("PutEvents", R"({"Entries":[{"Source":"s","DetailType":"t","Detail":"{}"}]})");
  go_on.set_value();
  (void)store_->commit_and_wait({});

  EXPECT_EQ(refused, "ThrottlingException: Rate exceeded: As much waits to be written to the store as may.");
  ok("PutEvents", R"({"Entries":[{"Source":"s","DetailType":"t","Detail":"{}"}]})");
}

TEST_F(AwsApiTest, AnswersPutEventsWithTheIdsOfDurableEvents) {
  ok("PutRule", kOrderRule);
  ok("PutTargets",
     R"({"Rule":"order-processor","Targets":[{"Id":"1","Arn":")" + std::string{kLambda} + "\"}]}");

  const auto put =
      ok("PutEvents",
         R"({"Entries":[{"Source":"myapp.orders","DetailType":"Order Placed","Detail":"{\"a\":1}"},)"
         R"({"Source":"myapp.orders"}]})");

  EXPECT_EQ(put.at("FailedEntryCount").as_int64(), 1);
  const std::string id{put.at("Entries").as_array().at(0).at("EventId").as_string()};
  EXPECT_NE(store_->event_by_id(id).value().value().find("\"detail\":{\"a\":1}"), std::string::npos);
  EXPECT_EQ(put.at("Entries").as_array().at(1).at("ErrorCode").as_string(), "InvalidArgument");
  EXPECT_EQ(store_->counts().value().accepted, 1);
}

TEST_F(AwsApiTest, SaysWhetherAnEventMatchesAPattern) {
  const std::string envelope =
      R"({\"id\":\"1\",\"account\":\"1\",\"source\":\"s\",\"time\":\"t\",\"region\":\"r\",\"resources\":[],\"detail-type\":\"d\"})";

  EXPECT_TRUE(ok("TestEventPattern", R"({"EventPattern":"{\"source\":[\"s\"]}","Event":")" + envelope + "\"}")
                  .at("Result")
                  .as_bool());
  EXPECT_FALSE(
      ok("TestEventPattern", R"({"EventPattern":"{\"source\":[\"x\"]}","Event":")" + envelope + "\"}")
          .at("Result")
          .as_bool());
}

TEST_F(AwsApiTest, RefusesWhatIsNoEventAndWhatIsNoPattern) {
  for (const std::string_view event : {"{}", "[]", "x", R"({\"source\":\"s\"})"}) {
    EXPECT_EQ(refusal("TestEventPattern",
                      R"({"EventPattern":"{\"source\":[\"s\"]}","Event":")" + std::string{event} + "\"}"),
              "ValidationException: Parameter Event is not valid.");
  }
  EXPECT_TRUE(refusal("TestEventPattern", R"({"EventPattern":"{\"source\":\"s\"}","Event":"{}"})")
                  .starts_with("InvalidEventPatternException: Event pattern is not valid. Reason: "));
}

TEST_F(AwsApiTest, NamesEveryConstraintThatARequestBreaks) {
  EXPECT_EQ(refusal("PutRule", R"({"Name":"no spaces"})"),
            "ValidationException: 1 validation error detected: Value 'no spaces' at 'name' failed to satisfy "
            "constraint: Member must satisfy regular expression pattern: [\\.\\-_A-Za-z0-9]+");
  EXPECT_EQ(
      refusal("PutRule", "{}"),
      "ValidationException: 1 validation error detected: Value null at 'name' failed to satisfy constraint: "
      "Member must not be null");
  EXPECT_EQ(refusal("ListRules", R"({"Limit":0,"NextToken":""})"),
            "ValidationException: 2 validation errors detected: Value '' at 'nextToken' failed to satisfy "
            "constraint: Member must have length greater than or equal to 1; Value '0' at 'limit' failed to "
            "satisfy "
            "constraint: Member must have value greater than or equal to 1");
  EXPECT_EQ(
      refusal("PutRule", R"({"Name":"r","State":"ON"})"),
      "ValidationException: 1 validation error detected: Value 'ON' at 'state' failed to satisfy constraint: "
      "Member must satisfy enum value set: [ENABLED, DISABLED, "
      "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS]");
  EXPECT_EQ(
      refusal("PutTargets",
              R"({"Rule":"r","Targets":[{"Id":"1","Arn":"a","RetryPolicy":{"MaximumRetryAttempts":186}}]})"),
      "ValidationException: 1 validation error detected: Value '186' at "
      "'targets.1.member.retryPolicy.maximumRetryAttempts' failed to satisfy constraint: Member must have "
      "value less than or equal to 185");
}

TEST_F(AwsApiTest, CallsBadJsonAndWrongTypesSerializationExceptions) {
  EXPECT_EQ(refusal("PutRule", R"({"Name":5})"),
            "SerializationException: Name must be a string, not a number.");
  EXPECT_EQ(refusal("ListRules", R"({"Limit":1.5})"),
            "SerializationException: Limit must be an integer, not a number.");
  EXPECT_EQ(refusal("PutTargets", R"({"Rule":"r","Targets":[{"Id":"1","Arn":[]}]})"),
            "SerializationException: Targets[0].Arn must be a string, not a list.");
  for (const std::string_view body : {"{", "[]", "nonsense", "\"x\"", "{}{}", "{\"Name\":\"\xff\"}"}) {
    for (const std::string_view operation : {"PutRule", "PutEvents", "TestEventPattern"}) {
      EXPECT_TRUE(refusal(operation, body).starts_with("SerializationException: "))
          << operation << " " << body;
    }
  }
}

TEST_F(AwsApiTest, TellsUnknownOperationsFromThoseItDoesNotOffer) {
  EXPECT_EQ(refusal("CreateEndpoint", "{}"),
            "UnknownOperationException: EventBridge has the operation CreateEndpoint, but this server does "
            "not offer it.");
  EXPECT_EQ(refusal("PutRules", "{}"),
            "UnknownOperationException: EventBridge has no operation of that name.");
  Request without_target;
  without_target.method = "POST";
  EXPECT_EQ(send(without_target).status, 400u);
}

TEST_F(AwsApiTest, ShapesErrorsAsSdksReadThem) {
  const Reply reply = call("DescribeRule", R"({"Name":"gone"})");

  EXPECT_EQ(reply.status, 400u);
  EXPECT_EQ(reply.content_type, "application/x-amz-json-1.1");
  EXPECT_EQ(
      reply.body,
      R"({"__type":"ResourceNotFoundException","message":"Rule gone does not exist on EventBus default."})");
  ASSERT_EQ(reply.headers.size(), 2u);
  EXPECT_EQ(reply.headers[0].first, "x-amzn-RequestId");
  EXPECT_EQ(reply.headers[1],
            (std::pair<std::string, std::string>{"x-amzn-ErrorType", "ResourceNotFoundException"}));
}

TEST_F(AwsApiTest, RefusesOtherMediaTypes) {
  Request form;
  form.method = "POST";
  form.headers.add("Content-Type", "application/x-www-form-urlencoded");
  form.headers.add("X-Amz-Target", "AWSEvents.ListRules");

  EXPECT_EQ(send(form).status, 415u);
}

TEST_F(AwsApiTest, KeepsTheRulesOfAccountsAndRegionsApart) {
  const auto signed_by = [](Request request, std::string_view key, std::string_view region) {
    request.headers.add("Authorization", "AWS4-HMAC-SHA256 Credential=" + std::string{key} + "/20260126/" +
                                             std::string{region} +
                                             "/events/aws4_request, SignedHeaders=host, Signature=0");
    return request;
  };

  const Reply made = send(signed_by(request("PutRule", kOrderRule), "123456789012", "eu-west-1"));

  EXPECT_EQ(made.body, R"({"RuleArn":"arn:aws:events:eu-west-1:123456789012:rule/order-processor"})");
  EXPECT_EQ(
      send(signed_by(request("DescribeRule", R"({"Name":"order-processor"})"), "AKIAEXAMPLE", "eu-west-1"))
          .status,
      400u);
  EXPECT_EQ(call("DescribeRule", R"({"Name":"order-processor"})").status, 400u);
}

TEST(CallerScope, IsReadFromEveryPlaceACredentialCanStand) {
  const bus::Scope defaults{"000000000000", "us-east-1"};
  const bus::Scope expected{"123456789012", "eu-west-1"};
  Request header;
  header.headers.add("X-Amz-Credential", "123456789012/20260126/eu-west-1/events/aws4_request");
  Request query;
  query.target =
      "/?X-Amz-Credential=123456789012%2F20260126%2Feu-west-1%2Fevents%2Faws4_request&X-Amz-Date=x";
  Request nonsense;
  nonsense.headers.add("Authorization", "AWS4-HMAC-SHA256 Credential=/////, SignedHeaders=");

  EXPECT_EQ(aws_api::caller_scope(header, defaults), expected);
  EXPECT_EQ(aws_api::caller_scope(query, defaults), expected);
  EXPECT_EQ(aws_api::caller_scope(nonsense, defaults), defaults);
  EXPECT_EQ(aws_api::caller_scope({}, defaults), defaults);
}

TEST_F(AwsApiTest, ABusShowsItsSettingsAndTimes) {
  ok("CreateEventBus",
     R"({"Name":"shop","Description":"Orders","LogConfig":{"Level":"INFO"},"DeadLetterConfig":{"Arn":"arn:aws:sqs:us-east-1:000000000000:dlq"}})");

  const auto bus = ok("DescribeEventBus", R"({"Name":"shop"})");

  EXPECT_EQ(bus.at("Description"), "Orders");
  EXPECT_EQ(bus.at("LogConfig").at("Level"), "INFO");
  EXPECT_EQ(bus.at("DeadLetterConfig").at("Arn"), "arn:aws:sqs:us-east-1:000000000000:dlq");
  EXPECT_TRUE(bus.at("CreationTime").is_number());
  EXPECT_EQ(ok("UpdateEventBus", R"({"Name":"shop","Description":""})").contains("Description"), false);
}

TEST_F(AwsApiTest, APolicyThatIsTooLongHasAnErrorOfItsOwn) {
  const std::string policy = R"({\"Statement\":\")" + std::string(11'000, 'x') + R"(\"})";

  EXPECT_EQ(refusal("PutPermission", R"({"Policy":")" + policy + R"("})"),
            "PolicyLengthExceededException: The policy of an event bus can have at most 10240 characters.");
}

}  // namespace
}  // namespace ebagent::server
