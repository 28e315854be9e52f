#include "delivery/event_bus_target.hpp"

#include <string>
#include <utility>

#include "bus/bus_policy.hpp"
#include "core/ids.hpp"
#include "ebagent/event.hpp"
#include "event/envelope.hpp"
#include "event/put_events.hpp"
#include "event/replayed_id.hpp"

namespace ebagent::delivery {
namespace {

// Under which the store knows an event that was sent on; the same for every repetition of its delivery.
std::string accepted_id(const store::Route& route, const std::string& event_id) {
  return core::uuid_from_name("sent on/" + route.rule_arn + "/" + route.target_id + "/" + event_id);
}

std::shared_ptr<const std::string> in_another_region(Event event, const std::string& target_arn) {
  event.id = core::uuid_from_name("in another region/" + target_arn + "/" + event.id);
  std::string json;
  event::append_envelope(json, event);
  return std::make_shared<const std::string>(std::move(json));
}

// A store that cannot write just now may later; what the bus refuses for good it refuses again.
SendOutcome outcome_of(const Result<void>& put) {
  if (put) return Delivered{};
  const Error& error = put.error();
  if (error.code == ErrorCode::LimitExceeded || error.code == ErrorCode::Malformed) {
    return Fail{std::string{kErrorFromTarget}, error.message};
  }
  return Retry{std::string{kInternalError}, error.message};
}

}  // namespace

SendOutcome EventBusTarget::send(const store::Delivery& delivery) {
  const std::string& arn = delivery.route->target_arn;
  const std::string name{event::bus_name(arn)};
  const auto scope = bus::scope_of_arn(arn);
  if (!scope || name.size() == arn.size() || !catalog_.has_bus(*scope, name)) {
    return Fail{std::string{kNoResource}, "There is no event bus " + arn + "."};
  }
  if (delivery.route->reshapes_input) {
    return Fail{std::string{kInvalidJson}, "Another event bus gets the whole event: its target " +
                                               delivery.route->target_id +
                                               " can have neither Input nor InputPath nor InputTransformer."};
  }
  auto event = parse_event(*delivery.event, {});
  if (!event) {
    return Fail{std::string{kInvalidJson}, "The event cannot be read: " + event.error().message};
  }
  if (!event::is_own_or_replayed_id(delivery.event_id, event.value().id)) {
    return Fail{std::string{kNoPermissions},
                "The event came from another event bus and is not sent on to a third one, " + arn + "."};
  }
  const auto from = bus::scope_of_arn(delivery.route->rule_arn);
  const bus::PutAttempt attempt{.account = from ? std::string_view{from->account} : std::string_view{},
                                .bus_arn = arn,
                                .source = event.value().source,
                                .detail_type = event.value().detail_type};
  if (policies_ == Policies::Enforced && bus::may_put(catalog_, attempt) != bus::PolicyVerdict::Allowed) {
    return Fail{std::string{kNoPermissions}, "The policy of event bus " + arn +
                                                 " does not allow the account " +
                                                 std::string{attempt.account} + " to put this event."};
  }
  const bool stays_in_region = from && from->region == scope->region;
  bus::Incoming incoming{.scope = *scope,
                         .bus = name,
                         .id = accepted_id(*delivery.route, delivery.event_id),
                         .json = stays_in_region ? delivery.event : in_another_region(event.value(), arn),
                         .hops = delivery.hops,
                         .trace = delivery.trace};
  return outcome_of(bus_.put_and_wait({std::move(incoming)}));
}

}  // namespace ebagent::delivery
