#include "connections/connections.hpp"

#include <utility>

#include "server/aws_api/operation.hpp"
#include "server/aws_api/shapes.hpp"

namespace ebagent::server::aws_api {
namespace {

namespace json = boost::json;
using connections::Connection;

ApiError not_offered() {
  return {"UnknownOperationException",
          "This server does not offer connections: it may not send to URLs that its callers "
          "name (--allow-http-targets)."};
}

Outcome check_offered(const Call& call) {
  if (call.connections == nullptr) return not_offered();
  if (object_of(call.input, "InvocationConnectivityParameters") != nullptr) {
    return ApiError{
        "ValidationException",
        "Parameter InvocationConnectivityParameters is not valid. Reason: Private connectivity is not "
        "offered here: there is no VPC."};
  }
  return json::object{};
}

connections::ConnectionSpec spec_of(const json::object& input) {
  connections::ConnectionSpec spec{.name = std::string{text_of(input, "Name")},
                                   .description = optional_text_of(input, "Description"),
                                   .authorization_type = optional_text_of(input, "AuthorizationType"),
                                   .kms_key = optional_text_of(input, "KmsKeyIdentifier")};
  if (const json::object* parameters = object_of(input, "AuthParameters")) spec.auth_parameters = *parameters;
  return spec;
}

// What all but lists and descriptions answer.
json::object outcome_json(const Connection& connection, std::string_view state) {
  json::object out;
  add_text(out, "ConnectionArn", connection.arn);
  add_text(out, "ConnectionState", state);
  add_time(out, "CreationTime", connection.created);
  add_time(out, "LastModifiedTime", connection.modified);
  return out;
}

json::object summary_json(const Connection& connection) {
  json::object out = outcome_json(connection, connections::name_of(connection.state));
  add_text(out, "Name", connection.name);
  add_text(out, "StateReason", connection.state_reason);
  add_text(out, "AuthorizationType", connection.authorization_type);
  add_time(out, "LastAuthorizedTime", connection.authorized);
  return out;
}

// The answer to a change; `state` is what AWS says while it makes it.
Outcome changed(const Result<Connection>& connection, std::string_view state = {}) {
  if (!connection) return api_error(connection.error());
  json::object out = outcome_json(connection.value(),
                                  state.empty() ? connections::name_of(connection.value().state) : state);
  add_time(out, "LastAuthorizedTime", connection.value().authorized);
  return out;
}

Outcome create_connection(const Call& call) {
  if (auto offered = check_offered(call); std::holds_alternative<ApiError>(offered)) return offered;
  const auto connection = call.connections->create_connection(call.scope, spec_of(call.input));
  if (!connection) return api_error(connection.error());
  return outcome_json(connection.value(), connections::name_of(connection.value().state));
}

Outcome update_connection(const Call& call) {
  if (auto offered = check_offered(call); std::holds_alternative<ApiError>(offered)) return offered;
  return changed(call.connections->update_connection(call.scope, spec_of(call.input)));
}

Outcome delete_connection(const Call& call) {
  if (call.connections == nullptr) return not_offered();
  return changed(call.connections->delete_connection(call.scope, text_of(call.input, "Name")), "DELETING");
}

Outcome deauthorize_connection(const Call& call) {
  if (call.connections == nullptr) return not_offered();
  return changed(call.connections->deauthorize_connection(call.scope, text_of(call.input, "Name")),
                 "DEAUTHORIZING");
}

Outcome describe_connection(const Call& call) {
  if (call.connections == nullptr) return not_offered();
  const auto connection = call.connections->describe_connection(call.scope, text_of(call.input, "Name"));
  if (!connection) return api_error(connection.error());
  json::object out = summary_json(connection.value());
  add_text(out, "Description", connection.value().description);
  add_text(out, "KmsKeyIdentifier", connection.value().kms_key);
  add_text(out, "SecretArn", connection.value().secret_arn);
  out.emplace("AuthParameters", connection.value().shown);
  return out;
}

Outcome list_connections(const Call& call) {
  if (call.connections == nullptr) return not_offered();
  const auto page =
      call.connections->list_connections(call.scope,
                                         {.name_prefix = std::string{text_of(call.input, "NamePrefix")},
                                          .state = std::string{text_of(call.input, "ConnectionState")}},
                                         page_request(call.input));
  if (!page) return api_error(page.error());
  json::array listed;
  for (const Connection& connection : page.value().items) listed.push_back(summary_json(connection));
  json::object out;
  out.emplace("Connections", std::move(listed));
  add_text(out, "NextToken", page.value().next_token);
  return out;
}

constexpr Operation kOperations[] = {
    {"CreateConnection", &shapes::kCreateConnection, create_connection},
    {"UpdateConnection", &shapes::kUpdateConnection, update_connection},
    {"DeleteConnection", &shapes::kConnectionReference, delete_connection},
    {"DeauthorizeConnection", &shapes::kConnectionReference, deauthorize_connection},
    {"DescribeConnection", &shapes::kConnectionReference, describe_connection},
    {"ListConnections", &shapes::kListConnections, list_connections},
};

}  // namespace

std::span<const Operation> connection_operations() {
  return kOperations;
}

}  // namespace ebagent::server::aws_api
