#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "bus/scope.hpp"
#include "ebagent/clock.hpp"
#include "ebagent/result.hpp"

namespace ebagent::connections {

inline constexpr std::string_view kBasic = "BASIC";
inline constexpr std::string_view kApiKey = "API_KEY";
inline constexpr std::string_view kOAuth = "OAUTH_CLIENT_CREDENTIALS";

enum class ConnectionState { Authorizing, Authorized, Deauthorized };

// "AUTHORIZING" ...
[[nodiscard]] std::string_view name_of(ConnectionState state);

// What CreateConnection and UpdateConnection ask for. `auth_parameters` has the shape of the AWS API, secrets included.
struct ConnectionSpec {
  std::string name = {};
  std::optional<std::string> description = {};
  std::optional<std::string> authorization_type = {};
  std::optional<boost::json::object> auth_parameters = {};
  std::optional<std::string> kms_key = {};  // kept and shown; the store's own key seals
};

// How API destinations prove who they are. Secrets are here in sealed form only.
struct Connection {
  bus::Scope scope = {};
  std::string name = {};
  std::string arn = {};
  std::string description = {};
  std::string authorization_type = {};
  std::string kms_key = {};
  std::string secret_arn = {};
  ConnectionState state = ConnectionState::Authorizing;
  std::string state_reason = {};
  TimePoint created = {};
  TimePoint modified = {};
  TimePoint authorized = {};
  boost::json::object shown = {};  // the AuthParameters without their secrets
  std::string sealed = {};         // the AuthParameters; empty once it was deauthorized
};

// "arn:aws:events:REGION:ACCOUNT:connection/NAME/UUID"
[[nodiscard]] std::string connection_arn(const bus::Scope& scope, std::string_view name,
                                         std::string_view uuid);
// The ARN of the secret that AWS would keep; there is none here.
[[nodiscard]] std::string secret_arn(const bus::Scope& scope, std::string_view name, std::string_view uuid);

// The member of AuthParameters that belongs to an authorization type.
[[nodiscard]] std::string_view parameters_of(std::string_view authorization_type);

// AuthParameters as DescribeConnection shows them: passwords, keys, and values that are marked as secret left out.
[[nodiscard]] boost::json::object without_secrets(const boost::json::object& auth_parameters);

// AuthParameters after an update: members that are given take the place of older ones, lists as a whole.
[[nodiscard]] boost::json::object merged(boost::json::object older, const boost::json::object& given);

// InvalidArgument when what the authorization type needs is not there, or is for another type, or an endpoint is not one
// that secrets may be sent to.
[[nodiscard]] Result<void> check_auth_parameters(std::string_view authorization_type,
                                                 const boost::json::object& auth_parameters);

// InvalidArgument unless it is an https URL, or an http URL of this machine. `member` names it in the message.
[[nodiscard]] Result<void> check_endpoint(const std::string& url, std::string_view member);

// The JSON text that a connection is kept as, and back. Errors: Malformed.
[[nodiscard]] std::string write_connection(const Connection& connection);
[[nodiscard]] Result<Connection> read_connection(std::string_view json);

}  // namespace ebagent::connections
