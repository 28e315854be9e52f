#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "agent/flow/keys.hpp"
#include "agent/flow/records.hpp"
#include "agent/flow/singles.hpp"
#include "core/ids.hpp"
#include "delivery/target_sender.hpp"
#include "ebagent/app.hpp"
#include "ebagent/clock.hpp"
#include "ebagent/event.hpp"
#include "ebagent/flow_control.hpp"
#include "ebagent/result.hpp"
#include "store/store.hpp"

namespace ebagent::agent::flow {

// What a gate needs from around it. All must outlive it.
struct Around {
  store::Store& store;
  const Clock& clock;
  core::Random& random;
  const AppSettings& settings;
  // Ends a run that works or waits; NotFound or Conflict when there is nothing to end.
  std::function<Result<void>(const std::string& run_id, const std::string& reason)> cancel;
  // Hears of runs that were skipped and cancelled; may be empty.
  std::function<void(const store::Run&)> on_over = {};
};

// The event may be given to the agent.
struct Admitted {
  std::string run_key;
};
// It has its end on record, and the delivery is done with.
struct Settled {};
// It comes again.
struct Later {
  TimePoint until;
  std::string why;
};
using Admission = std::variant<Admitted, Settled, Later>;

// Decides when an event that was delivered to one agent becomes a run, by the agent's FlowControl.
//
// What was decided stands in the row of the event's run: none yet, Waiting (stop_reason says for what, `wakes` until when), Skipped,
// or Running, which is admitted. The states of keys that the decision rests on are written with it, in one transaction that is on
// disk before anyone acts on it. So a delivery that comes again, after a wait, a failure or a crash, goes on where it stood
// and counts once. Events pass rate limit, debounce or batch, singleton and throttle, in this order. Concurrency is
// not here: see slot().
// Thread safety: every member may be called from any thread.
class AgentGate {
 public:
  // `flow` must have passed check().
  AgentGate(std::string agent, const FlowControl& flow, Around around);

  // `options` as the agent would get them; those of a batch are changed to its own. `options.record` may be null: then all is
  // on disk when it returns.
  [[nodiscard]] Result<Admission> admit(const Event& event, ProcessOptions& options);

  // Marks an admitted run as at work until the handle goes.
  class Work {
   public:
    Work(AgentGate& gate, std::string single_key, std::string run_key);
    ~Work();
    Work(const Work&) = delete;
    Work& operator=(const Work&) = delete;
    // The delivery is done with: a singleton's place is free.
    void done() { is_done_ = true; }

   private:
    AgentGate& gate_;
    const std::string single_key_;
    const std::string run_key_;
    bool is_done_ = false;
  };
  [[nodiscard]] std::unique_ptr<Work> begin_work(const Event& event, std::string run_key);

  // The slot that a run of the event needs; nullopt without a limit of concurrency.
  [[nodiscard]] std::optional<delivery::AwaitSlot> slot(const Event& event) const;

  // Ends the runs that the agent's n-th cancel_on (from 0) means for this event. Returns how many.
  [[nodiscard]] Result<std::size_t> cancel(std::size_t n, const Event& event);

 private:
  // One event on its way through the gate.
  struct Arrival;

  [[nodiscard]] Result<void> load();
  [[nodiscard]] Result<void> load_singles();
  void sweep(TimePoint now);
  [[nodiscard]] Result<std::optional<Admission>> pass_rate_limit(Arrival& arrival);
  [[nodiscard]] Result<std::optional<Admission>> gather(Arrival& arrival);
  [[nodiscard]] Result<std::optional<Admission>> debounce(Arrival& arrival);
  [[nodiscard]] Result<std::optional<Admission>> join_batch(Arrival& arrival);
  [[nodiscard]] Result<void> close_batch(Arrival& arrival, const OpenBatch& batch);
  [[nodiscard]] Result<std::optional<Admission>> pass_singleton(Arrival& arrival);
  [[nodiscard]] Result<bool> is_alive(const std::string& key, const Singles::Holder& holder);
  [[nodiscard]] Result<std::optional<Admission>> pass_throttle(Arrival& arrival);
  [[nodiscard]] Result<Admission> let_in(Arrival& arrival);
  [[nodiscard]] Result<Admission> skip(Arrival& arrival, std::string_view reason, std::string why);
  [[nodiscard]] Result<Admission> wait(Arrival& arrival, std::string_view reason, TimePoint until);
  // The row of `member` as skipped, if it waits for `reason` still.
  [[nodiscard]] Result<std::optional<store::Run>> supersede(const Member& member, std::string_view reason,
                                                            const std::string& why);
  void end_as_skipped(store::Run& run, std::string_view reason, std::string why) const;
  [[nodiscard]] Result<bool> cancel_run(store::Run run, const std::string& reason);
  void tell(const store::Run& run) const;

  const std::string agent_;
  const FlowControl flow_;
  const Around around_;
  struct Keys {
    Key concurrency, throttle, rate_limit, debounce, batch, singleton;
    std::vector<Key> cancel_on;
  };
  Keys keys_;

  std::mutex mutex_;                // guards what follows
  std::optional<Records> records_;  // read with the first event
  bool are_singles_loaded_ = false;
  Singles singles_;
  TimePoint next_sweep_{};
};

}  // namespace ebagent::agent::flow
