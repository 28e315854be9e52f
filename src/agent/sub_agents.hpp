#pragma once

#include <cstdint>
#include <string>

#include "agent/run_context.hpp"
#include "agent/runner.hpp"

namespace ebagent::agent {

// Agents as tools of other agents: the call is a run of its own, with a journal of its own, whose event says who asks for what.
// Its id follows from the call's key, so that a call that is repeated after a crash goes on with the same run; one that waits
// for a person lets the caller wait. One hop further in the chain of events, and of the same trace.
class SubAgents final : public AgentCaller {
 public:
  // `around` must outlive this; `delivery` brings the caller's event again.
  SubAgents(const Surroundings& around, std::int64_t delivery) : around_(around), delivery_(delivery) {}

  Result<std::string> call_agent(const std::string& agent, const std::string& task,
                                 const ToolContext& context) override;

 private:
  const Surroundings& around_;
  const std::int64_t delivery_;
};

}  // namespace ebagent::agent
