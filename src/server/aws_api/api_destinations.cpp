#include <utility>

#include "connections/connections.hpp"
#include "server/aws_api/operation.hpp"
#include "server/aws_api/shapes.hpp"

namespace ebagent::server::aws_api {
namespace {

namespace json = boost::json;
using connections::ApiDestination;

ApiError not_offered() {
  return {"UnknownOperationException",
          "This server does not offer API destinations: it may not send to URLs that its callers "
          "name (--allow-http-targets)."};
}

connections::ApiDestinationSpec spec_of(const json::object& input) {
  return {.name = std::string{text_of(input, "Name")},
          .description = optional_text_of(input, "Description"),
          .connection_arn = optional_text_of(input, "ConnectionArn"),
          .endpoint = optional_text_of(input, "InvocationEndpoint"),
          .method = optional_text_of(input, "HttpMethod"),
          .rate_limit = number_of(input, "InvocationRateLimitPerSecond")};
}

// What creations and updates answer.
json::object outcome_json(const Call& call, const ApiDestination& destination) {
  json::object out;
  add_text(out, "ApiDestinationArn", destination.arn);
  add_text(out, "ApiDestinationState", call.connections->is_active(destination) ? "ACTIVE" : "INACTIVE");
  add_time(out, "CreationTime", destination.created);
  add_time(out, "LastModifiedTime", destination.modified);
  return out;
}

json::object summary_json(const Call& call, const ApiDestination& destination) {
  json::object out = outcome_json(call, destination);
  add_text(out, "Name", destination.name);
  add_text(out, "ConnectionArn", destination.connection_arn);
  add_text(out, "InvocationEndpoint", destination.endpoint);
  add_text(out, "HttpMethod", destination.method);
  out.emplace("InvocationRateLimitPerSecond", destination.rate_limit);
  return out;
}

Outcome create_api_destination(const Call& call) {
  if (call.connections == nullptr) return not_offered();
  const auto destination = call.connections->create_api_destination(call.scope, spec_of(call.input));
  if (!destination) return api_error(destination.error());
  return outcome_json(call, destination.value());
}

Outcome update_api_destination(const Call& call) {
  if (call.connections == nullptr) return not_offered();
  const auto destination = call.connections->update_api_destination(call.scope, spec_of(call.input));
  if (!destination) return api_error(destination.error());
  return outcome_json(call, destination.value());
}

Outcome delete_api_destination(const Call& call) {
  if (call.connections == nullptr) return not_offered();
  return nothing_or_error(call.connections->delete_api_destination(call.scope, text_of(call.input, "Name")));
}

Outcome describe_api_destination(const Call& call) {
  if (call.connections == nullptr) return not_offered();
  const auto destination =
      call.connections->describe_api_destination(call.scope, text_of(call.input, "Name"));
  if (!destination) return api_error(destination.error());
  json::object out = summary_json(call, destination.value());
  add_text(out, "Description", destination.value().description);
  return out;
}

Outcome list_api_destinations(const Call& call) {
  if (call.connections == nullptr) return not_offered();
  const auto page = call.connections->list_api_destinations(
      call.scope,
      {.name_prefix = std::string{text_of(call.input, "NamePrefix")},
       .connection_arn = std::string{text_of(call.input, "ConnectionArn")}},
      page_request(call.input));
  if (!page) return api_error(page.error());
  json::array listed;
  for (const ApiDestination& destination : page.value().items)
    listed.push_back(summary_json(call, destination));
  json::object out;
  out.emplace("ApiDestinations", std::move(listed));
  add_text(out, "NextToken", page.value().next_token);
  return out;
}

constexpr Operation kOperations[] = {
    {"CreateApiDestination", &shapes::kCreateApiDestination, create_api_destination},
    {"UpdateApiDestination", &shapes::kUpdateApiDestination, update_api_destination},
    {"DeleteApiDestination", &shapes::kApiDestinationReference, delete_api_destination},
    {"DescribeApiDestination", &shapes::kApiDestinationReference, describe_api_destination},
    {"ListApiDestinations", &shapes::kListApiDestinations, list_api_destinations},
};

}  // namespace

std::span<const Operation> api_destination_operations() {
  return kOperations;
}

}  // namespace ebagent::server::aws_api
