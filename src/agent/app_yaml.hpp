#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/registry.hpp"
#include "agent/tool_declarations.hpp"
#include "ebagent/app.hpp"
#include "ebagent/result.hpp"

namespace ebagent::agent {

// agents.yaml, for people who write no C++:
//
//   settings:
//     hop_limit: 10
//     idempotency_expiry_seconds: 86400
//     prices: [...]                         # see model_settings_yaml.hpp
//   models: {...}                           # see model_settings_yaml.hpp
//   tools: [...]                            # declared ones; see tools/declared_tools.hpp
//   agents:
//     - name: alarm-responder
//       description: Diagnoses alarms
//       model: playbook                       # the default
//       tools: [describe_alarm, notify]       # what it may call, nothing else; see agent_yaml.hpp for more
//       limits: {turns: 20, tool_calls: 50, seconds: 300}
//       playbook:
//         - name: diagnose                    # the default is the tool's name
//           tool: describe_alarm
//           when: {event: {detail: {state: {value: [ALARM]}}}}   # an EventPattern over {event, input, steps}
//           input: {alarm: <$.event.detail.alarmName>}           # one placeholder alone keeps its type
//           on_error: continue                                   # or fail, the default
//       respond:                              # or one text
//         - when: {steps: {diagnose: {error: [{exists: true}]}}}
//           text: "No diagnosis: <$.steps.diagnose.error>"
//         - text: "Diagnosed."
//   rules:
//     - name: alarms                          # the default is the first agent's name
//       pattern: {source: [aws.cloudwatch]}   # or schedule: rate(1 hour)
//       agents: [alarm-responder]
//       state: ENABLED                        # the default, or DISABLED
//
// Patterns, conditions and inputs may also be given as text (JSON). A plain scalar that JSON has too (a
// number, true, false, null) is that; everything else is a string.

inline constexpr std::size_t kMaxConfigBytes =
    4 * 1024 * 1024;  // thousands of agents; more is some other file

// The text of a configuration file. NotFound, Io or LimitExceeded.
[[nodiscard]] Result<std::string> read_config_file(const std::filesystem::path& file);

// Who reads what the file says under a key of their own, as JSON text; in the order in which they are asked.
using Sections = std::vector<std::pair<std::string, std::function<Result<void>(std::string_view json)>>>;

// What the reading of a file needs of the app.
struct ConfigPorts {
  const Sections& sections;
  const ToolDeclarations* declarations = nullptr;
  std::function<Result<std::shared_ptr<const Model>>(const AgentSpec&, const AppSettings&)> find_model;
};

// True of the keys that load_yaml() itself reads.
[[nodiscard]] bool is_own_section(std::string_view key);

// Adds the agents, rules and settings of an agents.yaml; the sections come before the agents.
// Malformed or InvalidArgument: FILE:LINE:COLUMN, what is wrong, what to do. What was added before the error
// stays, so load into a copy. Without declarations the file may declare no tools.
[[nodiscard]] Result<void> load_yaml(std::string_view yaml, std::string_view file_name, Registry& registry,
                                     AppSettings& settings, const ConfigPorts& ports);

// Gives one section alone to `reader`, whatever the rest of the file says; success when there is none of that key. Errors as
// those of load_yaml().
[[nodiscard]] Result<void> read_section(std::string_view yaml, std::string_view file_name,
                                        const std::string& key,
                                        const std::function<Result<void>(std::string_view json)>& reader);

}  // namespace ebagent::agent
