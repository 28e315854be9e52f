#include "server/scheduler_api/scheduler_api.hpp"

#include <gtest/gtest.h>

#include "scheduler_api_fixture.hpp"
#include "server/scheduler_api/patterns.hpp"
#include "server/scheduler_api/request_target.hpp"

namespace ebagent::server::scheduler_api {
namespace {

constexpr std::string_view kHourly =
    R"x({"ScheduleExpression":"rate(1 hour)","FlexibleTimeWindow":{"Mode":"OFF"},"Target":)x"
    R"({"Arn":"arn:aws:lambda:us-east-1:000000000000:function:agent",)"
    R"("RoleArn":"arn:aws:iam::000000000000:role/r"}})";

class SchedulerApiTest : public testing::SchedulerApiFixture {
 protected:
  boost::json::object ok(std::string_view method, std::string_view target, std::string_view body = {}) {
    const Reply reply = rest(method, target, body);
    EXPECT_EQ(reply.status, 200U) << reply.body;
    return core::parse_json(reply.body).value().get_object();
  }
  // "STATUS Type: message"
  std::string refusal(std::string_view method, std::string_view target, std::string_view body = {}) {
    const Reply reply = rest(method, target, body);
    std::string type;
    for (const auto& [name, value] : reply.headers) {
      if (name == "x-amzn-ErrorType") type = value;
    }
    return std::to_string(reply.status) + " " + type + ": " +
           core::text_member(core::parse_json(reply.body).value().get_object(), "Message");
  }
  // The body with a member more, or in the place of another.
  static std::string with(std::string_view member, std::string_view json) {
    auto body = core::parse_json(kHourly).value().get_object();
    body[member] = core::parse_json(json).value();
    return core::write_json(body);
  }
};

TEST_F(SchedulerApiTest, MakesShowsAndDeletesASchedule) {
  const auto made = ok("POST", "/schedules/hourly", kHourly);
  EXPECT_EQ(made.at("ScheduleArn").as_string(),
            "arn:aws:scheduler:us-east-1:000000000000:schedule/default/hourly");

  const auto shown = ok("GET", "/schedules/hourly");
  EXPECT_EQ(shown.at("ScheduleExpressionTimezone").as_string(), "UTC");
  EXPECT_EQ(shown.at("State").as_string(), "ENABLED");
  EXPECT_EQ(shown.at("ActionAfterCompletion").as_string(), "NONE");
  EXPECT_EQ(shown.at("CreationDate").to_number<double>(), 1769443200.0);
  EXPECT_EQ(shown.at("Target").at("RetryPolicy").at("MaximumRetryAttempts").as_int64(), 185);

  EXPECT_TRUE(ok("DELETE", "/schedules/hourly?groupName=default&clientToken=t").empty());
  EXPECT_EQ(refusal("GET", "/schedules/hourly"),
            "404 ResourceNotFoundException: Schedule hourly does not exist.");
}

TEST_F(SchedulerApiTest, AnswersConflictsWith409) {
  ok("POST", "/schedules/hourly", kHourly);

  EXPECT_EQ(refusal("POST", "/schedules/hourly", kHourly),
            "409 ConflictException: Schedule hourly already exists.");
}

TEST_F(SchedulerApiTest, AnswersARepeatedRequestTheSameWay) {
  const std::string body = with("ClientToken", R"("abc")");
  ok("POST", "/schedules/hourly", body);

  EXPECT_EQ(rest("POST", "/schedules/hourly", body).status, 200U);
  auto other = core::parse_json(body).value().get_object();
  other["Description"] = "other";
  EXPECT_EQ(rest("POST", "/schedules/hourly", core::write_json(other)).status, 409U);
}

TEST_F(SchedulerApiTest, HoldsRequestsAgainstTheServiceModel) {
  EXPECT_EQ(refusal("POST", "/schedules/a%20b", kHourly),
            "400 ValidationException: 1 validation error detected: Value 'a b' at 'name' failed to satisfy "
            "constraint: Member must satisfy regular expression pattern: ^[0-9a-zA-Z-_.]+$");
  EXPECT_EQ(
      refusal("POST", "/schedules/x", "{}"),
      "400 ValidationException: 3 validation errors detected: Value null at 'flexibleTimeWindow' failed to "
      "satisfy constraint: Member must not be null; Value null at 'scheduleExpression' failed to satisfy "
      "constraint: Member must not be null; Value null at 'target' failed to satisfy constraint: Member "
      "must "
      "not be null");
  EXPECT_EQ(refusal("GET", "/schedules?MaxResults=1000"),
            "400 ValidationException: 1 validation error detected: Value '1000' at 'maxResults' failed to "
            "satisfy "
            "constraint: Member must have value less than or equal to 100");
  EXPECT_EQ(refusal("POST", "/schedules/x", with("State", R"("ON")")),
            "400 ValidationException: 1 validation error detected: Value 'ON' at 'state' failed to satisfy "
            "constraint: Member must satisfy enum value set: [ENABLED, DISABLED]");
  EXPECT_EQ(rest("GET", "/schedules?MaxResults=many").status, 400U);
  EXPECT_EQ(rest("POST", "/schedules/x", "[]").status, 400U);
  EXPECT_EQ(rest("POST", "/schedules/x", "{").status, 400U);
}

TEST_F(SchedulerApiTest, RefusesAnExpressionByItsText) {
  EXPECT_EQ(refusal("POST", "/schedules/x", with("ScheduleExpression", R"x("rate(10 parsecs)")x")),
            "400 ValidationException: Invalid Schedule Expression rate(10 parsecs).");
}

TEST_F(SchedulerApiTest, WantsAWindowThatFitsItsMode) {
  EXPECT_EQ(rest("POST", "/schedules/x", with("FlexibleTimeWindow", R"({"Mode":"FLEXIBLE"})")).status, 400U);
  EXPECT_EQ(
      rest("POST", "/schedules/x", with("FlexibleTimeWindow", R"({"Mode":"OFF","MaximumWindowInMinutes":5})"))
          .status,
      400U);
  ok("POST", "/schedules/x", with("FlexibleTimeWindow", R"({"Mode":"FLEXIBLE","MaximumWindowInMinutes":5})"));
  EXPECT_EQ(ok("GET", "/schedules/x").at("FlexibleTimeWindow").at("MaximumWindowInMinutes").as_int64(), 5);
}

TEST_F(SchedulerApiTest, ReadsDatesAsSeconds) {
  auto body = core::parse_json(kHourly).value().get_object();
  body["StartDate"] = 1769446800.5;
  body["EndDate"] = 1769533200;
  ok("POST", "/schedules/x", core::write_json(body));

  const auto shown = ok("GET", "/schedules/x");
  EXPECT_EQ(shown.at("StartDate").to_number<double>(), 1769446800.5);
  EXPECT_EQ(shown.at("EndDate").to_number<double>(), 1769533200.0);
  body["StartDate"] = "2026-01-01";
  EXPECT_EQ(rest("POST", "/schedules/y", core::write_json(body)).status, 400U);
  body["StartDate"] = 1e300;
  EXPECT_EQ(rest("POST", "/schedules/y", core::write_json(body)).status, 400U);
}

TEST_F(SchedulerApiTest, UpdatesAndLists) {
  ok("POST", "/schedule-groups/g", "");
  ok("POST", "/schedules/x", with("GroupName", R"("g")"));
  auto body = core::parse_json(kHourly).value().get_object();
  body["GroupName"] = "g";
  body["State"] = "DISABLED";
  ok("PUT", "/schedules/x", core::write_json(body));

  EXPECT_EQ(ok("GET", "/schedules/x?groupName=g").at("State").as_string(), "DISABLED");
  EXPECT_EQ(
      ok("GET", "/schedules?ScheduleGroup=g&State=DISABLED&NamePrefix=x").at("Schedules").as_array().size(),
      1U);
  EXPECT_EQ(ok("GET", "/schedules?State=ENABLED").at("Schedules").as_array().size(), 0U);
  EXPECT_EQ(refusal("GET", "/schedules?ScheduleGroup=none"),
            "404 ResourceNotFoundException: Schedule group none does not exist.");
}

TEST_F(SchedulerApiTest, KeepsGroupsAndTheirTags) {
  const std::string arn = "arn%3Aaws%3Ascheduler%3Aus-east-1%3A000000000000%3Aschedule-group%2Fg";
  ok("POST", "/schedule-groups/g", R"({"Tags":[{"Key":"a","Value":"1"}]})");
  ok("POST", "/tags/" + arn, R"({"Tags":[{"Key":"b","Value":"2"}]})");
  ok("DELETE", "/tags/" + arn + "?TagKeys=a&TagKeys=none");

  EXPECT_EQ(core::write_json(ok("GET", "/tags/" + arn)), R"({"Tags":[{"Key":"b","Value":"2"}]})");
  EXPECT_EQ(ok("GET", "/schedule-groups/g").at("State").as_string(), "ACTIVE");
  EXPECT_EQ(ok("GET", "/schedule-groups").at("ScheduleGroups").as_array().size(), 2U);
  ok("DELETE", "/schedule-groups/g");
  EXPECT_EQ(rest("GET", "/tags/" + arn).status, 404U);
}

TEST_F(SchedulerApiTest, SaysWhatItDoesNotKnow) {
  EXPECT_EQ(rest("PATCH", "/schedules/x").status, 404U);
  EXPECT_EQ(rest("POST", "/schedules").status, 404U);
  EXPECT_EQ(rest("GET", "/schedules/%zz").status, 404U);
}

TEST_F(SchedulerApiTest, ThrottlesWhenTooManyWait) {
  SchedulerApi full{*schedules_, clock_, random_, {.threads = 1, .max_waiting = 0}};
  Request made;
  made.method = "GET";
  made.target = "/schedules";
  std::promise<Reply> answered;
  full.handle(std::move(made), [&answered](Reply reply) { answered.set_value(std::move(reply)); });

  EXPECT_EQ(answered.get_future().get().status, 429U);
}

TEST(RequestTarget, IsDecoded) {
  const auto target = read_target("/tags/a%3Ab%2Fc/d?x=1+2&x=3&y=%C3%A4&z");

  ASSERT_TRUE(target);
  EXPECT_EQ(target->collection, "tags");
  EXPECT_EQ(target->name, "a:b/c/d");
  EXPECT_EQ(target->query.at("x"), (std::vector<std::string>{"1 2", "3"}));
  EXPECT_EQ(*target->parameter("y"), "ä");
  EXPECT_EQ(*target->parameter("z"), "");
  EXPECT_EQ(target->parameter("none"), nullptr);
}

TEST(RequestTarget, IsRefusedWhenItCannotBeDecoded) {
  for (const char* text : {"/x/%", "/x/%4", "/x/%G0", "/x/%C3", "/x?a=%", "/x?%FF=1", "/x/%+1"}) {
    EXPECT_FALSE(read_target(text)) << text;
  }
}

TEST(SchedulerPatterns, AreThoseOfTheServiceModel) {
  EXPECT_TRUE(is_role_arn("arn:aws:iam::123456789012:role/service-role/x+y=z,w.v@u-t_s"));
  EXPECT_TRUE(is_role_arn("arn:aws-cn:iam::123456789012:role/x"));
  for (const char* no_role :
       {"arn:aws:iam::1:role/x", "arn:aws:iam:us-east-1:123456789012:role/x",
        "arn:aws:iam::123456789012:role/", "arn:aws:iam::123456789012:user/x",
        "arn:aws-:iam::123456789012:role/x", "arn:awsx:iam::123456789012:role/x", "x", ""}) {
    EXPECT_FALSE(is_role_arn(no_role)) << no_role;
  }
  EXPECT_TRUE(is_queue_arn("arn:aws:sqs:us-east-1:123456789012:my_queue-1"));
  EXPECT_FALSE(is_queue_arn("arn:aws:sqs:us-east-1:123456789012:my.fifo"));
  EXPECT_TRUE(is_kms_key_arn("arn:aws:kms:us-east-1:123456789012:key/abc-1"));
  EXPECT_FALSE(is_kms_key_arn("arn:aws:kms:us-east-1:123456789012:thing/abc"));
  EXPECT_TRUE(is_source("my.app"));
  EXPECT_TRUE(is_source("$.source"));
  EXPECT_FALSE(is_source("aws.app"));
  EXPECT_FALSE(is_source("(x"));
}

}  // namespace
}  // namespace ebagent::server::scheduler_api
