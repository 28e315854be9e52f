#include "targets/http_target.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <string>

#include "targets/scripted_client.hpp"
#include "targets/target_deliveries.hpp"

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

class HttpTargetTest : public ::testing::Test {
 protected:
  std::string send(const store::Delivery& delivery) {
    outcome = target.send(delivery);
    return verdict(outcome);
  }
  std::string answered(int status) {
    next = answer(status, "why");
    return send(delivery_to("https://hooks.example.com/x?token=secret"));
  }

  http::Answer next = answer(204);
  testing::ScriptedClient http{[this](const http::Request&) { return next; }};
  HttpTarget target{http};
  delivery::SendOutcome outcome = delivery::Delivered{};
};

TEST_F(HttpTargetTest, PostsTheEvent) {
  EXPECT_EQ(send(delivery_to("https://hooks.example.com/orders?a=1")), "delivered");

  const http::Request& sent = http.sent.at(0);
  EXPECT_EQ(sent.method, "POST");
  EXPECT_EQ(sent.url, "https://hooks.example.com/orders?a=1");
  EXPECT_EQ(sent.body, kEvent);
  EXPECT_EQ(header(sent, "Content-Type"), "application/json; charset=utf-8");
  EXPECT_EQ(header(sent, "Idempotency-Key").size(), 36U);
  EXPECT_EQ(sent.max_redirects, 0);
}

TEST_F(HttpTargetTest, PostsTheInputInPlaceOfTheEvent) {
  send(delivery_to("http://h/", "", R"({"a":1})"));

  EXPECT_EQ(http.sent.at(0).body, R"({"a":1})");
}

TEST_F(HttpTargetTest, HonoursHttpParameters) {
  send(delivery_to("http://h/a/*/b/*?x=1", R"(,"HttpParameters":{"PathParameterValues":["o/1","ü"],)"
                                           R"("HeaderParameters":{"X-Key":"k","content-type":"text/plain"},)"
                                           R"("QueryStringParameters":{"q":"a&b"}})"));

  const http::Request& sent = http.sent.at(0);
  EXPECT_EQ(sent.url, "http://h/a/o%2F1/b/%C3%BC?x=1&q=a%26b");
  EXPECT_EQ(header(sent, "X-Key"), "k");
  EXPECT_EQ(header(sent, "content-type"), "text/plain");
  EXPECT_EQ(header(sent, "Content-Type"), "");
}

TEST_F(HttpTargetTest, RefusesParametersThatCannotBe) {
  EXPECT_EQ(send(delivery_to("http://h/*", R"(,"HttpParameters":{"PathParameterValues":["a","b"]})")),
            "fail INVALID_PARAMETER");
  EXPECT_THAT(testing::message(outcome), HasSubstr("1 '*' and its PathParameterValues 2"));
  EXPECT_EQ(send(delivery_to("http://h/", R"(,"HttpParameters":{"HeaderParameters":{"Host":"other"}})")),
            "fail INVALID_PARAMETER");
  EXPECT_EQ(send(delivery_to("http://h/#cloudevents=xml")), "fail INVALID_PARAMETER");
  EXPECT_EQ(send(delivery_to("http://user:secret@h/")), "fail INVALID_PARAMETER");
  EXPECT_THAT(testing::message(outcome), Not(HasSubstr("secret")));
  EXPECT_TRUE(http.sent.empty());
}

TEST_F(HttpTargetTest, SendsCloudEventsInBinaryMode) {
  send(delivery_to("http://h/x#cloudevents=binary"));

  const http::Request& sent = http.sent.at(0);
  EXPECT_EQ(sent.url, "http://h/x");
  EXPECT_EQ(header(sent, "ce-specversion"), "1.0");
  EXPECT_EQ(header(sent, "ce-id"), "7e8f");
  EXPECT_EQ(header(sent, "ce-source"), "shop");
  EXPECT_EQ(header(sent, "ce-type"), "Order%20%C3%BC");
  EXPECT_EQ(header(sent, "ce-time"), "2026-11-24T11:29:04Z");
  EXPECT_EQ(header(sent, "ce-subject"), "arn:aws:x:::r");
  EXPECT_EQ(header(sent, "ce-awsregion"), "eu-west-1");
  EXPECT_EQ(header(sent, "Content-Type"), "application/json");
  EXPECT_EQ(sent.body, R"({"n":1.50})");
}

TEST_F(HttpTargetTest, SendsCloudEventsInStructuredMode) {
  send(delivery_to("http://h/x#cloudevents=structured", "", "[1]"));

  const http::Request& sent = http.sent.at(0);
  EXPECT_EQ(header(sent, "Content-Type"), "application/cloudevents+json");
  const json::object event = json::parse(sent.body).as_object();
  EXPECT_EQ(event.at("type"), "Order ü");
  EXPECT_EQ(event.at("id"), "7e8f");
  EXPECT_EQ(event.at("data"), json::array{1});
}

TEST_F(HttpTargetTest, AnswersDecideWhatBecomesOfTheDelivery) {
  EXPECT_EQ(answered(200), "delivered");
  EXPECT_EQ(answered(299), "delivered");
  EXPECT_EQ(answered(302), "fail ERROR_FROM_TARGET");
  EXPECT_EQ(answered(400), "fail ERROR_FROM_TARGET");
  EXPECT_EQ(answered(401), "fail NO_PERMISSIONS");
  EXPECT_EQ(answered(403), "fail NO_PERMISSIONS");
  EXPECT_EQ(answered(404), "fail NO_RESOURCE");
  EXPECT_EQ(answered(410), "fail NO_RESOURCE");
  EXPECT_EQ(answered(408), "retry TIMEOUT");
  EXPECT_EQ(answered(409), "retry ERROR_FROM_TARGET");
  EXPECT_EQ(answered(429), "retry THROTTLING");
  EXPECT_EQ(answered(500), "down ERROR_FROM_TARGET");
  EXPECT_EQ(testing::message(outcome), "https://hooks.example.com/x answered 500: why");
  next = no_answer(http::Failure::InvalidRequest);
  EXPECT_EQ(send(delivery_to("http://h/")), "fail INVALID_PARAMETER");
}

}  // namespace
}  // namespace ebagent::targets
