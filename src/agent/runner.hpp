#pragma once

#include <memory>

#include "agent/call_threads.hpp"
#include "agent/cancel_flags.hpp"
#include "agent/idempotency.hpp"
#include "agent/registry.hpp"
#include "agent/run_feed.hpp"
#include "core/ids.hpp"
#include "ebagent/app.hpp"

namespace ebagent::agent {

// What runs need from around them. All must outlive the runs.
struct Surroundings {
  store::Store& store;
  const Clock& clock;
  core::Random& random;
  EventSink& sink;
  InProgress& in_progress;
  CancelFlags& cancel_flags;
  CallThreads& threads;
  const AppSettings& settings;
  const Registry& registry;
  std::shared_ptr<const Hooks> hooks = {};
  std::shared_ptr<const secrets::Redactor> redactor = {};
  RunFeed* feed = nullptr;
};

// Whether trying again cannot help: the event or its payload is at fault, or a limit that would be reached
// again.
[[nodiscard]] bool is_permanent(ErrorCode code);

// One agent's work on one event, from the idempotency check to the recorded end. Never throws for what an
// agent does.
[[nodiscard]] AgentRun run_agent(const Surroundings& around, const Agent& agent, const Event& event,
                                 const ProcessOptions& options);

}  // namespace ebagent::agent
