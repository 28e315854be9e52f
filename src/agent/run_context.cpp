#include "agent/run_context.hpp"

#include <algorithm>

#include "core/json.hpp"

namespace ebagent::agent {

void check_time(const RunContext& context) {
  if (context.clock.now() < context.deadline) return;
  throw LimitReached("Agent \"" + context.agent + "\" reached its limit of " +
                     std::to_string(context.limits.seconds.count()) + " seconds.");
}

ToolContext tool_context(const RunContext& context, const Journal& journal, const std::string& step,
                         const std::string& key) {
  return ToolContext({.run_id = journal.run().id,
                      .agent = context.agent,
                      .step = step,
                      .idempotency_key = key,
                      .deadline = context.deadline,
                      .chain = context.chain,
                      .hop_limit = context.hop_limit},
                     context.event, context.clock, &context.sink);
}

Result<boost::json::value> call_tool(Journal& journal, const RunContext& context, std::string_view tool,
                                     std::string_view step, const boost::json::value& arguments) {
  const auto allowed =
      std::find_if(context.tools.begin(), context.tools.end(),
                   [&](const AllowedTool& candidate) { return candidate.tool->name() == tool; });
  if (allowed == context.tools.end()) {
    return fail(ErrorCode::NotFound, "Agent \"" + context.agent + "\" may not call tool \"" +
                                         std::string(tool) + "\": it is not in its list of tools.");
  }
  check_time(context);
  const StepRequest request{.name = std::string(step),
                            .kind = "tool",
                            .effect = allowed->tool->effect(),
                            .input = core::write_json(arguments)};
  return journal.perform(request, [&](const std::string& name, const std::string& key) {
    return allowed->tool->invoke(arguments, tool_context(context, journal, name, key));
  });
}

}  // namespace ebagent::agent
