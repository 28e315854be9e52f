#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "agent/flow/agent_gate.hpp"
#include "ebagent/agent.hpp"
#include "ebagent/app.hpp"
#include "ebagent/result.hpp"
#include "store/store.hpp"

namespace ebagent::agent::flow {

// The gates of an app's agents, each made with the first event that comes to it.
// Thread safety: every member may be called from any thread.
class Gates {
 public:
  struct Settings {
    // See Around; null stands for ending the run on record alone, which it notices when it next writes there.
    std::function<Result<void>(const std::string& run_id, const std::string& reason)> cancel = {};
    std::function<void(const store::Run&)> on_over = {};
  };

  // `app` must outlive the gates; its store is used from the first event on.
  Gates(App& app, Settings settings) : app_(app), settings_(std::move(settings)) {}

  // Errors: those of the store; Unavailable when the app has none.
  [[nodiscard]] Result<std::shared_ptr<AgentGate>> of(const AgentSpec& spec);
  // Forgets what is in memory, after the store was cleared.
  void forget();

 private:
  [[nodiscard]] Result<void> remove_unused();

  App& app_;
  const Settings settings_;
  std::mutex mutex_;  // guards what follows
  bool is_tidy_ = false;
  std::map<std::string, std::shared_ptr<AgentGate>, std::less<>> gates_;
};

}  // namespace ebagent::agent::flow
