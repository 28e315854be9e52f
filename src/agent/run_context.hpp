#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "agent/journal.hpp"
#include "agent/registry.hpp"
#include "ebagent/agent.hpp"
#include "ebagent/clock.hpp"
#include "ebagent/event.hpp"
#include "ebagent/tool.hpp"

namespace ebagent::agent {

// What one attempt of a run works with and within. The referred-to outlive the attempt.
struct RunContext {
  const std::string& agent;
  const Event& event;
  const std::string& input;
  const Clock& clock;
  EventSink& sink;
  const Limits& limits;
  std::vector<AllowedTool> tools;  // the agent's allow-list, resolved
  Chain chain = {};
  int hop_limit = kDefaultHopLimit;
  TimePoint deadline = TimePoint::max();
};

// Throws LimitReached when the agent's seconds are used up.
void check_time(const RunContext& context);

// What a step's function is told.
[[nodiscard]] ToolContext tool_context(const RunContext& context, const Journal& journal,
                                       const std::string& step, const std::string& key);

// Calls an allowed tool as the journalled step `step`.
// Errors: NotFound when the agent may not call it, otherwise the tool's. Throws as Journal::perform and
// check_time do.
[[nodiscard]] Result<boost::json::value> call_tool(Journal& journal, const RunContext& context,
                                                   std::string_view tool, std::string_view step,
                                                   const boost::json::value& arguments);

}  // namespace ebagent::agent
