#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "agent/tool_use.hpp"
#include "ebagent/agent.hpp"
#include "ebagent/app.hpp"
#include "ebagent/event.hpp"
#include "ebagent/model.hpp"
#include "ebagent/pattern.hpp"
#include "ebagent/result.hpp"
#include "ebagent/run.hpp"
#include "ebagent/tool.hpp"

namespace ebagent::agent {

// A tool that an agent may call, and how.
struct AllowedTool {
  Tool tool;
  const ToolUse* use;
  std::string agent = {};  // that is the tool; empty: it is a function
  std::shared_ptr<const CompiledUse> compiled = {};
};

[[nodiscard]] std::vector<std::string> names_of(const std::vector<ToolUse>& tools);

// An agent as it is registered: either a handler or a model.
struct Agent {
  AgentSpec spec;
  std::function<Result<std::string>(const Event&, ebagent::Run&)> handler;
  std::shared_ptr<const Model> model;
  // Filled once events are processed; see Registry::tools_at_work().
  struct Resolved {
    std::once_flag once;
    std::vector<AllowedTool> tools;
  };
  std::shared_ptr<Resolved> resolved = std::make_shared<Resolved>();
};

// The tools, agents and rules of an app. A value: a copy can be filled and thrown away when something is
// wrong with it. Immutable while events are processed, and then safe to read from any thread.
class Registry {
 public:
  // Each refuses with InvalidArgument (a name or limit that cannot be meant) or AlreadyExists.
  Result<void> add(Tool tool);
  Result<void> add(Agent agent);
  Result<void> add(AppRule rule);
  // A rule for one agent; joins the rule of the same pattern if there is one.
  Result<void> route(std::string_view pattern_json, std::string_view agent);

  // Stand-ins; see App::replace_model(), App::replace_tool(). NotFound when there is nothing of that name.
  Result<void> replace_model(std::string_view agent, std::shared_ptr<const Model> model);
  Result<void> replace(Tool tool);
  void restore_tools();
  // Gives an agent its flow control. NotFound when there is no such agent.
  Result<void> set_flow(std::string_view agent, FlowControl flow);
  [[nodiscard]] bool has_flow_control() const { return has_flow_control_; }

  // NotFound for a rule whose agent or an agent whose tool does not exist, with those spelled alike. InvalidArgument for a
  // use of a tool that cannot be meant (CompiledUse::compile) and for tools that are dangerous together
  // (check_combinations).
  [[nodiscard]] Result<void> check() const;

  [[nodiscard]] const Agent* agent(std::string_view name) const;
  // The tools an agent may call; those that do not exist are left out (check() reports them).
  [[nodiscard]] std::vector<AllowedTool> tools_of(const Agent& agent) const;
  // The same for its runs, found out once: set-up must be over.
  [[nodiscard]] const std::vector<AllowedTool>& tools_at_work(const Agent& agent) const;

  struct Routes {
    std::vector<std::string> rules;   // names of those that match
    std::vector<std::string> agents;  // theirs, each once
  };
  // Errors: as pattern::matches().
  [[nodiscard]] Result<Routes> routes_for(const Event& event) const;

  [[nodiscard]] std::vector<std::string> agent_names() const;
  [[nodiscard]] std::vector<std::string> tool_names() const;
  [[nodiscard]] const std::map<std::string, Tool, std::less<>>& tools() const { return tools_; }
  [[nodiscard]] const std::vector<AppRule>& rules() const { return rules_; }
  // Those that bring the events of agents' cancel_on.
  [[nodiscard]] std::vector<AppRule> cancel_rules() const;
  // A name for a rule of this agent that no rule has yet.
  [[nodiscard]] std::string free_rule_name(std::string_view agent) const;

 private:
  [[nodiscard]] Result<void> check_uses(const Agent& agent) const;
  // What tools_at_work() keeps, after a change.
  void forget_resolved();
  // The agent's tools and those of the agents that it may call: what it tells them reaches theirs.
  void add_reachable(const Agent& agent, std::vector<AllowedTool>& tools,
                     std::vector<std::string>& seen) const;
  [[nodiscard]] bool has_rule(std::string_view name) const;

  std::map<std::string, Tool, std::less<>> tools_;
  std::map<std::string, Tool, std::less<>> stand_ins_;  // called instead, by name
  std::map<std::string, Agent, std::less<>> agents_;
  bool has_flow_control_ = false;  // of any agent, ever
  std::vector<AppRule> rules_;
  std::vector<std::shared_ptr<const pattern::Pattern>> patterns_;  // of rules_; null for schedules
};

}  // namespace ebagent::agent
