#include "agent/run_context.hpp"

namespace ebagent::agent {

void check_time(const RunContext& context) {
  if (context.is_cancelled && context.is_cancelled()) throw RunCancelled("The run was cancelled.");
  if (context.clock.now() < context.deadline) return;
  throw Stopped(stop_reason::kSeconds, "Agent \"" + context.spec.name + "\" reached its limit of " +
                                           std::to_string(context.spec.limits.seconds.count()) + " seconds.");
}

ToolContext::Call call_of(const RunContext& context, const Journal& journal, const std::string& step,
                          const std::string& key) {
  return {.run_id = journal.run().id,
          .agent = context.spec.name,
          .step = step,
          .idempotency_key = key,
          .deadline = context.deadline,
          .chain = context.chain,
          .hop_limit = context.hop_limit};
}

ToolContext tool_context(const RunContext& context, const Journal& journal, const std::string& step,
                         const std::string& key) {
  return ToolContext(call_of(context, journal, step, key), context.event, context.clock, &context.sink);
}

}  // namespace ebagent::agent
