#pragma once

#include <yaml-cpp/yaml.h>

#include <vector>

#include "agent/registry.hpp"
#include "agent/yaml_reader.hpp"
#include "ebagent/agent.hpp"
#include "ebagent/result.hpp"

namespace ebagent::agent {

// The `tools` of an agent: names, or uses that say more.
//
//   tools:
//     - s3_head
//     - name: send_notification
//       bind:                               # arguments that the model neither chooses nor sees
//         topic_arn: {value: "arn:aws:sns:us-east-1:123456789012:ops"}
//         subject: {from: $.detail.alarmName}      # $.event.detail..., $.input...
//       allow:                              # what the arguments that it chooses must satisfy
//         message: {pattern: "[^<>]*"}      # prefix, pattern, values
//       approval: when-tainted              # never, when-tainted, required; default: the tool's own
//       timeout: 10s
[[nodiscard]] Result<std::vector<ToolUse>> read_tool_uses(const YAML::Node& node, const YamlReader& yaml,
                                                          const Registry& registry);

// never, when-tainted or required.
[[nodiscard]] Result<Approval> read_approval(const YAML::Node& node, const YamlReader& yaml);

}  // namespace ebagent::agent
