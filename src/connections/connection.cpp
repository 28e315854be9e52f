#include "connections/connection.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "core/json.hpp"
#include "http/url.hpp"

namespace ebagent::connections {
namespace {

namespace json = boost::json;

constexpr std::array<std::pair<ConnectionState, std::string_view>, 3> kStates{{
    {ConnectionState::Authorizing, "AUTHORIZING"},
    {ConnectionState::Authorized, "AUTHORIZED"},
    {ConnectionState::Deauthorized, "DEAUTHORIZED"},
}};

// The members of AuthParameters that belong to one type of authorization each.
constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kParameters{{
    {kBasic, "BasicAuthParameters"},
    {kApiKey, "ApiKeyAuthParameters"},
    {kOAuth, "OAuthParameters"},
}};

// Members that are secret whatever they are marked as.
constexpr std::array<std::string_view, 3> kSecretMembers{"Password", "ApiKeyValue", "ClientSecret"};

// What each type cannot do without.
struct Needed {
  std::string_view type, first, second;
};
constexpr std::array kNeeded{Needed{kBasic, "Username", "Password"},
                             Needed{kApiKey, "ApiKeyName", "ApiKeyValue"},
                             Needed{kOAuth, "AuthorizationEndpoint", "HttpMethod"}};

Error not_valid(std::string reason) {
  return {ErrorCode::InvalidArgument, "Parameter AuthParameters is not valid. Reason: " + std::move(reason)};
}

const json::object* object_member(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(json::string_view{name.data(), name.size()});
  return value == nullptr ? nullptr : value->if_object();
}

json::value shown(const json::value& value);

json::object shown(const json::object& object) {
  const auto* marked = object.if_contains("IsValueSecret");
  const bool is_secret = marked != nullptr && *marked == json::value(true);
  json::object out;
  for (const auto& [name, value] : object) {
    if (value.is_null()) continue;
    const std::string_view key{name.data(), name.size()};
    if (std::find(kSecretMembers.begin(), kSecretMembers.end(), key) != kSecretMembers.end()) continue;
    if (is_secret && key == "Value") continue;
    out.insert_or_assign(name, shown(value));
  }
  // AWS shows of each parameter whether it is secret.
  if (object.contains("Key") && marked == nullptr) out["IsValueSecret"] = false;
  return out;
}

json::value shown(const json::value& value) {
  if (const auto* object = value.if_object()) return shown(*object);
  const auto* list = value.if_array();
  if (list == nullptr) return value;
  json::array out;
  for (const auto& element : *list) out.push_back(shown(element));
  return out;
}

TimePoint time_member(const json::object& object, std::string_view name) {
  return TimePoint{Duration{core::integer_member(object, name).value_or(0)}};
}

}  // namespace

std::string_view name_of(ConnectionState state) {
  return std::find_if(kStates.begin(), kStates.end(), [&](const auto& one) { return one.first == state; })
      ->second;
}

std::string connection_arn(const bus::Scope& scope, std::string_view name, std::string_view uuid) {
  return "arn:aws:events:" + scope.region + ":" + scope.account + ":connection/" + std::string{name} + "/" +
         std::string{uuid};
}

std::string secret_arn(const bus::Scope& scope, std::string_view name, std::string_view uuid) {
  constexpr std::size_t kSuffix = 6;  // Secrets Manager ends every ARN with six characters of its own
  const std::string_view suffix = uuid.substr(uuid.size() - std::min(uuid.size(), kSuffix));
  return "arn:aws:secretsmanager:" + scope.region + ":" + scope.account + ":secret:events!connection/" +
         std::string{name} + "/" + std::string{uuid} + "-" + std::string{suffix};
}

std::string_view parameters_of(std::string_view authorization_type) {
  const auto* found = std::find_if(kParameters.begin(), kParameters.end(),
                                   [&](const auto& one) { return one.first == authorization_type; });
  return found == kParameters.end() ? std::string_view{} : found->second;
}

json::object without_secrets(const json::object& auth_parameters) {
  return shown(auth_parameters);
}

json::object merged(json::object older, const json::object& given) {
  for (const auto& [name, value] : given) {
    if (value.is_null()) continue;
    auto* before = older.if_contains(name);
    if (before != nullptr && before->is_object() && value.is_object()) {
      *before = merged(before->get_object(), value.get_object());
    } else {
      older.insert_or_assign(name, value);
    }
  }
  return older;
}

Result<void> check_auth_parameters(std::string_view authorization_type, const json::object& auth_parameters) {
  if (auth_parameters.contains("ConnectivityParameters")) {
    return fail(not_valid("ConnectivityParameters are not offered here: there is no VPC."));
  }
  for (const auto& [type, member] : kParameters) {
    const bool is_given = object_member(auth_parameters, member) != nullptr;
    if (is_given == (type == authorization_type)) continue;
    return fail(not_valid("The authorization type " + std::string{authorization_type} +
                          (is_given ? " has no " : " needs ") + std::string{member} + "."));
  }
  const std::string_view member = parameters_of(authorization_type);
  const json::object& own = *object_member(auth_parameters, member);
  const auto needs = [&](const json::object& object, std::string_view name) -> Result<void> {
    if (!core::text_member(object, name).empty()) return success();
    return fail(not_valid(std::string{member} + " needs " + std::string{name} + "."));
  };
  for (const Needed& needed : kNeeded) {
    if (needed.type != authorization_type) continue;
    BOOST_OUTCOME_TRYV(needs(own, needed.first));
    BOOST_OUTCOME_TRYV(needs(own, needed.second));
  }
  if (authorization_type != kOAuth) return success();
  const json::object* client = object_member(own, "ClientParameters");
  if (client == nullptr) return fail(not_valid("OAuthParameters needs ClientParameters."));
  BOOST_OUTCOME_TRYV(needs(*client, "ClientID"));
  BOOST_OUTCOME_TRYV(needs(*client, "ClientSecret"));
  return check_endpoint(core::text_member(own, "AuthorizationEndpoint"), "AuthorizationEndpoint");
}

Result<void> check_endpoint(const std::string& text, std::string_view member) {
  const auto refused = [&](const std::string& reason) {
    return fail(ErrorCode::InvalidArgument,
                "Parameter " + std::string{member} + " is not valid. Reason: " + reason);
  };
  const auto url = http::parse_url(text);
  if (!url) return refused(url.error().message);
  if (url.value().scheme == "https" || url.value().is_loopback()) return success();
  return refused("Secrets are sent to https only, and to http on this machine.");
}

std::string write_connection(const Connection& connection) {
  return core::write_json(json::object{{"Account", connection.scope.account},
                                       {"Region", connection.scope.region},
                                       {"Name", connection.name},
                                       {"Arn", connection.arn},
                                       {"Description", connection.description},
                                       {"AuthorizationType", connection.authorization_type},
                                       {"KmsKeyIdentifier", connection.kms_key},
                                       {"SecretArn", connection.secret_arn},
                                       {"State", name_of(connection.state)},
                                       {"StateReason", connection.state_reason},
                                       {"Created", connection.created.time_since_epoch().count()},
                                       {"Modified", connection.modified.time_since_epoch().count()},
                                       {"Authorized", connection.authorized.time_since_epoch().count()},
                                       {"AuthParameters", connection.shown},
                                       {"Sealed", connection.sealed}});
}

Result<Connection> read_connection(std::string_view text) {
  BOOST_OUTCOME_TRY(const auto parsed, core::parse_json(text));
  const auto* object = parsed.if_object();
  if (object == nullptr) return fail(ErrorCode::Malformed, "it is no JSON object.");
  Connection connection;
  connection.scope = {core::text_member(*object, "Account"), core::text_member(*object, "Region")};
  connection.name = core::text_member(*object, "Name");
  connection.arn = core::text_member(*object, "Arn");
  connection.description = core::text_member(*object, "Description");
  connection.authorization_type = core::text_member(*object, "AuthorizationType");
  connection.kms_key = core::text_member(*object, "KmsKeyIdentifier");
  connection.secret_arn = core::text_member(*object, "SecretArn");
  connection.state_reason = core::text_member(*object, "StateReason");
  connection.sealed = core::text_member(*object, "Sealed");
  connection.created = time_member(*object, "Created");
  connection.modified = time_member(*object, "Modified");
  connection.authorized = time_member(*object, "Authorized");
  if (const json::object* shown = object_member(*object, "AuthParameters")) connection.shown = *shown;
  const std::string state = core::text_member(*object, "State");
  const auto* known =
      std::find_if(kStates.begin(), kStates.end(), [&](const auto& one) { return one.second == state; });
  if (known == kStates.end() || connection.name.empty() || connection.arn.empty()) {
    return fail(ErrorCode::Malformed, "it names no connection or a state that does not exist.");
  }
  connection.state = known->first;
  return connection;
}

}  // namespace ebagent::connections
