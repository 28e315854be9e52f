#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "connections/connections.hpp"
#include "connections/token_source.hpp"
#include "core/json.hpp"
#include "store/sqlite/sqlite_store.hpp"
#include "support/faulty_store.hpp"
#include "support/fixed_random.hpp"
#include "support/manual_clock.hpp"
#include "targets/scripted_client.hpp"

namespace ebagent::connections::testing {

inline boost::json::object object_of(std::string_view text) {
  return core::parse_json(text).value().as_object();
}

inline constexpr const char* kKeyParameters =
    R"({"ApiKeyAuthParameters":{"ApiKeyName":"X-Key","ApiKeyValue":"top secret key"}})";
inline constexpr const char* kBasicParameters =
    R"({"BasicAuthParameters":{"Username":"ann","Password":"top secret word"}})";
inline constexpr const char* kOAuthParameters =
    R"({"OAuthParameters":{"ClientParameters":{"ClientID":"shop","ClientSecret":"top secret client"},
        "AuthorizationEndpoint":"https://id.example.com/token","HttpMethod":"POST"}})";

class ConnectionsFixture : public ::testing::Test {
 protected:
  void SetUp() override { open(); }
  void open() { connections = Connections::open(store, clock, random, secrets).value(); }

  Result<Connection> create(const std::string& name, std::string_view type, std::string_view parameters) {
    return connections->create_connection(
        scope,
        {.name = name, .authorization_type = std::string{type}, .auth_parameters = object_of(parameters)});
  }
  Result<ApiDestination> create_destination(const std::string& name, const std::string& connection,
                                            const std::string& endpoint = "https://api.example.com/orders",
                                            int rate_limit = kDefaultRateLimit) {
    return connections->create_api_destination(
        scope, {.name = name,
                .connection_arn = connections->describe_connection(scope, connection).value().arn,
                .endpoint = endpoint,
                .method = "POST",
                .rate_limit = rate_limit});
  }
  Connection shown(const std::string& name) { return connections->describe_connection(scope, name).value(); }

  const bus::Scope scope{"123456789012", "eu-west-1"};
  ebagent::testing::FaultyStore store{store::sqlite::open_memory().value()};
  ebagent::testing::ManualClock clock;
  ebagent::testing::FixedRandom random;
  SecretBox secrets{SecretKey{1, 2, 3}};
  std::unique_ptr<Connections> connections;
};

}  // namespace ebagent::connections::testing
