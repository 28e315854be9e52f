#include "api_fixture.hpp"
#include "connections/connections.hpp"

namespace ebagent::server {
namespace {

class ConnectionApiTest : public testing::AwsApiTest {
 protected:
  void SetUp() override {
    connections_ = connections::Connections::open(*store_, clock_, random_, secrets_).value();
    api_ = std::make_unique<aws_api::AwsApi>(*catalog_, *bus_, clock_, random_,
                                             aws_api::Settings{.connections = connections_.get()});
  }
  // Makes a connection; returns its ARN.
  std::string create() {
    return std::string{
        ok("CreateConnection", R"({"Name":"shop","AuthorizationType":"API_KEY","Description":"of the shop",
        "AuthParameters":{"ApiKeyAuthParameters":{"ApiKeyName":"X-Key","ApiKeyValue":"top secret"}}})")
            .at("ConnectionArn")
            .as_string()};
  }

  connections::SecretBox secrets_{connections::SecretKey{1}};
  std::unique_ptr<connections::Connections> connections_;
};

TEST_F(ConnectionApiTest, ShowsAConnectionAsAwsDoes) {
  const std::string arn = create();

  const auto shown = ok("DescribeConnection", R"({"Name":"shop"})");

  EXPECT_EQ(shown.at("ConnectionArn").as_string(), arn);
  EXPECT_EQ(shown.at("ConnectionState").as_string(), "AUTHORIZED");
  EXPECT_EQ(shown.at("AuthorizationType").as_string(), "API_KEY");
  EXPECT_EQ(shown.at("Description").as_string(), "of the shop");
  EXPECT_EQ(core::write_json(shown.at("AuthParameters")),
            R"({"ApiKeyAuthParameters":{"ApiKeyName":"X-Key"}})");
  EXPECT_TRUE(shown.contains("SecretArn"));
  EXPECT_TRUE(shown.contains("LastAuthorizedTime"));
  EXPECT_FALSE(shown.contains("StateReason"));
  const auto listed = ok("ListConnections", R"({"NamePrefix":"sh"})").at("Connections").as_array();
  ASSERT_EQ(listed.size(), 1U);
  EXPECT_FALSE(listed[0].as_object().contains("SecretArn"));
}

TEST_F(ConnectionApiTest, ShowsAnApiDestinationAsAwsDoes) {
  const std::string arn = create();
  const auto made = ok("CreateApiDestination",
                       R"({"Name":"orders","ConnectionArn":")" + arn +
                           R"(","InvocationEndpoint":"https://api.example.com/*","HttpMethod":"PUT"})");
  EXPECT_EQ(made.at("ApiDestinationState").as_string(), "ACTIVE");

  const auto shown = ok("DescribeApiDestination", R"({"Name":"orders"})");

  EXPECT_EQ(shown.at("ApiDestinationArn"), made.at("ApiDestinationArn"));
  EXPECT_EQ(shown.at("ConnectionArn").as_string(), arn);
  EXPECT_EQ(shown.at("InvocationRateLimitPerSecond").as_int64(), 300);
  EXPECT_EQ(ok("ListApiDestinations", R"({"ConnectionArn":")" + arn + R"("})")
                .at("ApiDestinations")
                .as_array()
                .size(),
            1U);
  ok("DeauthorizeConnection", R"({"Name":"shop"})");
  EXPECT_EQ(ok("DescribeApiDestination", R"({"Name":"orders"})").at("ApiDestinationState").as_string(),
            "INACTIVE");
}

TEST_F(ConnectionApiTest, RefusesWhatTheModelRefusesInAwssWords) {
  EXPECT_EQ(
      refusal("CreateConnection",
              R"({"Name":"Invalid Name With Spaces!","AuthorizationType":"INVALID_AUTH_TYPE",
                     "AuthParameters":{}})"),
      R"(ValidationException: 2 validation errors detected: Value 'Invalid Name With Spaces!' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: [\.\-_A-Za-z0-9]+; Value 'INVALID_AUTH_TYPE' at 'authorizationType' failed to satisfy constraint: Member must satisfy enum value set: [BASIC, OAUTH_CLIENT_CREDENTIALS, API_KEY])");
  EXPECT_EQ(
      refusal("CreateApiDestination", R"({"Name":"x","ConnectionArn":"invalid-connection-arn",
                     "InvocationEndpoint":"https://a.example","HttpMethod":"INVALID_METHOD"})"),
      R"(ValidationException: 2 validation errors detected: Value 'invalid-connection-arn' at 'connectionArn' failed to satisfy constraint: Member must satisfy regular expression pattern: ^arn:aws([a-z]|\-)*:events:([a-z]|\d|\-)*:([0-9]{12})?:connection\/[\.\-_A-Za-z0-9]+\/[\-A-Za-z0-9]+$; Value 'INVALID_METHOD' at 'httpMethod' failed to satisfy constraint: Member must satisfy enum value set: [HEAD, POST, PATCH, DELETE, PUT, GET, OPTIONS])");
  EXPECT_EQ(
      refusal("DescribeConnection", R"({"Name":"none"})"),
      "ResourceNotFoundException: Failed to describe the connection(s). Connection 'none' does not exist.");
  EXPECT_EQ(refusal("CreateConnection",
                    R"({"Name":"x","AuthorizationType":"BASIC","InvocationConnectivityParameters":
                     {"ResourceParameters":{"ResourceConfigurationArn":""}},"AuthParameters":{}})")
                .find("ValidationException: Parameter InvocationConnectivityParameters is not valid."),
            0U);
}

TEST_F(ConnectionApiTest, DoesNotRepeatSecretsThatItRefuses) {
  const std::string refused =
      refusal("CreateConnection", R"({"Name":"x","AuthorizationType":"BASIC","AuthParameters":
      {"BasicAuthParameters":{"Username":"ann","Password":"top:secret"}}})");

  EXPECT_EQ(refused.find("top:secret"), std::string::npos) << refused;
  EXPECT_NE(refused.find("'authParameters.basicAuthParameters.password'"), std::string::npos) << refused;
}

TEST_F(ConnectionApiTest, AreNotOfferedWhereThereAreNone) {
  aws_api::AwsApi without{*catalog_, *bus_, clock_, random_};
  std::promise<Reply> answered;
  without.handle(request("ListConnections", "{}"),
                 [&](Reply reply) { answered.set_value(std::move(reply)); });

  EXPECT_NE(answered.get_future().get().body.find("UnknownOperationException"), std::string::npos);
}

}  // namespace
}  // namespace ebagent::server
