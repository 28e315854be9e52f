#include "agent/registry.hpp"

#include <algorithm>

#include "agent/combinations.hpp"
#include "agent/flow/check.hpp"
#include "agent/flow/names.hpp"
#include "agent/near_names.hpp"
#include "agent/tool_use.hpp"
#include "schedule/schedule.hpp"

namespace ebagent::agent {
namespace {

constexpr std::size_t kMaxNameLength =
    64;  // of functions, rules and tools on AWS and in every model's interface

bool is_name(std::string_view name, std::string_view also = "") {
  return !name.empty() && name.size() <= kMaxNameLength && std::all_of(name.begin(), name.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || also.find(c) != std::string_view::npos;
  });
}

Result<void> refuse_name(std::string_view what, std::string_view name) {
  return fail(ErrorCode::InvalidArgument, "\"" + std::string(name) + "\" is no name for " +
                                              std::string(what) + ": use 1 to 64 letters, digits, _ or -.");
}

Result<void> exists_already(std::string_view what, std::string_view name) {
  return fail(ErrorCode::AlreadyExists, "There are two " + std::string(what) + "s named \"" +
                                            std::string(name) + "\"; names are unique.");
}

// agent:NAME in a list of tools lets an agent ask another.
constexpr std::string_view kAgentTool = "agent:";
// NAME of the tool that it is then: agent_NAME.
constexpr std::string_view kAgentToolName = "agent_";

// The tool that stands for an agent; ToolCalls has the agent called instead of its function.
Tool agent_tool(const AgentSpec& spec) {
  namespace json = boost::json;
  json::object schema{
      {"type", "object"},
      {"properties",
       json::object{{"task", json::object{{"type", "string"}, {"description", "What to do, in full."}}}}},
      {"required", json::array{"task"}},
      {"additionalProperties", false}};
  return Tool(
      std::string(kAgentToolName) + spec.name,
      "Asks the agent \"" + spec.name + "\"" + (spec.description.empty() ? "." : ": " + spec.description),
      std::move(schema),
      [](const json::value&, const ToolContext&) -> Result<json::value> {
        return fail(ErrorCode::Unsupported, "An agent is asked by the run that has it as a tool.");
      },
      {.effect = Effect::Idempotent});
}

bool contains(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

Result<void> check_limits(const AgentSpec& spec) {
  const auto refuse = [&](std::string_view what) {
    return fail(ErrorCode::InvalidArgument,
                "Agent \"" + spec.name + "\": its limit of " + std::string(what) + " must be 1 or more.");
  };
  if (spec.limits.turns < 1) return refuse("turns");
  if (spec.limits.tool_calls < 1) return refuse("tool_calls");
  if (spec.limits.seconds < std::chrono::seconds(1)) return refuse("seconds");
  return success();
}

Result<void> check_playbook(const AgentSpec& spec) {
  const std::vector<std::string> allowed = names_of(spec.tools);
  for (const PlaybookEntry& entry : spec.playbook.calls) {
    if (contains(allowed, entry.tool)) continue;
    return fail(ErrorCode::InvalidArgument,
                "Agent \"" + spec.name + "\": playbook entry \"" + entry.name + "\" calls tool \"" +
                    entry.tool + "\", which is not in the agent's tools." + hint_for(entry.tool, allowed));
  }
  // One call a turn and one more turn for the answer.
  const std::size_t calls = spec.playbook.calls.size();
  if (calls + 1 > std::size_t(spec.limits.turns) || calls > std::size_t(spec.limits.tool_calls)) {
    return fail(ErrorCode::InvalidArgument,
                "Agent \"" + spec.name + "\": its playbook of " + std::to_string(calls) +
                    " entries needs limits of " + std::to_string(calls + 1) + " turns and " +
                    std::to_string(calls) + " tool calls; it has " + std::to_string(spec.limits.turns) +
                    " and " + std::to_string(spec.limits.tool_calls) + ".");
  }
  return success();
}

}  // namespace

std::vector<std::string> names_of(const std::vector<ToolUse>& tools) {
  std::vector<std::string> names;
  names.reserve(tools.size());
  for (const ToolUse& use : tools) names.push_back(use.name);
  return names;
}

Result<void> Registry::add(Tool tool) {
  if (!is_name(tool.name())) return refuse_name("a tool", tool.name());
  const std::string name = tool.name();
  if (!tools_.emplace(name, std::move(tool)).second) return exists_already("tool", name);
  return success();
}

Result<void> Registry::add(Agent agent) {
  const std::string name = agent.spec.name;
  if (!is_name(name)) return refuse_name("an agent", name);
  if (agents_.contains(name)) return exists_already("agent", name);
  BOOST_OUTCOME_TRYV(check_limits(agent.spec));
  BOOST_OUTCOME_TRYV(flow::check(agent.spec));
  if (agent.model != nullptr) {
    BOOST_OUTCOME_TRYV(check_playbook(agent.spec));
  }
  has_flow_control_ = has_flow_control_ || agent.spec.flow.is_used();
  agents_.emplace(name, std::move(agent));
  return success();
}

Result<void> Registry::add(AppRule rule) {
  if (!is_name(rule.name, ".")) return refuse_name("a rule", rule.name);
  if (has_rule(rule.name)) return exists_already("rule", rule.name);
  if (rule.agents.empty()) {
    return fail(ErrorCode::InvalidArgument, "Rule \"" + rule.name + "\" names no agent; add agents: [...].");
  }
  if (rule.pattern.empty() == rule.schedule.empty()) {
    return fail(ErrorCode::InvalidArgument,
                "Rule \"" + rule.name + "\" needs either a pattern or a schedule.");
  }
  std::shared_ptr<const pattern::Pattern> compiled;
  if (!rule.pattern.empty()) {
    auto pattern = pattern::compile(rule.pattern);
    if (!pattern) {
      return fail(ErrorCode::InvalidArgument,
                  "Rule \"" + rule.name + "\": its pattern: " + pattern.error().message);
    }
    compiled = std::make_shared<const pattern::Pattern>(std::move(pattern).value());
  } else if (auto schedule = schedule::parse(rule.schedule); !schedule) {
    return fail(ErrorCode::InvalidArgument,
                "Rule \"" + rule.name + "\": its schedule: " + schedule.error().message);
  }
  rules_.push_back(std::move(rule));
  patterns_.push_back(std::move(compiled));
  return success();
}

Result<void> Registry::route(std::string_view pattern_json, std::string_view agent) {
  const auto same = std::find_if(rules_.begin(), rules_.end(), [&](const AppRule& rule) {
    return !rule.pattern.empty() && rule.pattern == pattern_json && rule.enabled;
  });
  if (same == rules_.end()) {
    return add(AppRule{free_rule_name(agent), std::string(pattern_json), "", {std::string(agent)}, true});
  }
  if (!contains(same->agents, agent)) same->agents.emplace_back(agent);
  return success();
}

Result<void> Registry::replace_model(std::string_view agent, std::shared_ptr<const Model> model) {
  const auto found = agents_.find(agent);
  if (found == agents_.end() || found->second.model == nullptr || model == nullptr) {
    return fail(ErrorCode::NotFound, "There is no agent \"" + std::string(agent) +
                                         "\" with a model that could be replaced." +
                                         hint_for(agent, agent_names()));
  }
  found->second.model = std::move(model);
  forget_resolved();
  return success();
}

Result<void> Registry::replace(Tool tool) {
  const std::string name = tool.name();
  const bool is_agent =
      name.starts_with(kAgentToolName) && agents_.contains(name.substr(kAgentToolName.size()));
  if (!is_agent && !tools_.contains(name)) {
    return fail(ErrorCode::NotFound,
                "There is no tool \"" + name + "\" that could be replaced." + hint_for(name, tool_names()));
  }
  stand_ins_.insert_or_assign(name, std::move(tool));
  forget_resolved();
  return success();
}

void Registry::restore_tools() {
  stand_ins_.clear();
  forget_resolved();
}

void Registry::forget_resolved() {
  for (auto& [name, agent] : agents_) agent.resolved = std::make_shared<Agent::Resolved>();
}

Result<void> Registry::set_flow(std::string_view agent, FlowControl flow) {
  const auto found = agents_.find(agent);
  if (found == agents_.end()) {
    return fail(ErrorCode::NotFound,
                "There is no agent \"" + std::string(agent) + "\"." + hint_for(agent, agent_names()));
  }
  AgentSpec spec = found->second.spec;
  spec.flow = std::move(flow);
  BOOST_OUTCOME_TRYV(flow::check(spec));
  has_flow_control_ = has_flow_control_ || spec.flow.is_used();
  found->second.spec = std::move(spec);
  return success();
}

std::vector<AppRule> Registry::cancel_rules() const {
  std::vector<AppRule> rules;
  for (const auto& [name, agent] : agents_) {
    for (std::size_t n = 0; n < agent.spec.flow.cancel_on.size(); ++n) {
      rules.push_back({.name = flow::cancel_rule_name(name, n),
                       .pattern = agent.spec.flow.cancel_on[n].pattern,
                       .agents = {name}});
    }
  }
  return rules;
}

Result<void> Registry::check() const {
  for (const AppRule& rule : cancel_rules()) {
    if (has_rule(rule.name))
      return fail(ErrorCode::AlreadyExists,
                  "The rule \"" + rule.name + "\" has the name of the one that agent \"" +
                      rule.agents.front() + "\" is cancelled by; name it differently.");
  }
  for (const AppRule& rule : rules_) {
    for (const std::string& name : rule.agents) {
      if (agents_.contains(name)) continue;
      return fail(ErrorCode::NotFound, "Rule \"" + rule.name + "\" names agent \"" + name +
                                           "\", which does not exist." + hint_for(name, agent_names()));
    }
  }
  for (const auto& [agent_name, agent] : agents_) {
    for (const ToolUse& use : agent.spec.tools) {
      if (tools_.contains(use.name)) continue;
      if (use.name.starts_with(kAgentTool)) {
        const std::string other = use.name.substr(kAgentTool.size());
        if (agents_.contains(other)) continue;
        return fail(ErrorCode::NotFound, "Agent \"" + agent_name + "\" has agent \"" + other +
                                             "\" as a tool, which does not exist." +
                                             hint_for(other, agent_names()));
      }
      return fail(ErrorCode::NotFound, "Agent \"" + agent_name + "\" names tool \"" + use.name +
                                           "\", which does not exist." + hint_for(use.name, tool_names()));
    }
    BOOST_OUTCOME_TRYV(check_uses(agent));
  }
  return success();
}

Result<void> Registry::check_uses(const Agent& agent) const {
  const std::vector<AllowedTool> own = tools_of(agent);
  for (const AllowedTool& allowed : own) {
    if (allowed.compiled != nullptr) continue;
    auto compiled = CompiledUse::compile(allowed.tool, *allowed.use);
    return fail(compiled.error().code, "Agent \"" + agent.spec.name + "\": " + compiled.error().message);
  }
  // The calls of a playbook or handler are fixed; nobody can talk it into others.
  const bool is_driven_by_model = agent.model != nullptr && agent.spec.model != "playbook";
  if (!is_driven_by_model) return success();
  std::vector<AllowedTool> tools;
  std::vector<std::string> seen;
  add_reachable(agent, tools, seen);
  return check_combinations(agent.spec, tools);
}

void Registry::add_reachable(const Agent& agent, std::vector<AllowedTool>& tools,
                             std::vector<std::string>& seen) const {
  if (contains(seen, agent.spec.name)) return;
  seen.push_back(agent.spec.name);
  for (AllowedTool& allowed : tools_of(agent)) {
    const Agent* other = allowed.agent.empty() ? nullptr : this->agent(allowed.agent);
    if (other != nullptr) add_reachable(*other, tools, seen);
    tools.push_back(std::move(allowed));
  }
}

const Agent* Registry::agent(std::string_view name) const {
  const auto found = agents_.find(name);
  return found == agents_.end() ? nullptr : &found->second;
}

std::vector<AllowedTool> Registry::tools_of(const Agent& agent) const {
  std::vector<AllowedTool> tools;
  for (const ToolUse& use : agent.spec.tools) {
    const bool is_agent = use.name.starts_with(kAgentTool);
    const std::string stand_in =
        is_agent ? std::string(kAgentToolName) + use.name.substr(kAgentTool.size()) : use.name;
    if (const auto instead = stand_ins_.find(stand_in); instead != stand_ins_.end()) {
      tools.push_back({instead->second, &use});
    } else if (is_agent) {
      const std::string name = use.name.substr(kAgentTool.size());
      if (const auto found = agents_.find(name); found != agents_.end()) {
        tools.push_back({agent_tool(found->second.spec), &use, name});
      }
    } else if (const auto found = tools_.find(use.name); found != tools_.end()) {
      tools.push_back({found->second, &use});
    }
  }
  for (AllowedTool& allowed : tools) {
    auto compiled = CompiledUse::compile(allowed.tool, *allowed.use);
    if (compiled) allowed.compiled = std::make_shared<const CompiledUse>(std::move(compiled).value());
  }
  return tools;
}

const std::vector<AllowedTool>& Registry::tools_at_work(const Agent& agent) const {
  std::call_once(agent.resolved->once, [&] {
    agent.resolved->tools = tools_of(agent);
    std::erase_if(agent.resolved->tools,
                  [](const AllowedTool& allowed) { return allowed.compiled == nullptr; });
  });
  return agent.resolved->tools;
}

Result<Registry::Routes> Registry::routes_for(const Event& event) const {
  Routes routes;
  const std::string json = to_json(event);
  for (std::size_t i = 0; i < rules_.size(); ++i) {
    if (!rules_[i].enabled || patterns_[i] == nullptr) continue;
    BOOST_OUTCOME_TRY(const bool matched, pattern::matches(*patterns_[i], json));
    if (!matched) continue;
    routes.rules.push_back(rules_[i].name);
    for (const std::string& agent : rules_[i].agents) {
      if (!contains(routes.agents, agent)) routes.agents.push_back(agent);
    }
  }
  return routes;
}

std::vector<std::string> Registry::agent_names() const {
  std::vector<std::string> names;
  for (const auto& [name, agent] : agents_) names.push_back(name);
  return names;
}

std::vector<std::string> Registry::tool_names() const {
  std::vector<std::string> names;
  for (const auto& [name, tool] : tools_) names.push_back(name);
  return names;
}

std::string Registry::free_rule_name(std::string_view agent) const {
  std::string name(agent);
  for (int n = 2; has_rule(name); ++n) name = std::string(agent) + "-" + std::to_string(n);
  return name;
}

bool Registry::has_rule(std::string_view name) const {
  return std::any_of(rules_.begin(), rules_.end(), [&](const AppRule& rule) { return rule.name == name; });
}

}  // namespace ebagent::agent
