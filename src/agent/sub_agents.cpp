#include "agent/sub_agents.hpp"

#include <boost/json/object.hpp>
#include <chrono>

#include "agent/stops.hpp"
#include "core/ids.hpp"
#include "core/json.hpp"

namespace ebagent::agent {
namespace {

Event event_of(const std::string& agent, const std::string& task, const ToolContext& context) {
  Event event;
  event.id = core::uuid_from_name(context.idempotency_key() + "/agent");
  event.source = "ebagent.agent";
  event.detail_type = "Agent Asked";
  event.account = context.event().account;
  event.region = context.event().region;
  // The caller's own time: the same whenever the call is repeated.
  event.time = context.event().time;
  event.detail = core::write_json(boost::json::object{
      {"agent", agent}, {"task", task}, {"asked_by", context.agent()}, {"event_id", context.event().id}});
  return event;
}

}  // namespace

Result<std::string> SubAgents::call_agent(const std::string& agent, const std::string& task,
                                          const ToolContext& context) {
  const Agent* found = around_.registry.agent(agent);
  if (found == nullptr) return fail(ErrorCode::NotFound, "There is no agent \"" + agent + "\".");
  const Chain& chain = context.chain();
  if (chain.hops + 1 > around_.settings.hop_limit) {
    return fail(ErrorCode::LimitExceeded, "Agents ask each other too deeply: the hop limit is " +
                                              std::to_string(around_.settings.hop_limit) + ".");
  }
  ProcessOptions options;
  options.chain = {.hops = chain.hops + 1, .trace = chain.trace};
  options.delivery = delivery_;
  AgentRun run = run_agent(around_, *found, event_of(agent, task, context), options);
  switch (run.state) {
    case AgentRunState::Succeeded:
      return std::move(run.answer);
    case AgentRunState::Waiting:
      throw Parked(run.wakes.value_or(context.deadline()),
                   "Agent \"" + agent + "\" waits for a person's approval.");
    case AgentRunState::Failed:
    case AgentRunState::Cancelled:
      break;
  }
  return fail(run.error.code, "Agent \"" + agent + "\": " + run.error.message);
}

}  // namespace ebagent::agent
