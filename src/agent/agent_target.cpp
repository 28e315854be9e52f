#include "agent/agent_target.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/near_names.hpp"
#include "agent/runner.hpp"

namespace ebagent::agent {
namespace {

// NAME of arn:PARTITION:lambda:REGION:ACCOUNT:function:NAME[:ALIAS].
// Source: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html (FunctionName)
std::optional<std::string> function_name(std::string_view arn) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t end = arn.find(':');
    parts.push_back(arn.substr(0, end));
    if (end == std::string_view::npos) break;
    arn.remove_prefix(end + 1);
  }
  const bool is_function = (parts.size() == 7 || parts.size() == 8) && parts[0] == "arn" &&
                           parts[2] == "lambda" && parts[5] == "function" && !parts[6].empty();
  if (!is_function) return std::nullopt;
  return std::string(parts[6]);
}

// What the agent is to see as the event.
Result<Event> event_of(const store::Delivery& delivery) {
  EnvelopeDefaults defaults;
  defaults.id = delivery.event_id;
  BOOST_OUTCOME_TRY(auto original, parse_event(*delivery.event, defaults));
  if (!delivery.input) return original;
  defaults.account = original.account;
  defaults.region = original.region;
  defaults.time = original.time;
  auto made = parse_event(*delivery.input, defaults);
  if (!made) return original;
  made.value().id = original.id;
  return made;
}

bool is_permanent_failure(const Response& response) {
  if (response.error) return is_permanent(response.error->code);
  for (const AgentRun& run : response.runs) {
    if (run.state == AgentRunState::Failed && !run.permanent) return false;
  }
  return true;
}

// Somebody waits for a person, and nobody failed for now.
std::optional<delivery::Postpone> waiting(const Response& response) {
  if (response.error) return std::nullopt;
  std::optional<delivery::Postpone> waits;
  for (const AgentRun& run : response.runs) {
    if (run.state == AgentRunState::Failed && !run.permanent) return std::nullopt;
    if (run.state != AgentRunState::Waiting || !run.wakes) continue;
    if (waits && waits->until <= *run.wakes) continue;
    waits = delivery::Postpone{*run.wakes, "WAITING", "Agent " + run.agent + ": " + run.error.message,
                               /*stops_age=*/true};
  }
  return waits;
}

delivery::SendOutcome outcome_of(const Response& response) {
  if (auto waits = waiting(response)) return std::move(*waits);
  std::string message = response.error ? response.error->message : "";
  bool timed_out = false;
  for (const AgentRun& run : response.runs) {
    if (run.state != AgentRunState::Failed) continue;
    message += (message.empty() ? "" : "; ") + ("Agent " + run.agent) + ": " + run.error.message;
    timed_out = timed_out || run.error.code == ErrorCode::TimedOut;
  }
  if (message.empty()) return delivery::Delivered{};
  if (is_permanent_failure(response)) return delivery::Fail{std::string(delivery::kErrorFromTarget), message};
  return delivery::Retry{std::string(timed_out ? delivery::kTimeout : delivery::kErrorFromTarget), message};
}

}  // namespace

delivery::SendOutcome AgentTarget::send(const store::Delivery& delivery) {
  return send(delivery, nullptr);
}

delivery::SendOutcome AgentTarget::send_on_record(const store::Delivery& delivery, delivery::Record& record) {
  return send(delivery, &record);
}

delivery::SendOutcome AgentTarget::send(const store::Delivery& delivery, delivery::Record* record) {
  const std::string& arn = delivery.route->target_arn;
  const auto name = function_name(arn);
  if (!name || (!app_.has_agent(*name) && *name != app_.name())) {
    auto known = app_.agents();
    known.push_back(app_.name());
    return delivery::Fail{std::string(delivery::kNoResource),
                          "No agent answers to " + arn + "." + (name ? hint_for(*name, known) : "")};
  }
  auto event = event_of(delivery);
  if (!event) {
    return delivery::Fail{std::string(delivery::kInvalidJson),
                          "The event cannot be read: " + event.error().message};
  }
  std::string only_agent = app_.has_agent(*name) ? *name : "";
  if (const auto& store = app_.ports().store; !delivery.run_id.empty() && store != nullptr) {
    auto run = store->run_by_id(delivery.run_id);
    if (!run) return delivery::Retry{std::string(delivery::kErrorFromTarget), run.error().message};
    if (!run.value() || !app_.has_agent(run.value()->agent)) {
      return delivery::Fail{std::string(delivery::kNoResource), "The run " + delivery.run_id +
                                                                    " cannot be done again: the run or its "
                                                                    "agent is no longer there."};
    }
    only_agent = std::move(run.value()->agent);
  }
  ProcessOptions options;
  options.resume_run = delivery.run_id;
  options.input = delivery.input;
  options.rule_arn = delivery.route->rule_arn;
  options.target_id = delivery.route->target_id;
  options.chain = {.hops = delivery.hops, .trace = delivery.trace};
  options.delivery = delivery.seq;
  options.record = record;
  return outcome_of(!only_agent.empty() ? app_.respond_with(only_agent, event.value(), options)
                                        : app_.respond(event.value(), options));
}

}  // namespace ebagent::agent
