#include "agent/tool_use_yaml.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "agent/near_names.hpp"
#include "agent/tool_use.hpp"

namespace ebagent::agent {
namespace {

Result<Binding> read_binding(const YAML::Node& node, const YamlReader& yaml) {
  BOOST_OUTCOME_TRYV(yaml.check_keys(node, "a binding", {"from", "value"}));
  Binding binding;
  BOOST_OUTCOME_TRY(binding.from, yaml.optional_text(node, "from", ""));
  BOOST_OUTCOME_TRY(binding.value, yaml.json_value(node["value"], "value"));
  return binding;
}

Result<Constraint> read_constraint(const YAML::Node& node, const YamlReader& yaml) {
  BOOST_OUTCOME_TRYV(yaml.check_keys(node, "a constraint", {"prefix", "pattern", "values"}));
  Constraint constraint;
  BOOST_OUTCOME_TRY(constraint.prefix, yaml.optional_text(node, "prefix", ""));
  BOOST_OUTCOME_TRY(constraint.pattern, yaml.optional_text(node, "pattern", ""));
  BOOST_OUTCOME_TRY(auto values, yaml.elements(node["values"], "values"));
  for (const YAML::Node& value : values) {
    BOOST_OUTCOME_TRY(auto text, yaml.text(value, "values"));
    constraint.allowed.push_back(std::move(text));
  }
  return constraint;
}

// Reads a mapping of arguments. Each is compiled by itself, so that an error is reported at its line.
template <class T, class Read>
Result<void> read_arguments(const YAML::Node& node, const char* key, const YamlReader& yaml, const Tool* tool,
                            std::map<std::string, T> ToolUse::*into, ToolUse& use, Read&& read) {
  const YAML::Node arguments = node[key];
  if (!arguments.IsDefined()) return success();
  if (!arguments.IsMap()) {
    return fail(yaml.error_at(arguments, "\"" + std::string(key) + "\" must be a mapping of arguments."));
  }
  for (const auto& entry : arguments) {
    BOOST_OUTCOME_TRY(auto argument, yaml.text(entry.first, key));
    BOOST_OUTCOME_TRY(auto value, read(entry.second, yaml));
    if (!(use.*into).emplace(argument, value).second) {
      return fail(yaml.error_at(entry.first, "\"" + argument + "\" is given twice."));
    }
    if (tool == nullptr) continue;
    ToolUse alone;
    alone.name = use.name;
    (alone.*into).emplace(argument, std::move(value));
    if (auto compiled = CompiledUse::compile(*tool, alone); !compiled) {
      return fail(yaml.error_at(entry.first, compiled.error().message));
    }
  }
  return success();
}

Result<ToolUse> read_use(const YAML::Node& node, const YamlReader& yaml, const Registry& registry) {
  const bool is_name = node.IsScalar();
  if (!is_name) {
    BOOST_OUTCOME_TRYV(
        yaml.check_keys(node, "a use of a tool", {"name", "bind", "allow", "approval", "timeout"}));
  }
  ToolUse use;
  BOOST_OUTCOME_TRY(use.name,
                    is_name ? yaml.text(node, "tools") : yaml.required_text(node, "name", "a use of a tool"));
  // Agents as tools may be defined further down; their uses are compiled by Registry::check().
  const auto found = registry.tools().find(use.name);
  const Tool* tool = found == registry.tools().end() ? nullptr : &found->second;
  if (tool == nullptr && !use.name.starts_with("agent:")) {
    return fail(yaml.error_at(is_name ? node : node["name"], "There is no tool \"" + use.name + "\"." +
                                                                 hint_for(use.name, registry.tool_names())));
  }
  if (is_name) return use;
  BOOST_OUTCOME_TRYV(read_arguments(node, "bind", yaml, tool, &ToolUse::bind, use, read_binding));
  BOOST_OUTCOME_TRYV(read_arguments(node, "allow", yaml, tool, &ToolUse::constraints, use, read_constraint));
  if (node["approval"]) {
    BOOST_OUTCOME_TRY(use.approval, read_approval(node["approval"], yaml));
  }
  if (node["timeout"]) {
    BOOST_OUTCOME_TRY(use.timeout, yaml.duration(node["timeout"], "timeout"));
  }
  if (tool == nullptr) return use;
  if (auto compiled = CompiledUse::compile(*tool, use); !compiled) {
    return fail(yaml.error_at(node, compiled.error().message));
  }
  return use;
}

}  // namespace

Result<std::vector<ToolUse>> read_tool_uses(const YAML::Node& node, const YamlReader& yaml,
                                            const Registry& registry) {
  std::vector<ToolUse> uses;
  BOOST_OUTCOME_TRY(auto elements, yaml.elements(node, "tools"));
  for (const YAML::Node& element : elements) {
    BOOST_OUTCOME_TRY(auto use, read_use(element, yaml, registry));
    const auto same = [&](const ToolUse& other) { return other.name == use.name; };
    if (std::any_of(uses.begin(), uses.end(), same)) {
      return fail(yaml.error_at(element, "Tool \"" + use.name + "\" is listed twice."));
    }
    uses.push_back(std::move(use));
  }
  return uses;
}

Result<Approval> read_approval(const YAML::Node& node, const YamlReader& yaml) {
  return yaml.choice<Approval>(node, "approval",
                               {{"never", Approval::Never},
                                {"when-tainted", Approval::WhenTainted},
                                {"required", Approval::Required}});
}

}  // namespace ebagent::agent
