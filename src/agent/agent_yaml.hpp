#pragma once

#include <yaml-cpp/yaml.h>

#include "agent/registry.hpp"
#include "agent/yaml_reader.hpp"
#include "ebagent/agent.hpp"
#include "ebagent/result.hpp"

namespace ebagent::agent {

// One entry of `agents`, besides what app_yaml.hpp shows:
//
//   - name: triage
//     model: sonnet                         # of `models:`, or PROVIDER:MODEL
//     instructions: Find out what happened, then open a ticket.
//     tools:                                # see tool_use_yaml.hpp
//     limits: {turns: 6, tool_calls: 10, seconds: 120, tokens: 50000, cost_usd: 0.10, same_calls: 3}
//     output_schema: {type: object, properties: {severity: {enum: [low, high]}}, required: [severity]}
//     trusts_events: false                  # the default
//     approval_timeout: 1h                  # the default
//     flow: {concurrency: {limit: 2}}       # see flow_yaml.hpp
//
// The tools that it names must be in the registry.
[[nodiscard]] Result<AgentSpec> read_agent(const YAML::Node& node, const YamlReader& yaml,
                                           const Registry& registry);

}  // namespace ebagent::agent
