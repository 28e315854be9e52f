#include "connections/api_destination_target.hpp"

#include <gmock/gmock.h>

#include "connections/authorizer.hpp"
#include "connections/invocation.hpp"
#include "connections_fixture.hpp"
#include "targets/target_deliveries.hpp"

namespace ebagent::connections {
namespace {

using targets::testing::answer;
using targets::testing::delivery_to;
using targets::testing::header;
using targets::testing::message;
using targets::testing::no_answer;
using ::testing::HasSubstr;
using testing::kBasicParameters;
using testing::kKeyParameters;
using testing::kOAuthParameters;
using ::testing::Not;

constexpr const char* kTokenUrl = "https://id.example.com/token";

class ApiDestinationTargetTest : public testing::ConnectionsFixture {
 protected:
  delivery::SendOutcome send(const std::string& parameters = {}) {
    const std::string arn = connections->describe_api_destination(scope, "orders").value().arn;
    return target.send(delivery_to(arn, parameters, R"({"n":1})"));
  }
  std::string verdict(const delivery::SendOutcome& outcome) {
    if (const auto* postponed = std::get_if<delivery::Postpone>(&outcome))
      return "postpone " + postponed->code;
    return targets::testing::verdict(outcome);
  }
  // A destination behind a connection that has its first token.
  void with_oauth(int rate_limit = kDefaultRateLimit) {
    ASSERT_TRUE(create("shop", kOAuth, kOAuthParameters));
    ASSERT_TRUE(create_destination("orders", "shop", "https://api.example.com/orders", rate_limit));
    ASSERT_TRUE(authorizer.tick(clock.now()));
    client.sent.clear();
  }
  void with_key(int rate_limit = kDefaultRateLimit) {
    ASSERT_TRUE(create("shop", kApiKey, kKeyParameters));
    ASSERT_TRUE(create_destination("orders", "shop", "https://api.example.com/orders", rate_limit));
  }
  void SetUp() override {}

  std::function<http::Answer()> token_endpoint = [this] {
    return answer(200, R"({"access_token":"t)" + std::to_string(++tokens_given) + R"(","expires_in":3600})");
  };
  std::function<http::Answer(const http::Request&)> api = [](const http::Request&) { return answer(200); };
  int tokens_given = 0;
  targets::testing::ScriptedClient client{[this](const http::Request& request) {
    return request.url.starts_with(kTokenUrl) ? token_endpoint() : api(request);
  }};
  std::unique_ptr<Connections> opened = Connections::open(store, clock, random, secrets).value();
  Connections& own = *(connections = std::move(opened));
  TokenSource tokens{own, client, clock};
  Authorizer authorizer{own, tokens, clock};
  ApiDestinationTarget target{own, tokens, client, clock};
};

TEST_F(ApiDestinationTargetTest, SendsTheInputWithTheApiKey) {
  with_key();

  EXPECT_EQ(verdict(send()), "delivered");

  ASSERT_EQ(client.sent.size(), 1U);
  EXPECT_EQ(client.sent[0].url, "https://api.example.com/orders");
  EXPECT_EQ(client.sent[0].body, R"({"n":1})");
  EXPECT_EQ(header(client.sent[0], "X-Key"), "top secret key");
}

TEST_F(ApiDestinationTargetTest, SendsUserAndPasswordAndWhatTheTargetAdds) {
  ASSERT_TRUE(create("shop", kBasic, kBasicParameters));
  ASSERT_TRUE(create_destination("orders", "shop", "https://api.example.com/*"));

  EXPECT_EQ(
      verdict(send(R"(,"HttpParameters":{"PathParameterValues":["eu"],"HeaderParameters":{"X-A":"1"}})")),
      "delivered");

  EXPECT_EQ(client.sent.at(0).url, "https://api.example.com/eu");
  EXPECT_EQ(header(client.sent[0], "X-A"), "1");
  EXPECT_EQ(header(client.sent[0], "Authorization"), basic_credentials("ann", "top secret word"));
}

TEST_F(ApiDestinationTargetTest, SaysByTheAnswerWhetherToTryAgain) {
  with_key();
  const std::vector<std::pair<int, std::string>> kVerdicts{{200, "delivered"},
                                                           {202, "delivered"},
                                                           {301, "fail ERROR_FROM_TARGET"},
                                                           {400, "fail ERROR_FROM_TARGET"},
                                                           {401, "fail NO_PERMISSIONS"},
                                                           {404, "fail NO_RESOURCE"},
                                                           {409, "retry ERROR_FROM_TARGET"},
                                                           {429, "retry THROTTLING"},
                                                           {500, "down ERROR_FROM_TARGET"},
                                                           {503, "down ERROR_FROM_TARGET"}};
  for (const auto& [status, expected] : kVerdicts) {
    api = [status = status](const http::Request&) { return answer(status, "you sent top secret key"); };
    const auto outcome = send();
    EXPECT_EQ(verdict(outcome), expected) << status;
    EXPECT_THAT(message(outcome), Not(HasSubstr("secret")));
  }
  api = [](const http::Request&) { return no_answer(http::Failure::TimedOut); };
  EXPECT_EQ(verdict(send()), "down TIMEOUT");
}

TEST_F(ApiDestinationTargetTest, HonoursRetryAfter) {
  with_key();
  api = [](const http::Request&) { return answer(503, {}, {{"Retry-After", "17"}}); };

  const auto outcome = send();

  EXPECT_EQ(std::get<delivery::Retry>(outcome).retry_after, std::chrono::seconds{17});
}

TEST_F(ApiDestinationTargetTest, PostponesWhatIsAboveTheRateWithoutAskingAnybody) {
  with_key(2);

  EXPECT_EQ(verdict(send()), "delivered");
  EXPECT_EQ(verdict(send()), "delivered");
  const auto third = send();

  EXPECT_EQ(verdict(third), "postpone THROTTLING");
  EXPECT_EQ(std::get<delivery::Postpone>(third).until, clock.now() + std::chrono::seconds{1});
  EXPECT_EQ(client.sent.size(), 2U);
}

TEST_F(ApiDestinationTargetTest, ARateThatIsChangedCountsAtOnce) {
  with_key(1);
  EXPECT_EQ(verdict(send()), "delivered");
  EXPECT_EQ(verdict(send()), "postpone THROTTLING");

  ASSERT_TRUE(connections->update_api_destination(scope, {.name = "orders", .rate_limit = 5}));

  EXPECT_EQ(verdict(send()), "delivered");
}

TEST_F(ApiDestinationTargetTest, WaitsForTheFirstTokenOfItsConnection) {
  ASSERT_TRUE(create("shop", kOAuth, kOAuthParameters));
  ASSERT_TRUE(create_destination("orders", "shop"));

  EXPECT_EQ(verdict(send()), "postpone NO_PERMISSIONS");
  EXPECT_TRUE(client.sent.empty());

  ASSERT_TRUE(authorizer.tick(clock.now()));
  EXPECT_EQ(shown("shop").state, ConnectionState::Authorized);
  EXPECT_EQ(verdict(send()), "delivered");
  EXPECT_EQ(header(client.sent.back(), "Authorization"), "Bearer t1");
}

TEST_F(ApiDestinationTargetTest, KeepsATokenUntilItExpires) {
  with_oauth();

  EXPECT_EQ(verdict(send()), "delivered");
  EXPECT_EQ(verdict(send()), "delivered");
  EXPECT_EQ(tokens_given, 1);
  clock.advance(std::chrono::minutes{60});
  EXPECT_EQ(verdict(send()), "delivered");

  EXPECT_EQ(tokens_given, 2);
  EXPECT_EQ(header(client.sent.back(), "Authorization"), "Bearer t2");
}

TEST_F(ApiDestinationTargetTest, RenewsARefusedTokenOnceWithinTheAttempt) {
  for (const int refusal : {401, 407}) {
    api = [&](const http::Request& request) {
      return answer(header(request, "Authorization") == "Bearer t1" ? refusal : 200);
    };
    connections->clear();
    tokens_given = 0;
    with_oauth();

    EXPECT_EQ(verdict(send()), "delivered");

    EXPECT_EQ(client.sent.size(), 3U);
    EXPECT_EQ(header(client.sent.back(), "Authorization"), "Bearer t2");
    store.clear().value();
  }
}

TEST_F(ApiDestinationTargetTest, GivesUpWhenANewTokenIsRefusedToo) {
  with_oauth();
  api = [](const http::Request&) { return answer(401); };

  EXPECT_EQ(verdict(send()), "fail NO_PERMISSIONS");

  EXPECT_EQ(client.sent.size(), 3U);
}

TEST_F(ApiDestinationTargetTest, ARefusalOfTheTokenEndpointDeauthorizesTheConnection) {
  token_endpoint = [] { return answer(400, R"({"error":"invalid_client"})"); };
  ASSERT_TRUE(create("shop", kOAuth, kOAuthParameters));
  ASSERT_TRUE(create_destination("orders", "shop"));

  ASSERT_TRUE(authorizer.tick(clock.now()));

  EXPECT_EQ(shown("shop").state, ConnectionState::Deauthorized);
  EXPECT_EQ(shown("shop").state_reason, "The authorization endpoint answered 400.");
  EXPECT_EQ(verdict(send()), "fail NO_PERMISSIONS");
}

TEST_F(ApiDestinationTargetTest, ATokenEndpointThatIsDownIsAskedAgainWithGrowingPauses) {
  int asked = 0;
  token_endpoint = [&] { return ++asked, no_answer(http::Failure::Connect, "refused"); };
  ASSERT_TRUE(create("shop", kOAuth, kOAuthParameters));

  for (int i = 0; i < 70; ++i) {
    ASSERT_TRUE(authorizer.tick(clock.now()));
    clock.advance(std::chrono::seconds{1});
  }

  EXPECT_EQ(asked, 7);  // after 0, 1, 3, 7, 15, 31 and 63 seconds
  EXPECT_EQ(shown("shop").state, ConnectionState::Authorizing);
  EXPECT_THAT(shown("shop").state_reason, HasSubstr("gave no answer"));
  token_endpoint = [] { return answer(200, R"({"access_token":"t"})"); };
  clock.advance(std::chrono::minutes{2});
  ASSERT_TRUE(authorizer.tick(clock.now()));
  EXPECT_EQ(shown("shop").state, ConnectionState::Authorized);
  EXPECT_EQ(shown("shop").state_reason, "");
}

TEST_F(ApiDestinationTargetTest, WithoutAnAnswerForATokenTheDeliveryIsTriedAgain) {
  with_oauth();
  clock.advance(std::chrono::hours{2});
  token_endpoint = [] { return answer(503); };

  EXPECT_EQ(verdict(send()), "retry ERROR_FROM_TARGET");
  EXPECT_EQ(shown("shop").state, ConnectionState::Authorized);
}

TEST_F(ApiDestinationTargetTest, AFailureToGetATokenCountsForASecondForAllWhoNeedIt) {
  with_oauth();
  clock.advance(std::chrono::hours{2});
  int asked = 0;
  token_endpoint = [&] { return ++asked, answer(503); };

  EXPECT_EQ(verdict(send()), "retry ERROR_FROM_TARGET");
  EXPECT_EQ(verdict(send()), "retry ERROR_FROM_TARGET");
  EXPECT_EQ(asked, 1);
  clock.advance(std::chrono::seconds{1});
  EXPECT_EQ(verdict(send()), "retry ERROR_FROM_TARGET");
  EXPECT_EQ(asked, 2);
}

TEST_F(ApiDestinationTargetTest, ATokenThatCannotBeSentIsNone) {
  for (const char* body : {"", "{}", R"({"access_token":"a b"})", R"({"access_token":"a\r\nX: y"})", "[]"}) {
    token_endpoint = [&] { return answer(200, body); };
    connections->clear();
    ASSERT_TRUE(create("shop", kOAuth, kOAuthParameters));
    ASSERT_TRUE(authorizer.tick(clock.now()));
    EXPECT_EQ(shown("shop").state, ConnectionState::Deauthorized) << body;
  }
}

TEST_F(ApiDestinationTargetTest, WithoutDestinationOrConnectionThereIsNoResource) {
  with_key();
  const std::string arn = connections->describe_api_destination(scope, "orders").value().arn;
  ASSERT_TRUE(connections->delete_connection(scope, "shop"));
  EXPECT_EQ(verdict(target.send(delivery_to(arn))), "fail NO_RESOURCE");
  ASSERT_TRUE(connections->delete_api_destination(scope, "orders"));
  EXPECT_EQ(verdict(target.send(delivery_to(arn))), "fail NO_RESOURCE");
}

TEST_F(ApiDestinationTargetTest, WhatDoesNotFitIsNotTriedAgain) {
  with_key();

  EXPECT_EQ(verdict(send(R"(,"HttpParameters":{"PathParameterValues":["a"]})")), "fail INVALID_PARAMETER");
}

}  // namespace
}  // namespace ebagent::connections
