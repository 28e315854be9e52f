#include "agent/agent_yaml.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "agent/flow_yaml.hpp"
#include "agent/near_names.hpp"
#include "agent/tool_use_yaml.hpp"
#include "models/models.hpp"
#include "schema/json_schema.hpp"

namespace ebagent::agent {
namespace {

// Compiles a part of a playbook by itself, so that an error is reported at its line.
Result<void> compiles(const YAML::Node& node, const YamlReader& yaml, Playbook part) {
  AgentSpec spec;
  spec.playbook = std::move(part);
  if (auto model = models::make_model(spec); !model) return fail(yaml.error_at(node, model.error().message));
  return success();
}

Result<void> read_limits(const YAML::Node& node, const YamlReader& yaml, Limits& limits) {
  BOOST_OUTCOME_TRYV(yaml.check_keys(node, "the limits",
                                     {"turns", "tool_calls", "seconds", "tokens", "cost_usd", "same_calls"}));
  const auto count = [&](const char* key, auto& into) -> Result<void> {
    if (!node[key]) return success();
    BOOST_OUTCOME_TRY(auto number, yaml.whole_number(node[key], key));
    if (number < 1) return fail(yaml.error_at(node[key], "\"" + std::string(key) + "\" must be 1 or more."));
    into = std::remove_reference_t<decltype(into)>(number);
    return success();
  };
  BOOST_OUTCOME_TRYV(count("turns", limits.turns));
  BOOST_OUTCOME_TRYV(count("tool_calls", limits.tool_calls));
  BOOST_OUTCOME_TRYV(count("seconds", limits.seconds));
  BOOST_OUTCOME_TRYV(count("tokens", limits.tokens));
  BOOST_OUTCOME_TRYV(count("same_calls", limits.same_calls));
  if (const auto cost = node["cost_usd"]) {
    BOOST_OUTCOME_TRY(auto dollars, yaml.amount(cost, "cost_usd"));
    if (dollars <= 0) return fail(yaml.error_at(cost, "\"cost_usd\" must be more than 0."));
    limits.cost_usd = dollars;
  }
  return success();
}

Result<PlaybookEntry> read_entry(const YAML::Node& node, const YamlReader& yaml, const AgentSpec& agent) {
  BOOST_OUTCOME_TRYV(
      yaml.check_keys(node, "a playbook entry", {"name", "tool", "when", "input", "on_error"}));
  PlaybookEntry entry;
  BOOST_OUTCOME_TRY(entry.tool, yaml.required_text(node, "tool", "a playbook entry"));
  const auto allowed = names_of(agent.tools);
  if (std::find(allowed.begin(), allowed.end(), entry.tool) == allowed.end()) {
    return fail(yaml.error_at(node["tool"], "Tool \"" + entry.tool + "\" is not in the tools of agent \"" +
                                                agent.name + "\"; add it there." +
                                                hint_for(entry.tool, allowed)));
  }
  BOOST_OUTCOME_TRY(entry.name, yaml.optional_text(node, "name", entry.tool));
  BOOST_OUTCOME_TRY(entry.when, yaml.json_text(node["when"], "when"));
  BOOST_OUTCOME_TRY(entry.input, yaml.template_text(node["input"], "input"));
  if (const auto on_error = node["on_error"]) {
    BOOST_OUTCOME_TRY(entry.on_error,
                      yaml.choice<OnError>(on_error, "on_error",
                                           {{"fail", OnError::Fail}, {"continue", OnError::Continue}}));
  }
  BOOST_OUTCOME_TRYV(compiles(node, yaml, Playbook{{entry}, {}}));
  return entry;
}

Result<std::vector<PlaybookAnswer>> read_answers(const YAML::Node& node, const YamlReader& yaml) {
  std::vector<PlaybookAnswer> answers;
  if (node.IsDefined() && node.IsScalar()) {
    answers.push_back({"", node.Scalar()});
    BOOST_OUTCOME_TRYV(compiles(node, yaml, Playbook{{}, answers}));
    return answers;
  }
  BOOST_OUTCOME_TRY(auto elements, yaml.elements(node, "respond"));
  for (const YAML::Node& element : elements) {
    BOOST_OUTCOME_TRYV(yaml.check_keys(element, "an answer", {"when", "text"}));
    PlaybookAnswer answer;
    BOOST_OUTCOME_TRY(answer.when, yaml.json_text(element["when"], "when"));
    BOOST_OUTCOME_TRY(answer.text, yaml.required_text(element, "text", "an answer"));
    BOOST_OUTCOME_TRYV(compiles(element, yaml, Playbook{{}, {answer}}));
    answers.push_back(std::move(answer));
  }
  return answers;
}

Result<boost::json::value> read_output_schema(const YAML::Node& node, const YamlReader& yaml) {
  BOOST_OUTCOME_TRY(auto schema, yaml.json_value(node, "output_schema"));
  if (!schema.is_object())
    return fail(yaml.error_at(node, "\"output_schema\" must be a JSON schema, a mapping."));
  if (auto compiled = schema::Schema::compile(schema); !compiled) {
    return fail(yaml.error_at(node, compiled.error().message));
  }
  return schema;
}

Result<void> read_options(const YAML::Node& node, const YamlReader& yaml, AgentSpec& spec) {
  if (const auto schema = node["output_schema"]) {
    BOOST_OUTCOME_TRY(spec.output_schema, read_output_schema(schema, yaml));
  }
  if (const auto trusts = node["trusts_events"]) {
    BOOST_OUTCOME_TRY(spec.trusts_events, yaml.boolean(trusts, "trusts_events"));
  }
  if (const auto timeout = node["approval_timeout"]) {
    BOOST_OUTCOME_TRY(auto length, yaml.duration(timeout, "approval_timeout"));
    if (length < std::chrono::seconds(1)) {
      return fail(yaml.error_at(timeout, "\"approval_timeout\" must be one second or more."));
    }
    spec.approval_timeout = std::chrono::floor<std::chrono::seconds>(length);
  }
  return success();
}

}  // namespace

Result<AgentSpec> read_agent(const YAML::Node& node, const YamlReader& yaml, const Registry& registry) {
  BOOST_OUTCOME_TRYV(
      yaml.check_keys(node, "an agent",
                      {"name", "description", "model", "instructions", "tools", "limits", "flow", "playbook",
                       "respond", "output_schema", "trusts_events", "approval_timeout"}));
  AgentSpec spec;
  BOOST_OUTCOME_TRY(spec.name, yaml.required_text(node, "name", "an agent"));
  BOOST_OUTCOME_TRY(spec.description, yaml.optional_text(node, "description", ""));
  BOOST_OUTCOME_TRY(spec.model, yaml.optional_text(node, "model", "playbook"));
  BOOST_OUTCOME_TRY(spec.instructions, yaml.optional_text(node, "instructions", ""));
  BOOST_OUTCOME_TRY(spec.tools, read_tool_uses(node["tools"], yaml, registry));
  BOOST_OUTCOME_TRYV(read_options(node, yaml, spec));
  if (node["limits"]) {
    BOOST_OUTCOME_TRYV(read_limits(node["limits"], yaml, spec.limits));
  }
  BOOST_OUTCOME_TRY(spec.flow, read_flow(node["flow"], yaml));
  BOOST_OUTCOME_TRY(auto entries, yaml.elements(node["playbook"], "playbook"));
  for (const YAML::Node& entry : entries) {
    BOOST_OUTCOME_TRY(auto call, read_entry(entry, yaml, spec));
    spec.playbook.calls.push_back(std::move(call));
  }
  BOOST_OUTCOME_TRY(spec.playbook.respond, read_answers(node["respond"], yaml));
  return spec;
}

}  // namespace ebagent::agent
