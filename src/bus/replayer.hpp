#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <mutex>
#include <stop_token>

#include "bus/bus.hpp"
#include "bus/catalog.hpp"
#include "bus/replay.hpp"
#include "ebagent/clock.hpp"
#include "ebagent/result.hpp"
#include "store/store.hpp"

namespace ebagent::bus {

struct ReplayerSettings {
  // Events that one step puts on the bus: a few milliseconds of the writer's time.
  std::size_t events_per_step = 100;
  // How long an ended replay is remembered; AWS says 90 days.
  Duration remembered = std::chrono::days{90};
  // Whether deliveries wait for who sends them: replays then give way to live events. Empty: never. Called from the
  // replayer's thread.
  std::function<bool()> is_crowded = {};
};

// Carries replays out: events of the archive by their time, then by id, so that one minute of them follows the other,
// each with `replay-name` in its envelope.
//
// How far a replay has come is written together with the events that it put on the bus: after a crash it goes on where it
// was, nothing is left out and nothing is put twice. Live events come first: while deliveries wait for who sends them, replays
// make one step a second. Thread safety: tick() and run_until_stopped() belong to one
// thread; hold() may be called from any.
class Replayer {
 public:
  // The references must outlive the replayer.
  Replayer(Catalog& catalog, Bus& bus, store::Store& store, const Clock& clock,
           ReplayerSettings settings = {});

  // One step of every active replay, waiting until it is on disk. True when there is more to do. After an error nothing
  // of the step has happened; the next tick tries again.
  Result<bool> tick(TimePoint now);

  // Ticks until `stop` is requested. `on_error` hears of ticks that failed.
  void run_until_stopped(std::stop_token stop, const std::function<void(const Error&)>& on_error);

  // No step is made while the lock is held.
  [[nodiscard]] std::unique_lock<std::mutex> hold() { return std::unique_lock{stepping_}; }

 private:
  // What becomes of the replay, already written down.
  Result<Replay> step(Replay replay, TimePoint now);
  Result<Replay> put_slice(Replay replay, TimePoint now);
  // True while deliveries that are due find no room in memory, or wait there.
  [[nodiscard]] bool is_held_up();

  Catalog& catalog_;
  Bus& bus_;
  store::Store& store_;
  const Clock& clock_;
  const ReplayerSettings settings_;
  std::mutex stepping_;
};

}  // namespace ebagent::bus
