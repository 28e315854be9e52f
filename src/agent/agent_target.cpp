#include "agent/agent_target.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/flow/names.hpp"
#include "agent/near_names.hpp"
#include "agent/runner.hpp"
#include "core/ids.hpp"

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

// The ARN of another function beside it.
std::string with_function_name(const std::string& arn, const std::string& name) {
  constexpr std::string_view kKind = ":function:";
  return arn.substr(0, arn.find(kKind) + kKind.size()) + name;
}

// Which of the agent's cancel_on the rule arn:PARTITION:events:REGION:ACCOUNT:rule/[BUS/]NAME brings.
std::optional<std::size_t> cancel_rule_of(std::string_view rule_arn, const AgentSpec& spec) {
  const std::string_view name = rule_arn.substr(rule_arn.rfind('/') + 1);
  for (std::size_t n = 0; n < spec.flow.cancel_on.size(); ++n) {
    if (name == flow::cancel_rule_name(spec.name, n)) return n;
  }
  return std::nullopt;
}

// A limit of concurrency alone needs nothing on record.
bool needs_admission(const FlowControl& flow) {
  return flow.throttle || flow.rate_limit || flow.debounce || flow.batch || flow.singleton ||
         !flow.cancel_on.empty();
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
  const AgentSpec* spec = name ? app_.spec(*name) : nullptr;
  if (!name || (spec == nullptr && *name != app_.name())) {
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
  ProcessOptions options;
  options.resume_run = delivery.run_id;
  options.input = delivery.input;
  options.rule_arn = delivery.route->rule_arn;
  options.target_id = delivery.route->target_id;
  options.chain = {.hops = delivery.hops, .trace = delivery.trace};
  options.delivery = delivery.seq;
  options.record = record;
  if (!delivery.run_id.empty()) return send_again(delivery, event.value(), options);
  if (spec == nullptr) return send_to_app(delivery, event.value(), options);
  if (spec->flow.is_used()) return send_through_gate(delivery, *spec, event.value(), std::move(options));
  return outcome_of(app_.respond_with(*name, event.value(), options));
}

// A person wants a run done again: flow control has no say in it.
delivery::SendOutcome AgentTarget::send_again(const store::Delivery& delivery, const Event& event,
                                              const ProcessOptions& options) {
  const auto& store = app_.ports().store;
  if (store == nullptr)
    return delivery::Fail{std::string(delivery::kNoResource), "There is no store of runs."};
  const auto run = store->run_by_id(delivery.run_id);
  if (!run) return delivery::Retry{std::string(delivery::kErrorFromTarget), run.error().message};
  if (!run.value() || !app_.has_agent(run.value()->agent)) {
    return delivery::Fail{
        std::string(delivery::kNoResource),
        "The run " + delivery.run_id + " cannot be done again: the run or its agent is no longer there."};
  }
  return outcome_of(app_.respond_with(run.value()->agent, event, options));
}

delivery::SendOutcome AgentTarget::send_to_app(const store::Delivery& delivery, const Event& event,
                                               const ProcessOptions& options) {
  if (!hand_over_ || !app_.has_flow_control()) return outcome_of(app_.respond(event, options));
  const auto agents = app_.agents_for(event);
  const auto is_gated = [this](const std::string& agent) { return app_.spec(agent)->flow.is_used(); };
  if (!agents || std::ranges::none_of(agents.value(), is_gated))
    return outcome_of(app_.respond(event, options));
  Response together;
  for (const std::string& agent : agents.value()) {
    if (is_gated(agent)) {
      if (const auto forwarded = forward(delivery, agent); !forwarded)
        return delivery::Retry{std::string(delivery::kInternalError), forwarded.error().message};
      continue;
    }
    Response response = app_.respond_with(agent, event, options);
    std::ranges::move(response.runs, std::back_inserter(together.runs));
    if (response.error) together.error = std::move(response.error);
  }
  return outcome_of(together);
}

// Under an id that is the same at every repetition, so that the agent gets one delivery.
Result<void> AgentTarget::forward(const store::Delivery& delivery, const std::string& agent) {
  store::Store& store = *app_.ports().store;
  store::Route route = *delivery.route;
  route.id = 0;
  route.target_arn = with_function_name(route.target_arn, agent);
  BOOST_OUTCOME_TRY(auto interned, store.put_route(std::move(route)));
  store::AcceptEvent event{
      .id = core::uuid_from_name("to agent/" + delivery.route->rule_arn + "/" + delivery.route->target_id +
                                 "/" + delivery.event_id + "/" + agent),
      .bus = delivery.route->bus,
      .json = delivery.event,
      .hops = delivery.hops,
      .trace = delivery.trace,
      .accepted = delivery.accepted};
  event.to.push_back({.route = std::move(interned), .input = delivery.input});
  store::Transaction writes;
  writes.emplace_back(std::move(event));
  BOOST_OUTCOME_TRY(auto committed, store.commit_and_wait(std::move(writes)));
  hand_over_(std::move(committed.deliveries));
  return success();
}

delivery::SendOutcome AgentTarget::send_through_gate(const store::Delivery& delivery, const AgentSpec& spec,
                                                     const Event& event, ProcessOptions options) {
  const auto cannot = [](const Error& error) {
    return delivery::Retry{std::string(delivery::kInternalError), "Flow control: " + error.message};
  };
  auto made = gates_.of(spec);
  if (!made) return cannot(made.error());
  flow::AgentGate& gate = *made.value();
  if (const auto n = cancel_rule_of(delivery.route->rule_arn, spec)) {
    const auto cancelled = gate.cancel(*n, event);
    if (!cancelled) return cannot(cancelled.error());
    return delivery::Delivered{};
  }
  std::string run_key;
  if (needs_admission(spec.flow)) {
    auto admission = gate.admit(event, options);
    if (!admission) return cannot(admission.error());
    if (std::holds_alternative<flow::Settled>(admission.value())) return delivery::Delivered{};
    if (auto* later = std::get_if<flow::Later>(&admission.value()))
      return delivery::Postpone{later->until, "WAITING", std::move(later->why), /*stops_age=*/true};
    run_key = std::move(std::get<flow::Admitted>(admission.value()).run_key);
  }
  if (auto slot = gate.slot(event); slot && slot->key != delivery.slot) return std::move(*slot);
  const auto work = gate.begin_work(event, std::move(run_key));
  auto outcome = outcome_of(app_.respond_with(spec.name, event, options));
  const bool is_over =
      std::holds_alternative<delivery::Delivered>(outcome) || std::holds_alternative<delivery::Fail>(outcome);
  if (work != nullptr && is_over) work->done();
  return outcome;
}

}  // namespace ebagent::agent
