#include "server/front.hpp"

#include <gtest/gtest.h>

#include <tuple>

#include "scheduler_api_fixture.hpp"
#include "server/aws_api/caller.hpp"

namespace ebagent::server {
namespace {

class FrontTest : public testing::SchedulerApiFixture {
 protected:
  Reply ask(std::string_view method, std::string_view target, std::string_view header = {},
            std::string_view value = {}) {
    Request made;
    made.method = method;
    made.target = target;
    if (!header.empty()) made.headers.add(header, value);
    std::promise<Reply> answered;
    front_.handle(std::move(made), [&answered](Reply reply) { answered.set_value(std::move(reply)); });
    return answered.get_future().get();
  }

  Front front_{*api_,  *scheduler_api_, *cloud_events_, *store_, OriginGuard{OriginGuard::Bound::Loopback},
               "1.2.3"};
};

TEST_F(FrontTest, TellsHowTheServerIs) {
  const Reply reply = ask("GET", "/_eventbridge/health?x=1");

  EXPECT_EQ(reply.status, 200u);
  EXPECT_EQ(
      reply.body,
      R"({"status":"ok","version":"1.2.3","counts":{"accepted":0,"delivered":0,"dead":0,"pending":0}})");
}

TEST_F(FrontTest, TellsHowTheServerIsAlsoWhenItIsOverCapacity) {
  for (const auto& [method, target, status] :
       {std::tuple{"GET", "/_eventbridge/health", 200U}, std::tuple{"POST", "/cloudevents", 429U},
        std::tuple{"POST", "/", 400U}}) {
    Request made;
    made.method = method;
    made.target = target;
    made.is_over_capacity = true;
    std::promise<Reply> answered;
    front_.handle(std::move(made), [&answered](Reply reply) { answered.set_value(std::move(reply)); });

    EXPECT_EQ(answered.get_future().get().status, status) << target;
  }
}

TEST_F(FrontTest, HelpsThoseWhoAskForSomethingElse) {
  EXPECT_EQ(ask("GET", "/").status, 405u);
  EXPECT_EQ(ask("DELETE", "/_eventbridge/health").status, 405u);
  EXPECT_EQ(ask("GET", "/elsewhere").status, 404u);
}

TEST_F(FrontTest, LeadsSchedulesToTheirApi) {
  EXPECT_EQ(ask("GET", "/schedules").status, 200u);
  EXPECT_EQ(ask("GET", "/schedule-groups/default?x=1").status, 200u);
  EXPECT_EQ(ask("GET", "/tags/x").status, 400u);
  EXPECT_EQ(ask("GET", "/schedules-of-mine").status, 404u);
}

TEST_F(FrontTest, AnswersLocalHostsAndOriginsOnly) {
  const std::string_view health = "/_eventbridge/health";
  for (const std::string_view host : {"localhost", "localhost:4010", "LOCALHOST.", "127.0.0.1:1", "127.9.9.9",
                                      "[::1]:4010", "events.localhost"}) {
    EXPECT_EQ(ask("GET", health, "Host", host).status, 200u) << host;
    EXPECT_EQ(ask("GET", health, "Origin", "http://" + std::string{host}).status, 200u) << host;
  }
  for (const std::string_view host : {"example.com", "localhost.example.com", "127.0.0.1.example.com",
                                      "10.0.0.1:4010", "[::2]", "", "127.0.0.1@example.com"}) {
    EXPECT_EQ(ask("GET", health, "Host", host).status, 403u) << host;
    EXPECT_EQ(ask("GET", health, "Origin", "https://" + std::string{host}).status, 403u) << host;
  }
  EXPECT_EQ(ask("GET", health, "Origin", "null").status, 403u);
}

class GuardedFrontTest : public FrontTest {
 protected:
  Reply ask_guarded(std::string_view method, std::string_view target, std::string_view token = {}) {
    Request made;
    made.method = method;
    made.target = target;
    if (!token.empty()) made.headers.add("Authorization", "Bearer " + std::string{token});
    std::promise<Reply> answered;
    guarded_.handle(std::move(made), [&answered](Reply reply) { answered.set_value(std::move(reply)); });
    return answered.get_future().get();
  }

  Front guarded_{
      *api_,
      *scheduler_api_,
      *cloud_events_,
      *store_,
      OriginGuard{OriginGuard::Bound::Loopback},
      "1.2.3",
      [] { return success(); },
      Authenticator{AccessKeys::parse("Bearer a-token-of-some-length 123456789012", "keys").value(), clock_,
                    Authenticator::Tokens::Always}};
};

TEST_F(GuardedFrontTest, AnswersNobodyItDoesNotKnowButOnHowItIs) {
  EXPECT_EQ(ask_guarded("GET", "/_eventbridge/health").status, 200u);
  const Reply api = ask_guarded("POST", "/");
  EXPECT_EQ(api.status, 403u);
  EXPECT_EQ(api.body,
            R"({"__type":"MissingAuthenticationTokenException","message":"Missing Authentication Token"})");
  EXPECT_EQ(ask_guarded("POST", "/schedules/s").status, 403u);
  EXPECT_EQ(ask_guarded("POST", "/cloudevents").status, 401u);
  EXPECT_EQ(ask_guarded("POST", "/_eventbridge/reset").status, 401u);
  EXPECT_EQ(ask_guarded("POST", "/_eventbridge/reset", "a-token-of-another-kind").status, 401u);
}

TEST_F(GuardedFrontTest, TakesABearerTokenForWhatIsNotAmazons) {
  EXPECT_EQ(ask_guarded("POST", "/_eventbridge/reset", "a-token-of-some-length").status, 200u);
  EXPECT_EQ(ask_guarded("POST", "/cloudevents", "a-token-of-some-length").status, 415u);
  EXPECT_EQ(ask_guarded("POST", "/", "a-token-of-some-length").status, 403u);
}

TEST(CallerScope, BelievesAVerifiedCallerAndNotItsHeaders) {
  Request request;
  request.headers.add("Authorization",
                      "AWS4-HMAC-SHA256 Credential=123456789012/20260126/us-west-2/events/aws4_request");
  const bus::Scope defaults{.account = "000000000000", .region = "us-east-1"};
  EXPECT_EQ(aws_api::caller_scope(request, defaults).account, "123456789012");

  request.caller = Caller{.account = {}, .region = "eu-central-1"};
  EXPECT_EQ(aws_api::caller_scope(request, defaults).account, "000000000000");
  EXPECT_EQ(aws_api::caller_scope(request, defaults).region, "eu-central-1");
  request.caller->account = "210987654321";
  EXPECT_EQ(aws_api::caller_scope(request, defaults).account, "210987654321");
}

TEST(OriginGuard, TakesAnyHostOnTheNetworkButNoForeignOrigin) {
  const OriginGuard guard{OriginGuard::Bound::Network, {"Console.Example.com"}};
  Request host;
  host.headers.add("Host", "events.internal:4010");
  Request origin;
  origin.headers.add("Origin", "https://evil.example");
  Request allowed;
  allowed.headers.add("Origin", "https://console.example.com:8443");

  EXPECT_FALSE(guard.refusal(host));
  EXPECT_TRUE(guard.refusal(origin));
  EXPECT_FALSE(guard.refusal(allowed));
}

}  // namespace
}  // namespace ebagent::server
