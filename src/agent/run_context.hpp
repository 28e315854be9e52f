#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "agent/call_threads.hpp"
#include "agent/journal.hpp"
#include "agent/registry.hpp"
#include "agent/run_news.hpp"
#include "ebagent/agent.hpp"
#include "ebagent/clock.hpp"
#include "ebagent/event.hpp"
#include "ebagent/hooks.hpp"
#include "ebagent/model_settings.hpp"
#include "ebagent/tool.hpp"
#include "secrets/redactor.hpp"

namespace ebagent::agent {

// Lets an agent be the tool of another.
class AgentCaller {
 public:
  virtual ~AgentCaller() = default;
  // Has `agent` work on `task` as a run of its own, whose identity follows from the call's key. Throws Parked when it waits.
  virtual Result<std::string> call_agent(const std::string& agent, const std::string& task,
                                         const ToolContext& context) = 0;
};

// What one attempt of a run works with and within. The referred-to outlive the attempt.
struct RunContext {
  const AgentSpec& spec;
  const Event& event;
  const std::string& input;
  const Clock& clock;
  EventSink& sink;
  std::span<const AllowedTool> tools = {};  // the agent's allow-list, resolved
  Chain chain = {};
  int hop_limit = kDefaultHopLimit;
  TimePoint deadline = TimePoint::max();
  CallThreads* threads = nullptr;  // null: calls are made on the run's thread, one after the other
  AgentCaller* agents = nullptr;
  std::shared_ptr<const Hooks> hooks = {};
  std::function<bool()> is_cancelled = {};
  std::optional<Price> price = {};
  const RunNews* news = nullptr;
  std::shared_ptr<const secrets::Redactor> redactor = {};  // null: there are no secrets
};

// Throws Stopped when the agent's seconds are used up, RunCancelled when somebody cancelled the run.
void check_time(const RunContext& context);

// What a step's function is told.
[[nodiscard]] ToolContext::Call call_of(const RunContext& context, const Journal& journal,
                                        const std::string& step, const std::string& key);
[[nodiscard]] ToolContext tool_context(const RunContext& context, const Journal& journal,
                                       const std::string& step, const std::string& key);

}  // namespace ebagent::agent
