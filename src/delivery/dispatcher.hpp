#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "core/ids.hpp"
#include "delivery/attempts.hpp"
#include "delivery/circuit.hpp"
#include "delivery/retry_policy.hpp"
#include "delivery/target_sender.hpp"
#include "ebagent/clock.hpp"
#include "store/store.hpp"

namespace ebagent::delivery {

struct DispatcherSettings {
  // Attempts at the same time. Most of one is waiting, for the target or for the disk, and those that wait for the disk
  // together share a flush.
  std::size_t workers = 32;
  // Attempts that may run at once for one target ARN; 0 stands for all workers but one. Whatever it is, a target gets no
  // more than its share of the workers that are free (see ReadyQueue), so that those that hang never keep the others
  // waiting.
  std::size_t max_attempts_per_target = 0;
  // Deliveries held ready in memory; what does not fit waits in the store. One target may fill half of either
  // bound, so that the deliveries of a target that hangs leave room for others. Half of this should be at
  // least what the store hands out by itself (its max_ready): then only a backlog is ever put back.
  std::size_t max_ready = 20'000;
  std::size_t max_ready_bytes = std::size_t{64} * 1024 * 1024;
  RetrySettings retry = {};
  CircuitSettings circuit = {};
  std::function<void(const CircuitChange&)> on_circuit = {};  // called from any thread; may be empty
};

// Attempts deliveries until each is delivered or dead-lettered.
//
// Worker threads ("deliver-N") send and write down the outcome; one more thread ("deliver-due") leases what
// comes due in the store, at least once a second, so that deliveries redriven by another process are found as
// well. The outcome is written after the attempt: a crash in between repeats it (at least once). Thread
// safety: every member may be called from any thread.
class Dispatcher {
 public:
  // Starts the threads. The references must outlive the dispatcher. `on_error` hears of trouble with the
  // store; it is called from any thread.
  Dispatcher(store::Store& store, const SenderTable& senders, const Clock& clock, core::Random& random,
             std::function<void(const Error&)> on_error, DispatcherSettings settings = {});
  // Stops, waiting for the attempts that run, however long they take.
  ~Dispatcher();
  Dispatcher(const Dispatcher&) = delete;
  Dispatcher& operator=(const Dispatcher&) = delete;

  // Takes deliveries that are leased to this process. Never blocks: what does not fit goes back to the store.
  void take(std::vector<store::Delivery> deliveries);
  // Takes verdicts on deliveries that are leased to this process and need no attempt. Never blocks.
  void bury(std::vector<store::MarkDead> verdicts);

  // Leases and queues what is due now, as the "deliver-due" thread does by itself.
  void poll();

  // Waits until nothing is ready, running or unwritten and nothing in the store is due. False when that takes
  // longer than `patience`. Deliveries that wait for a later retry do not count.
  bool wait_idle(std::chrono::milliseconds patience);

  // Begins no more attempts, gives what was ready back to the store and waits up to `patience` for the
  // attempts that run and for all outcomes to be on disk. False when something of it was not done by then.
  bool stop(std::chrono::milliseconds patience);

  [[nodiscard]] AttemptCounts counts() const;
  // Deliveries that wait for a worker.
  [[nodiscard]] std::size_t ready() const;
  // Those that wait for a slot of their sender (see AwaitSlot).
  [[nodiscard]] std::size_t awaiting_slots() const;

 private:
  class Engine;
  const std::unique_ptr<Engine> engine_;
};

}  // namespace ebagent::delivery
