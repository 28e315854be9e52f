#include "connections/api_destination_target.hpp"

#include <chrono>
#include <utility>
#include <variant>

#include "connections/invocation.hpp"
#include "core/json.hpp"
#include "targets/outcome.hpp"
#include "targets/target_parts.hpp"

namespace ebagent::connections {
namespace {

namespace json = boost::json;
using delivery::Fail;
using delivery::Postpone;
using delivery::Retry;
using delivery::SendOutcome;

// How soon a delivery looks again whether its connection has its first token.
constexpr std::chrono::seconds kUntilAuthorized{1};
// Limits of destinations that are gone are dropped when there are more.
constexpr std::size_t kMaxLimits = 10'000;

const json::object& object_or_none(const json::object& object, std::string_view name) {
  static const json::object kNone;
  const auto* value = object.if_contains(json::string_view{name.data(), name.size()});
  return value == nullptr || !value->is_object() ? kNone : value->get_object();
}

// What went wrong without anybody having been asked.
SendOutcome outcome_of_preparation(const Error& error) {
  if (error.code == ErrorCode::InvalidArgument) return targets::invalid_parameter(error.message);
  if (error.code == ErrorCode::Malformed) return Fail{std::string{delivery::kInvalidJson}, error.message};
  return Retry{.code = std::string{delivery::kInternalError}, .message = error.message};
}

// An answer's text may repeat what was sent, secrets included: only its status and headers count.
SendOutcome outcome_of_answer(http::Answer answer, const ApiDestination& destination) {
  if (!answer) return targets::outcome_of(answer.error());
  answer.value().body.clear();
  return targets::outcome_of_http_answer(answer.value(), "API destination " + destination.name);
}

bool is_token_refused(const http::Answer& answer) {
  return answer && (answer.value().status == 401 || answer.value().status == 407);
}

http::Headers authorization_of(std::string_view type, const json::object& auth) {
  const json::object& own = object_or_none(auth, parameters_of(type));
  if (type == kApiKey) return {{core::text_member(own, "ApiKeyName"), core::text_member(own, "ApiKeyValue")}};
  return {{"Authorization",
           basic_credentials(core::text_member(own, "Username"), core::text_member(own, "Password"))}};
}

Result<http::Request> request_for(const ApiDestination& destination, const json::object& auth,
                                  const store::Delivery& delivery, http::Headers authorization) {
  const json::object target = targets::target_parameters(*delivery.route, "HttpParameters");
  return make_request({.destination = destination,
                       .target_parameters = target,
                       .connection_parameters = object_or_none(auth, "InvocationHttpParameters"),
                       .authorization = std::move(authorization),
                       .payload = delivery::payload(delivery)});
}

}  // namespace

SendOutcome ApiDestinationTarget::send(const store::Delivery& delivery) {
  const std::string& arn = delivery.route->target_arn;
  const auto destination = connections_.api_destination(arn);
  if (destination == nullptr) return targets::no_resource("There is no API destination " + arn + ".");
  const auto connection = connections_.connection(destination->connection_arn);
  if (connection == nullptr) {
    return targets::no_resource("The connection of API destination " + destination->name +
                                " does not exist.");
  }
  if (connection->state != ConnectionState::Authorized) {
    const bool may_become = connection->state == ConnectionState::Authorizing;
    std::string message =
        "Connection " + connection->name + (may_become ? " is being authorized." : " is not authorized.");
    if (!connection->state_reason.empty()) message += " " + connection->state_reason;
    if (!may_become) return Fail{std::string{delivery::kNoPermissions}, std::move(message)};
    return Postpone{clock_.now() + kUntilAuthorized, std::string{delivery::kNoPermissions},
                    std::move(message)};
  }
  if (const auto until = wait_for_turn(*destination, delivery)) {
    return Postpone{*until, std::string{delivery::kThrottling},
                    "API destination " + destination->name + " takes " +
                        std::to_string(destination->rate_limit) + " invocations a second."};
  }
  return invoke(*destination, *connection, delivery);
}

std::optional<TimePoint> ApiDestinationTarget::wait_for_turn(const ApiDestination& destination,
                                                             const store::Delivery& delivery) {
  const auto comes =
      delivery.due > delivery.accepted ? RateLimit::Comes::Again : RateLimit::Comes::ForTheFirstTime;
  const std::scoped_lock lock{mutex_};
  if (limits_.size() > kMaxLimits) {
    std::erase_if(limits_,
                  [&](const auto& named) { return connections_.api_destination(named.first) == nullptr; });
  }
  auto found = limits_.try_emplace(destination.arn, destination.rate_limit).first;
  if (found->second.per_second() != destination.rate_limit) {
    found = limits_.insert_or_assign(destination.arn, RateLimit{destination.rate_limit}).first;
  }
  return found->second.admit(clock_.now(), comes);
}

SendOutcome ApiDestinationTarget::invoke(const ApiDestination& destination, const Connection& connection,
                                         const store::Delivery& delivery) {
  const auto auth = connections_.auth_parameters(connection);
  if (!auth) return outcome_of_preparation({ErrorCode::Io, auth.error().message});
  if (connection.authorization_type == kOAuth) {
    return invoke_with_token(destination, connection, auth.value(), delivery);
  }
  const auto request = request_for(destination, auth.value(), delivery,
                                   authorization_of(connection.authorization_type, auth.value()));
  if (!request) return outcome_of_preparation(request.error());
  return outcome_of_answer(http_.send(request.value()), destination);
}

SendOutcome ApiDestinationTarget::invoke_with_token(const ApiDestination& destination,
                                                    const Connection& connection, const json::object& auth,
                                                    const store::Delivery& delivery) {
  for (bool is_renewed = false;; is_renewed = true) {
    const TokenOutcome outcome = tokens_.token(connection);
    if (const auto* none = std::get_if<NoToken>(&outcome)) {
      std::string message = "Connection " + connection.name + " has no token: " + none->reason;
      if (!none->is_refused) {
        return Retry{.code = std::string{delivery::kErrorFromTarget}, .message = std::move(message)};
      }
      // Shown, so that a person mends it; if that cannot be written now, the next delivery tries again.
      (void)connections_.set_state(connection, ConnectionState::Deauthorized, none->reason);
      return Fail{std::string{delivery::kNoPermissions}, std::move(message)};
    }
    const std::string& token = std::get<std::string>(outcome);
    const auto request = request_for(destination, auth, delivery, {{"Authorization", token}});
    if (!request) return outcome_of_preparation(request.error());
    auto answer = http_.send(request.value());
    if (is_renewed || !is_token_refused(answer)) return outcome_of_answer(std::move(answer), destination);
    tokens_.forget(connection, token);
  }
}

}  // namespace ebagent::connections
