#include "event/cloud_events.hpp"

#include <gtest/gtest.h>

namespace ebagent::event {
namespace {

constexpr const char* kOrder =
    R"({"specversion":"1.0","id":"42","source":"/shop","type":"order.placed","subject":"order_123","time":"2026-01-26T16:00:00.5+01:00","data":{"amount": 99.990,"big":123456789012345678901234567890}})";

std::string refusal(std::string_view json) {
  const auto event = parse_cloud_event(json);
  return event ? "accepted" : event.error().message;
}

std::string with(std::string_view member) {
  return R"({"specversion":"1.0","id":"1","source":"s","type":"t",)" + std::string(member) + "}";
}

std::string detail(std::string_view member) {
  return parse_cloud_event(with(member)).value().detail;
}

TEST(CloudEvents, BecomeAnEnvelope) {
  const Event event = to_event(parse_cloud_event(kOrder).value(),
                               {.id = {}, .account = "111122223333", .region = "eu-west-1", .time = {}})
                          .value();

  EXPECT_EQ(event.source, "/shop");
  EXPECT_EQ(event.detail_type, "order.placed");
  EXPECT_EQ(event.account, "111122223333");
  EXPECT_EQ(event.region, "eu-west-1");
  EXPECT_EQ(event.resources, std::vector<std::string>{"order_123"});
  EXPECT_NE(to_json(event).find(R"("time":"2026-01-26T15:00:00Z")"), std::string::npos);
}

TEST(CloudEvents, DataKeepsTheSpellingOfItsProducer) {
  EXPECT_EQ(parse_cloud_event(kOrder).value().detail,
            R"({"amount": 99.990,"big":123456789012345678901234567890})");
}

TEST(CloudEvents, DataThatIsNoObjectStandsUnderAMember) {
  EXPECT_EQ(detail(R"("data":[1, 2])"), R"({"data":[1, 2]})");
  EXPECT_EQ(detail(R"("data":1.50)"), R"({"data":1.50})");
  EXPECT_EQ(detail(R"("data":"a\"b")"), R"({"data":"a\"b"})");
  EXPECT_EQ(detail(R"("data":null)"), "{}");
  EXPECT_EQ(detail(R"("data_base64":"AAE=")"), R"({"data_base64":"AAE="})");
  EXPECT_EQ(detail(R"("more":1)"), "{}");
}

TEST(CloudEvents, TheSameSourceAndIdAreTheSameEvent) {
  const auto id = [](const char* source, const char* id_text) {
    return to_event({.id = id_text, .source = source, .type = "t"}, {}).value().id;
  };

  EXPECT_EQ(id("/shop", "1"), id("/shop", "1"));
  EXPECT_NE(id("/shop", "1"), id("/store", "1"));
  EXPECT_NE(id("/shop", "1"), id("/shop", "2"));
}

TEST(CloudEvents, AreRefusedWithTheAttributeThatIsWrong) {
  EXPECT_EQ(refusal(R"({"id":"1","source":"s","type":"t"})"),
            "The CloudEvents attribute specversion must be a text that is not empty.");
  EXPECT_EQ(refusal(R"({"specversion":"0.3","id":"1","source":"s","type":"t"})"),
            "The CloudEvents attribute specversion must be 1.0.");
  EXPECT_EQ(refusal(R"({"specversion":"1.0","id":"","source":"s","type":"t"})"),
            "The CloudEvents attribute id must be a text that is not empty.");
  EXPECT_EQ(refusal(with(R"("subject":1)")), "The CloudEvents attribute subject must be a text.");
  EXPECT_EQ(refusal(with(R"("data":1,"data_base64":"AA==")")),
            "The CloudEvents attribute data_base64 cannot stand beside data.");
  EXPECT_EQ(refusal("[]"), "The event cannot be read: it is not a JSON object.");
  EXPECT_EQ(refusal(with(R"("data":{"a":1,"a":2})")),
            "The event cannot be read: the key \"a\" comes twice in one object.");
  EXPECT_EQ(to_event(parse_cloud_event(with(R"("time":"yesterday")")).value(), {}).error().message,
            "The CloudEvents attribute time must be a time as RFC 3339 writes it.");
}

TEST(CloudEvents, BatchesTellWhichEventIsWrong) {
  EXPECT_EQ(parse_cloud_events("[" + std::string(kOrder) + " , " + with("\"data\":1") + "]").value().size(),
            2u);
  EXPECT_EQ(parse_cloud_events("[]").value().size(), 0u);
  EXPECT_EQ(parse_cloud_events("[" + std::string(kOrder) + ",{}]").error().message,
            "Event 2 of the batch: The CloudEvents attribute specversion must be a text that is not empty.");
  EXPECT_EQ(parse_cloud_events("{}").error().message, "A batch must be a JSON array of events.");
}

TEST(CloudEvents, ABodyIsJsonOrText) {
  EXPECT_EQ(detail_of_body(R"( {"a":1} )", "application/json; charset=utf-8").value(), R"({"a":1})");
  EXPECT_EQ(detail_of_body("[1]", "application/vnd.shop+json").value(), R"({"data":[1]})");
  EXPECT_EQ(detail_of_body("a \"b\"", "text/plain").value(), R"({"data":"a \"b\""})");
  EXPECT_EQ(detail_of_body("", "").value(), "{}");
  EXPECT_FALSE(detail_of_body("{", "application/json"));
  EXPECT_FALSE(detail_of_body("1}, \"x\":{", "application/json"));
  EXPECT_FALSE(detail_of_body("\xFF", "application/octet-stream"));
}

}  // namespace
}  // namespace ebagent::event
