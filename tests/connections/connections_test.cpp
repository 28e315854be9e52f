#include "connections/connections.hpp"

#include <gmock/gmock.h>

#include "connections_fixture.hpp"

namespace ebagent::connections {
namespace {

using ::testing::HasSubstr;
using testing::kBasicParameters;
using testing::kKeyParameters;
using testing::kOAuthParameters;
using ::testing::MatchesRegex;
using ::testing::Not;
using testing::object_of;

class ConnectionsTest : public testing::ConnectionsFixture {
 protected:
  std::string everything_in_the_store() {
    std::string all;
    for (const char* kind : {"connection", "api-destination"}) {
      const auto records = store.catalog(kind).value();
      for (const auto& record : records) all += record.json;
    }
    return all;
  }
};

TEST_F(ConnectionsTest, AreNamedAndShownWithoutTheirSecrets) {
  ASSERT_TRUE(create("shop", kBasic, kBasicParameters));

  const Connection connection = shown("shop");

  EXPECT_THAT(connection.arn,
              MatchesRegex("arn:aws:events:eu-west-1:123456789012:connection/shop/[-0-9a-f]+"));
  EXPECT_THAT(
      connection.secret_arn,
      MatchesRegex("arn:aws:secretsmanager:eu-west-1:123456789012:secret:events!connection/shop/[-0-9a-f]+"));
  EXPECT_EQ(connection.state, ConnectionState::Authorized);
  EXPECT_EQ(connection.shown, object_of(R"({"BasicAuthParameters":{"Username":"ann"}})"));
  EXPECT_EQ(connections->auth_parameters(connection).value(), object_of(kBasicParameters));
}

TEST_F(ConnectionsTest, WriteNoSecretDown) {
  ASSERT_TRUE(create("a", kBasic, kBasicParameters));
  ASSERT_TRUE(create("b", kApiKey, kKeyParameters));
  ASSERT_TRUE(create("c", kOAuth, kOAuthParameters));
  ASSERT_TRUE(create("d", kApiKey, R"({"ApiKeyAuthParameters":{"ApiKeyName":"k","ApiKeyValue":"top secret v"},
      "InvocationHttpParameters":{"HeaderParameters":[{"Key":"h","Value":"top secret h","IsValueSecret":true}]}})"));

  EXPECT_THAT(everything_in_the_store(), Not(HasSubstr("top secret")));
}

TEST_F(ConnectionsTest, ShowParametersThatAreNotSecret) {
  ASSERT_TRUE(create("shop", kApiKey, R"({"ApiKeyAuthParameters":{"ApiKeyName":"k","ApiKeyValue":"v"},
      "InvocationHttpParameters":{"HeaderParameters":[{"Key":"a","Value":"1","IsValueSecret":true},{"Key":"b","Value":"2"}],
      "BodyParameters":[]}})"));

  EXPECT_EQ(
      shown("shop").shown.at("InvocationHttpParameters").as_object(),
      object_of(
          R"({"HeaderParameters":[{"Key":"a","IsValueSecret":true},{"Key":"b","Value":"2","IsValueSecret":false}],"BodyParameters":[]})"));
}

TEST_F(ConnectionsTest, WithOAuthWaitForAToken) {
  ASSERT_TRUE(create("shop", kOAuth, kOAuthParameters));
  ASSERT_TRUE(create_destination("orders", "shop"));

  EXPECT_EQ(shown("shop").state, ConnectionState::Authorizing);
  EXPECT_EQ(connections->authorizing().size(), 1U);
  EXPECT_FALSE(connections->is_active(connections->describe_api_destination(scope, "orders").value()));

  ASSERT_TRUE(connections->set_state(shown("shop"), ConnectionState::Authorized, {}));
  EXPECT_TRUE(connections->authorizing().empty());
  EXPECT_TRUE(connections->is_active(connections->describe_api_destination(scope, "orders").value()));
}

TEST_F(ConnectionsTest, AStateThatIsToldOfOlderSecretsIsPassedOver) {
  const Connection older = create("shop", kOAuth, kOAuthParameters).value();
  clock.advance(std::chrono::seconds{1});
  ASSERT_TRUE(connections->update_connection(scope, {.name = "shop", .auth_parameters = object_of("{}")}));

  ASSERT_TRUE(connections->set_state(older, ConnectionState::Deauthorized, "refused"));

  EXPECT_EQ(shown("shop").state, ConnectionState::Authorizing);
}

TEST_F(ConnectionsTest, AnUpdateChangesWhatItNamesAndKeepsTheRest) {
  ASSERT_TRUE(create("shop", kBasic, kBasicParameters));
  ASSERT_TRUE(connections->update_connection(
      scope, {.name = "shop",
              .description = "of the shop",
              .auth_parameters = object_of(R"({"BasicAuthParameters":{"Username":"bob"}})")}));

  EXPECT_EQ(shown("shop").description, "of the shop");
  EXPECT_EQ(connections->auth_parameters(shown("shop")).value(),
            object_of(R"({"BasicAuthParameters":{"Username":"bob","Password":"top secret word"}})"));
}

TEST_F(ConnectionsTest, AnUpdateMayChangeTheTypeOfAuthorization) {
  ASSERT_TRUE(create("shop", kBasic, kBasicParameters));
  EXPECT_FALSE(
      connections->update_connection(scope, {.name = "shop", .authorization_type = std::string{kApiKey}}));

  ASSERT_TRUE(connections->update_connection(scope, {.name = "shop",
                                                     .authorization_type = std::string{kApiKey},
                                                     .auth_parameters = object_of(kKeyParameters)}));

  EXPECT_EQ(connections->auth_parameters(shown("shop")).value(), object_of(kKeyParameters));
}

TEST_F(ConnectionsTest, DeauthorizedForgetTheirSecretsUntilTheyGetNewOnes) {
  ASSERT_TRUE(create("shop", kBasic, kBasicParameters));
  ASSERT_TRUE(connections->deauthorize_connection(scope, "shop"));

  EXPECT_EQ(shown("shop").state, ConnectionState::Deauthorized);
  EXPECT_TRUE(shown("shop").shown.empty());
  EXPECT_FALSE(connections->auth_parameters(shown("shop")));

  ASSERT_TRUE(connections->update_connection(
      scope, {.name = "shop", .auth_parameters = object_of(kBasicParameters)}));
  EXPECT_EQ(shown("shop").state, ConnectionState::Authorized);
}

TEST_F(ConnectionsTest, AreThereAgainAfterARestart) {
  const std::string arn = create("shop", kApiKey, kKeyParameters).value().arn;
  const ApiDestination before = create_destination("orders", "shop").value();

  open();

  EXPECT_EQ(connections->auth_parameters(*connections->connection(arn)).value(), object_of(kKeyParameters));
  const auto destination = connections->api_destination(before.arn);
  ASSERT_NE(destination, nullptr);
  EXPECT_EQ(destination->endpoint, before.endpoint);
  EXPECT_EQ(destination->rate_limit, 300);
}

TEST_F(ConnectionsTest, OfAnotherKeyAreShownAndCannotBeUsed) {
  const std::string arn = create("shop", kApiKey, kKeyParameters).value().arn;
  SecretBox other{SecretKey{9}};
  const auto again = Connections::open(store, clock, random, other).value();

  const auto parameters = again->auth_parameters(*again->connection(arn));

  ASSERT_FALSE(parameters);
  EXPECT_THAT(parameters.error().message, HasSubstr("sealed with another key"));
  EXPECT_TRUE(again->describe_connection(scope, "shop"));
}

TEST_F(ConnectionsTest, DeletedAreGoneAndTheirDestinationsInactive) {
  ASSERT_TRUE(create("shop", kApiKey, kKeyParameters));
  ASSERT_TRUE(create_destination("orders", "shop"));
  ASSERT_TRUE(connections->delete_connection(scope, "shop"));

  EXPECT_FALSE(connections->is_active(connections->describe_api_destination(scope, "orders").value()));
  EXPECT_EQ(connections->describe_connection(scope, "shop").error().message,
            "Failed to describe the connection(s). Connection 'shop' does not exist.");
  ASSERT_TRUE(connections->delete_api_destination(scope, "orders"));
  EXPECT_EQ(connections->describe_api_destination(scope, "orders").error().message,
            "Failed to describe the api-destination(s). An api-destination 'orders' does not exist.");
  open();
  EXPECT_FALSE(connections->describe_connection(scope, "shop"));
  EXPECT_FALSE(connections->describe_api_destination(scope, "orders"));
}

TEST_F(ConnectionsTest, RefuseWhatDoesNotFit) {
  ASSERT_TRUE(create("shop", kApiKey, kKeyParameters));
  EXPECT_EQ(create("shop", kApiKey, kKeyParameters).error().code, ErrorCode::AlreadyExists);
  EXPECT_EQ(create("x", kApiKey, kBasicParameters).error().message,
            "Parameter AuthParameters is not valid. Reason: The authorization type API_KEY has no "
            "BasicAuthParameters.");
  EXPECT_EQ(create("x", kBasic, "{}").error().message,
            "Parameter AuthParameters is not valid. Reason: The authorization type BASIC needs "
            "BasicAuthParameters.");
  EXPECT_EQ(create("x", kOAuth, R"({"OAuthParameters":{"ClientParameters":{"ClientID":"a","ClientSecret":"b"},
                "AuthorizationEndpoint":"http://id.example.com/token","HttpMethod":"POST"}})")
                .error()
                .message,
            "Parameter AuthorizationEndpoint is not valid. Reason: Secrets are sent to https only, and to "
            "http on this "
            "machine.");
  EXPECT_FALSE(create_destination("orders", "shop", "http://api.example.com/"));
  EXPECT_FALSE(create_destination("orders", "shop", "ftp://api.example.com/"));
  EXPECT_TRUE(create_destination("orders", "shop", "http://127.0.0.1:8080/*/orders"));
  EXPECT_EQ(create_destination("orders", "shop").error().code, ErrorCode::AlreadyExists);
  EXPECT_EQ(
      connections
          ->create_api_destination(
              scope,
              {.name = "y", .connection_arn = "arn:x", .endpoint = "https://a.example", .method = "POST"})
          .error()
          .code,
      ErrorCode::NotFound);
}

TEST_F(ConnectionsTest, ThatCouldNotBeWrittenAreNotMade) {
  store.fail_commits(true);
  EXPECT_FALSE(create("shop", kApiKey, kKeyParameters));
  store.fail_commits(false);

  EXPECT_FALSE(connections->describe_connection(scope, "shop"));
}

TEST_F(ConnectionsTest, AreListedByPrefixAndState) {
  ASSERT_TRUE(create("a-1", kApiKey, kKeyParameters));
  ASSERT_TRUE(create("a-2", kOAuth, kOAuthParameters));
  ASSERT_TRUE(create("b", kApiKey, kKeyParameters));
  const auto names = [&](const ConnectionFilter& filter, const bus::PageRequest& page) {
    std::string found;
    const auto listed = connections->list_connections(scope, filter, page).value();
    for (const Connection& one : listed.items) found += one.name + " ";
    return found;
  };

  EXPECT_EQ(names({}, {}), "a-1 a-2 b ");
  EXPECT_EQ(names({.name_prefix = "a"}, {}), "a-1 a-2 ");
  EXPECT_EQ(names({.state = "AUTHORIZING"}, {}), "a-2 ");
  EXPECT_EQ(names({}, {.limit = 1}), "a-1 ");
}

}  // namespace
}  // namespace ebagent::connections
