#pragma once

#include <vector>

#include "agent/registry.hpp"
#include "ebagent/agent.hpp"
#include "ebagent/result.hpp"

namespace ebagent::agent {

// Refuses an agent that could be talked into giving away what it should not: one that reads what strangers wrote (events that
// are not trusted, or a tool that brings such text), has a tool that reads sensitive data, and a tool that acts outside
// without anyone being asked. InvalidArgument names the three and says what to do.
//
// A tool that acts outside is no way out when a person is asked (required, when-tainted), or when each argument that says
// where to (ToolTraits::destinations) is bound to a value, bound to an event that is trusted, or constrained.
// For agents that a model drives: the calls of playbooks and handlers are fixed.
[[nodiscard]] Result<void> check_combinations(const AgentSpec& agent, const std::vector<AllowedTool>& tools);

}  // namespace ebagent::agent
