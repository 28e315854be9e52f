#include "server/aws_api/aws_api.hpp"

#include <algorithm>
#include <utility>

#include "core/json.hpp"
#include "server/aws_api/caller.hpp"

namespace ebagent::server::aws_api {
namespace {

namespace json = boost::json;

constexpr std::string_view kContentType = "application/x-amz-json-1.1";
constexpr std::string_view kTargetPrefix = "AWSEvents.";

// What EventBridge has and this server has not (yet): said so, instead of "unknown".
constexpr std::string_view kNotOffered[] = {
    "ActivateEventSource",     "CreateEndpoint",      "CreatePartnerEventSource",
    "DeactivateEventSource",   "DeleteEndpoint",      "DeletePartnerEventSource",
    "DescribeEndpoint",        "DescribeEventSource", "DescribePartnerEventSource",
    "ListEndpoints",           "ListEventSources",    "ListPartnerEventSourceAccounts",
    "ListPartnerEventSources", "PutPartnerEvents",    "UpdateEndpoint",
};

const Operation* find_operation(std::string_view name) {
  for (const auto family : {rule_operations(), target_operations(), pattern_operations(), bus_operations(),
                            permission_operations(), tag_operations(), archive_operations(),
                            replay_operations(), connection_operations(), api_destination_operations()}) {
    for (const Operation& operation : family) {
      if (operation.name == name) return &operation;
    }
  }
  return nullptr;
}

ApiError unknown_operation(std::string_view target) {
  if (target.empty()) {
    return {"UnknownOperationException",
            "The header X-Amz-Target is missing; it names the operation, as in \"AWSEvents.PutEvents\"."};
  }
  if (!target.starts_with(kTargetPrefix)) {
    return {
        "UnknownOperationException",
        "The header X-Amz-Target must begin with \"AWSEvents.\"; only Amazon EventBridge is served here."};
  }
  const std::string_view name = target.substr(kTargetPrefix.size());
  if (std::find(std::begin(kNotOffered), std::end(kNotOffered), name) != std::end(kNotOffered)) {
    return {"UnknownOperationException",
            "EventBridge has the operation " + std::string{name} + ", but this server does not offer it."};
  }
  return {"UnknownOperationException", "EventBridge has no operation of that name."};
}

// SDKs send JSON and say so; a form in a web page cannot, which keeps foreign pages out.
bool is_json(std::string_view content_type) {
  const std::string_view media_type = content_type.substr(0, content_type.find(';'));
  return media_type.empty() || media_type == kContentType || media_type == "application/json";
}

Reply reply_with(std::string body, std::string request_id) {
  Reply reply;
  reply.content_type = kContentType;
  reply.body = std::move(body);
  reply.headers.emplace_back("x-amzn-RequestId", std::move(request_id));
  return reply;
}

Reply reply_with(const ApiError& error, std::string request_id) {
  std::string body = "{\"__type\":";
  core::append_json_string(body, error.type);
  body += ",\"message\":";
  core::append_json_string(body, error.message);
  body += '}';
  Reply reply = reply_with(std::move(body), std::move(request_id));
  reply.status = error.status;
  reply.headers.emplace_back("x-amzn-ErrorType", error.type);
  return reply;
}

std::variant<json::object, ApiError> read_input(std::string_view body, const Shape& shape) {
  if (body.empty()) body = "{}";
  auto parsed = core::parse_json(body);
  if (!parsed) return ApiError{"SerializationException", parsed.error().message};
  if (!parsed.value().is_object()) {
    return ApiError{"SerializationException", "The body of the request must be a JSON object."};
  }
  const auto checked = check(parsed.value().get_object(), shape);
  if (!checked) {
    const bool wrong_type = checked.error().code == ErrorCode::Malformed;
    return ApiError{wrong_type ? "SerializationException" : "ValidationException", checked.error().message};
  }
  return std::move(parsed.value().get_object());
}

Outcome perform(const Operation& operation, bus::Catalog& catalog, connections::Connections* connections,
                const bus::Scope& scope, std::string_view body) {
  const auto input = read_input(body, *operation.input);
  if (const auto* error = std::get_if<ApiError>(&input)) return *error;
  try {
    return operation.run({catalog, connections, scope, std::get<json::object>(input)});
  } catch (const std::exception& defect) {
    return ApiError{"InternalFailure", std::string{"The operation failed: "} + defect.what(), 500};
  }
}

}  // namespace

AwsApi::AwsApi(bus::Catalog& catalog, bus::Bus& bus, const Clock& clock, core::Random& random,
               Settings settings)
    : catalog_(catalog),
      bus_(bus),
      clock_(clock),
      random_(random),
      settings_(std::move(settings)),
      work_(settings_.max_waiting),
      settling_(settings_.max_waiting) {}

void AwsApi::handle(Request request, Respond respond) {
  if (request.is_over_capacity) {
    const ApiError throttled{"ThrottlingException",
                             "Rate exceeded: the server has as many requests in hand as it may."};
    return respond(reply_with(throttled, core::uuid_v7(clock_.now(), random_)));
  }
  if (!is_json(request.headers.get("content-type"))) {
    ApiError error{"UnsupportedMediaTypeException", "", 415};
    error.message = "The Content-Type must be " + std::string{kContentType} + " or application/json.";
    return respond(reply_with(error, core::uuid_v7(clock_.now(), random_)));
  }
  const std::string_view target = request.headers.get("x-amz-target");
  if (target == "AWSEvents.PutEvents") return put_events(request, std::move(respond));
  const Operation* operation =
      target.starts_with(kTargetPrefix) ? find_operation(target.substr(kTargetPrefix.size())) : nullptr;
  if (operation == nullptr) {
    return respond(reply_with(unknown_operation(target), core::uuid_v7(clock_.now(), random_)));
  }
  run(*operation, std::move(request), std::move(respond));
}

void AwsApi::run(const Operation& operation, Request request, Respond respond) {
  std::string request_id = core::uuid_v7(clock_.now(), random_);
  const bool accepted = work_.offer([this, &operation, request = std::move(request), respond, request_id] {
    const Outcome outcome = perform(operation, catalog_, settings_.connections,
                                    caller_scope(request, settings_.default_scope), request.body);
    if (const auto* error = std::get_if<ApiError>(&outcome)) return respond(reply_with(*error, request_id));
    respond(reply_with(core::write_json(std::get<json::object>(outcome)), request_id));
  });
  if (!accepted) {
    respond(reply_with(ApiError{"ThrottlingException", "Rate exceeded: too many operations are waiting."},
                       std::move(request_id)));
  }
}

// An answer that is given once what was accepted has settled.
Respond AwsApi::once_settled(Respond respond) {
  return [this, respond = std::move(respond)](Reply reply) {
    const bool accepted = settling_.offer([this, respond, reply] {
      settings_.settle();
      respond(reply);
    });
    if (!accepted) respond(std::move(reply));
  };
}

void AwsApi::put_events(const Request& request, Respond respond) {
  std::string request_id = core::uuid_v7(clock_.now(), random_);
  if (settings_.settle) respond = once_settled(std::move(respond));
  aws_api::put_events(
      {bus_, clock_, random_, settings_.put_events, request.caller ? &catalog_ : nullptr},
      caller_scope(request, settings_.default_scope), request.body,
      [respond = std::move(respond), request_id = std::move(request_id)](PutEventsOutcome outcome) {
        if (const auto* error = std::get_if<ApiError>(&outcome)) {
          return respond(reply_with(*error, request_id));
        }
        respond(reply_with(std::get<std::string>(std::move(outcome)), request_id));
      });
}

}  // namespace ebagent::server::aws_api
