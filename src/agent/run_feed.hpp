#pragma once

#include <atomic>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "ebagent/clock.hpp"
#include "ebagent/result.hpp"

namespace ebagent::agent {

// Something that just happened to a run. What is empty does not apply.
struct RunEvent {
  enum class Kind { RunBegun, RunEnded, RunWaits, StepBegun, StepEnded, Text };

  Kind kind = Kind::RunBegun;
  std::string run_id{};
  std::string agent{};
  std::string event_id{};
  std::string step{};       // its name; of StepBegun, StepEnded and Text
  std::string step_kind{};  // "model", "tool", "handler", "event", "approval"
  std::string state{};      // of RunEnded and StepEnded: "succeeded", "failed", "cancelled"
  std::string
      text{};  // of Text a piece of what a model says; of an ended run its answer or error, of a step its error
  std::string json{};  // of StepBegun the step's input, of StepEnded its output: JSON text
  TimePoint at{};
};

// "run_begun", "run_ended", "run_waits", "step_begun", "step_ended", "text".
[[nodiscard]] std::string_view to_string(RunEvent::Kind kind);

// What runs do, told to those who listen at this moment; nothing is kept for later. Publishing never waits for a listener:
// one that does not take its events in time loses them, learns it, and is cut off. Costs one load of an atomic while nobody
// listens. Thread safety: every member may be called from any thread.
class RunFeed {
 public:
  // What may wait for one listener: some seconds of a busy server.
  static constexpr std::size_t kMaxWaiting = 1'024;
  static constexpr std::size_t kMaxWaitingBytes = 4 * 1024 * 1024;
  static constexpr std::size_t kMaxListeners = 64;
  // Of `text`, which is cut, and of `json`, which is left out then: the journal has it.
  static constexpr std::size_t kMaxTextBytes = 64 * 1024;

 private:
  struct Listener;
  struct State;

 public:
  // One who listens; ends with its destruction.
  class Subscription {
   public:
    Subscription(std::shared_ptr<State> state, std::shared_ptr<Listener> listener);
    Subscription(const Subscription&) = delete;
    Subscription& operator=(const Subscription&) = delete;
    ~Subscription();

    // The events that came since the last call, oldest first.
    [[nodiscard]] std::vector<std::shared_ptr<const RunEvent>> take();
    // True when events were lost because too many waited; none come any more.
    [[nodiscard]] bool is_cut_off() const;

   private:
    std::shared_ptr<State> state_;
    std::shared_ptr<Listener> listener_;
  };

  RunFeed();

  // `on_ready` is called, on the thread of who publishes, when events come and none waited before: it must be quick and not
  // publish. It may still be called once while its subscription ends. Overloaded when kMaxListeners listen.
  [[nodiscard]] Result<std::unique_ptr<Subscription>> subscribe(std::function<void()> on_ready);

  // Whether anybody would hear: to be asked before an event that costs something is put together.
  [[nodiscard]] bool is_heard() const;
  void publish(RunEvent event);

 private:
  std::shared_ptr<State> state_;
};

}  // namespace ebagent::agent
