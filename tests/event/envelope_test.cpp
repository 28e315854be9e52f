#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "core/json.hpp"
#include "ebagent/event.hpp"

namespace ebagent {
namespace {

const TimePoint kTime =
    TimePoint{std::chrono::sys_days{std::chrono::year{2026} / 1 / 26}} + std::chrono::hours{16};

EnvelopeDefaults defaults() {
  return {.id = "made-id", .account = "111122223333", .region = "eu-west-1", .time = kTime};
}

std::string reason_for(std::string_view text, const EnvelopeDefaults& with = defaults()) {
  const auto event = parse_event(text, with);
  return event ? "accepted" : event.error().message;
}

TEST(ParseEvent, ReadsEveryFieldOfAnEnvelope) {
  const auto event = parse_event(
      R"({"version":"0","id":"e-1","detail-type":"Object Created","source":"aws.s3","account":"123456789012",
          "time":"2026-01-02T03:04:05Z","region":"us-west-2","replay-name":"again","resources":["arn:a","arn:b"],
          "detail":{"size": 1024000, "ratio": 1.50}})",
      defaults());

  ASSERT_TRUE(event) << event.error().message;
  EXPECT_EQ(event.value().id, "e-1");
  EXPECT_EQ(event.value().detail_type, "Object Created");
  EXPECT_EQ(event.value().source, "aws.s3");
  EXPECT_EQ(event.value().account, "123456789012");
  EXPECT_EQ(event.value().region, "us-west-2");
  EXPECT_EQ(event.value().replay_name, "again");
  EXPECT_EQ(event.value().resources, (std::vector<std::string>{"arn:a", "arn:b"}));
  EXPECT_EQ(event.value().detail, R"({"size": 1024000, "ratio": 1.50})");
}

TEST(ParseEvent, CompletesWhatTheEventLeavesOut) {
  const auto event = parse_event(R"({"source":"s","detail-type":"t","detail":{}})", defaults());

  ASSERT_TRUE(event);
  EXPECT_EQ(event.value().id, "made-id");
  EXPECT_EQ(event.value().account, "111122223333");
  EXPECT_EQ(event.value().region, "eu-west-1");
  EXPECT_EQ(event.value().time, kTime);
  EXPECT_TRUE(event.value().resources.empty());
}

TEST(ParseEvent, IgnoresMembersItDoesNotKnow) {
  EXPECT_EQ(reason_for(R"({"source":"s","x":{"y":[1]},"detail-type":"t","z":1,"detail":{}})"), "accepted");
}

TEST(ParseEvent, NamesTheFieldThatIsMissing) {
  EXPECT_EQ(reason_for(R"({"detail-type":"t","detail":{}})"),
            "The event has no \"source\"; EventBridge events need one.");
  EXPECT_EQ(reason_for(R"({"source":"s","detail":{}})"),
            "The event has no \"detail-type\"; EventBridge events need one.");
  EXPECT_EQ(reason_for(R"({"source":"s","detail-type":"t"})"),
            "The event has no \"detail\"; EventBridge events need one.");
  EXPECT_EQ(reason_for(R"({"source":"s","detail-type":"t","detail":{}})", {}),
            "The event has no \"id\"; EventBridge events need one.");
}

TEST(ParseEvent, NamesTheFieldOfTheWrongType) {
  EXPECT_EQ(reason_for(R"({"source":1,"detail-type":"t","detail":{}})"),
            "The event's field \"source\" must be a string.");
  EXPECT_EQ(reason_for(R"({"source":"s","detail-type":"t","detail":"{}"})"),
            "The event's field \"detail\" must be a JSON object.");
  EXPECT_EQ(reason_for(R"({"source":"s","detail-type":"t","detail":{},"resources":"arn"})"),
            "The event's field \"resources\" must be a list of strings.");
  EXPECT_EQ(reason_for(R"({"source":"s","detail-type":"t","detail":{},"resources":[1]})"),
            "The event's field \"resources\" must be a list of strings.");
  EXPECT_EQ(
      reason_for(R"({"source":"s","detail-type":"t","detail":{},"time":"yesterday"})"),
      "The event's field \"time\" must be an RFC 3339 time such as 2026-01-26T16:00:00Z, not \"yesterday\".");
}

TEST(ParseEvent, RefusesTextThatIsNotStrictJson) {
  EXPECT_EQ(parse_event(R"({"source":"s","source":"s"})", defaults()).error().code, ErrorCode::Malformed);
  EXPECT_EQ(reason_for("{\"source\":\"\xff\"}"), "The event cannot be read: it is not valid UTF-8.");
  EXPECT_EQ(reason_for("[]"), "The event cannot be read: it is not a JSON object.");
  EXPECT_EQ(reason_for(""), "The event cannot be read: it is empty.");
}

TEST(EventToJson, WritesTheFieldsInEventBridgesOrder) {
  Event event{.id = "i",
              .detail_type = "t",
              .source = "s",
              .account = "1",
              .time = kTime,
              .region = "r",
              .replay_name = {},
              .resources = {}};
  event.resources = {"arn:\"a\"", "b"};
  event.detail = R"({"n":1e400})";

  EXPECT_EQ(
      to_json(event),
      R"({"version":"0","id":"i","detail-type":"t","source":"s","account":"1","time":"2026-01-26T16:00:00Z",)"
      R"("region":"r","resources":["arn:\"a\"","b"],"detail":{"n":1e400}})");
  event.replay_name = "again";
  EXPECT_NE(to_json(event).find(R"("region":"r","replay-name":"again","resources")"), std::string::npos);
}

TEST(EventToJson, IsReadBackAsTheSameEvent) {
  Event event{.id = "i",
              .detail_type = "tab\t",
              .source = "quo\"te",
              .account = "1",
              .time = kTime,
              .region = "r",
              .replay_name = "again",
              .resources = {"x"},
              .detail = R"({"a" : [1, 2.0]})"};

  EXPECT_EQ(parse_event(to_json(event), {}).value(), event);
}

TEST(EventDetail, IsReadAsAnObject) {
  Event event;
  event.detail = R"({"amount": 99.99})";

  EXPECT_DOUBLE_EQ(event.detail_object().at("amount").as_double(), 99.99);
}

TEST(EventDetail, ThatIsNoObjectIsABrokenInvariant) {
  Event event;
  event.detail = "[]";

  EXPECT_THROW((void)event.detail_object(), std::logic_error);
}

}  // namespace
}  // namespace ebagent
