#include "server/aws_api/events.hpp"

#include <boost/json/parse.hpp>
#include <utility>

#include "bus/bus_policy.hpp"
#include "core/json.hpp"
#include "ebagent/pattern.hpp"
#include "server/aws_api/shapes.hpp"

namespace ebagent::server::aws_api {
namespace {

namespace json = boost::json;

// Depth of an event given to TestEventPattern; the matcher has bounds of its own.
constexpr std::size_t kMaxEventDepth = 128;

std::string answer_text(const std::vector<event::PutEventsEntry>& outcomes) {
  std::size_t failed = 0;
  std::string entries;
  for (const auto& outcome : outcomes) {
    if (!entries.empty()) entries += ',';
    if (const auto* accepted = std::get_if<event::AcceptedEntry>(&outcome)) {
      entries += "{\"EventId\":\"" + accepted->event.id + "\"}";
      continue;
    }
    const auto& refused = std::get<event::RefusedEntry>(outcome);
    ++failed;
    entries += "{\"ErrorCode\":";
    core::append_json_string(entries, refused.error_code);
    entries += ",\"ErrorMessage\":";
    core::append_json_string(entries, refused.error_message);
    entries += '}';
  }
  return "{\"FailedEntryCount\":" + std::to_string(failed) + ",\"Entries\":[" + entries + "]}";
}

std::vector<bus::Incoming> accepted_of(const bus::Scope& scope,
                                       const std::vector<event::PutEventsEntry>& outcomes) {
  std::vector<bus::Incoming> events;
  events.reserve(outcomes.size());
  for (const auto& outcome : outcomes) {
    const auto* accepted = std::get_if<event::AcceptedEntry>(&outcome);
    if (accepted == nullptr) continue;
    // A bus of another account or region is meant by its ARN; the envelope keeps the sender's.
    const auto owner =
        accepted->bus_arn.empty() ? scope : bus::scope_of_arn(accepted->bus_arn).value_or(scope);
    events.push_back(
        {.scope = owner, .bus = accepted->bus, .id = accepted->event.id, .json = accepted->json});
  }
  return events;
}

// The words of the service model for each verdict of a bus policy.
event::RefusedEntry refusal(bus::PolicyVerdict verdict, const bus::PutAttempt& attempt) {
  if (verdict == bus::PolicyVerdict::DeniedForSource) {
    return {"NotAuthorizedForSourceException",
            "You do not have permissions to publish events with this source onto this event bus."};
  }
  if (verdict == bus::PolicyVerdict::DeniedForDetailType) {
    return {"NotAuthorizedForDetailTypeException",
            "You do not have permissions to publish events with this detail type onto this event bus."};
  }
  return {"AccessDeniedException",
          "User: arn:aws:iam::" + std::string{attempt.account} +
              ":root is not authorized to perform: events:PutEvents on resource: " +
              std::string{attempt.bus_arn} +
              " because no resource-based policy allows the events:PutEvents action"};
}

// Refuses entries for buses whose policy does not allow the account to put them.
void apply_policies(const bus::Catalog& catalog, const bus::Scope& scope,
                    std::vector<event::PutEventsEntry>& outcomes) {
  for (event::PutEventsEntry& outcome : outcomes) {
    const auto* accepted = std::get_if<event::AcceptedEntry>(&outcome);
    if (accepted == nullptr || accepted->bus_arn.empty()) continue;
    const bus::PutAttempt attempt{.account = scope.account,
                                  .bus_arn = accepted->bus_arn,
                                  .source = accepted->event.source,
                                  .detail_type = accepted->event.detail_type};
    const bus::PolicyVerdict verdict = bus::may_put(catalog, attempt);
    if (verdict != bus::PolicyVerdict::Allowed) outcome = refusal(verdict, attempt);
  }
}

// An event that no pattern can be held against is the caller's to change; the rest is ours.
ApiError put_error(const Error& error) {
  if (error.code == ErrorCode::Malformed || error.code == ErrorCode::LimitExceeded) {
    return {"ValidationException", error.message};
  }
  return api_error(error);
}

// What TestEventPattern calls an event. Source:
// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_TestEventPattern.html
bool is_envelope(std::string_view text) {
  json::parse_options options;
  options.max_depth = kMaxEventDepth;
  boost::system::error_code error;
  const json::value event = json::parse(json::string_view{text.data(), text.size()}, error, {}, options);
  if (error || !event.is_object()) return false;
  for (const json::string_view name :
       {"id", "account", "source", "time", "region", "resources", "detail-type"}) {
    if (!event.get_object().contains(name)) return false;
  }
  return true;
}

Outcome test_event_pattern(const Call& call) {
  const auto pattern = pattern::compile(text_of(call.input, "EventPattern"));
  if (!pattern) {
    return ApiError{"InvalidEventPatternException",
                    "Event pattern is not valid. Reason: " + pattern.error().message};
  }
  const ApiError not_an_event{"ValidationException", "Parameter Event is not valid."};
  const std::string_view event = text_of(call.input, "Event");
  if (!is_envelope(event)) return not_an_event;
  const auto matches = pattern::matches(pattern.value(), event);
  if (!matches) return not_an_event;
  json::object out;
  out.emplace("Result", matches.value());
  return out;
}

constexpr Operation kOperations[] = {
    {"TestEventPattern", &shapes::kTestEventPattern, test_event_pattern},
};

}  // namespace

void put_events(const PutEventsContext& context, const bus::Scope& scope, std::string_view body,
                std::function<void(PutEventsOutcome)> done) {
  auto outcomes = event::parse_put_events(body, {scope.account, scope.region}, context.clock.now(),
                                          context.random, context.settings);
  if (!outcomes) {
    const bool wrong_type = outcomes.error().code == ErrorCode::Malformed;
    return done(
        ApiError{wrong_type ? "SerializationException" : "ValidationException", outcomes.error().message});
  }
  if (context.policies != nullptr) apply_policies(*context.policies, scope, outcomes.value());
  auto events = accepted_of(scope, outcomes.value());
  std::string answer = answer_text(outcomes.value());
  if (events.empty()) return done(std::move(answer));
  context.bus.put(std::move(events),
                  [answer = std::move(answer), done = std::move(done)](const Result<void>& result) mutable {
                    if (!result) return done(put_error(result.error()));
                    done(std::move(answer));
                  });
}

std::span<const Operation> pattern_operations() {
  return kOperations;
}

}  // namespace ebagent::server::aws_api
