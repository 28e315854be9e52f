#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "ebagent/clock.hpp"
#include "ebagent/event.hpp"
#include "ebagent/result.hpp"
#include "ebagent/tool.hpp"

namespace ebagent::agent {

// Runs tool calls on threads of their own, side by side, and waits no longer for one than it may take.
//
// A call that is out of time is left behind: code cannot be stopped from outside. It goes on with copies of all it was given,
// its result is thrown away, and it can put no more events. Thread safety: every member may be called from any thread.
class CallThreads {
 public:
  // Calls at work at once, those left behind included; beyond, a call is refused as Overloaded.
  static constexpr std::size_t kMaxCalls = 1'024;
  // Of one run: a model that asks for more in one turn gets them in several rounds.
  static constexpr std::size_t kMaxSideBySide = 16;

  explicit CallThreads(std::shared_ptr<const Clock> clock);
  // Waits a little for calls that were left behind.
  ~CallThreads();
  CallThreads(const CallThreads&) = delete;
  CallThreads& operator=(const CallThreads&) = delete;

  struct Call {
    std::function<Result<boost::json::value>(const ToolContext&)> function;
    ToolContext::Call context;
    std::chrono::milliseconds timeout{0};
    bool can_be_left = true;  // false for what works with its run's own objects: it is waited for
  };
  using OnOutcome = std::function<void(std::size_t index, Result<boost::json::value> outcome)>;

  // Runs the calls and gives the outcome of each, as it comes, on the caller's thread. TimedOut for a call that took too long
  // (it may have happened all the same); Conflict for those under way when `is_cancelled` turns true.
  void run(std::vector<Call> calls, const Event& event, EventSink& sink,
           const std::function<bool()>& is_cancelled, const OnOutcome& on_outcome);

 private:
  struct Shared;
  class Round;
  const std::shared_ptr<Shared> shared_;
};

}  // namespace ebagent::agent
