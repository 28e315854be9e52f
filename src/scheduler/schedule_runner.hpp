#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <vector>

#include "core/ids.hpp"
#include "ebagent/clock.hpp"
#include "ebagent/result.hpp"
#include "scheduler/due_queue.hpp"
#include "scheduler/firing.hpp"
#include "scheduler/zones.hpp"
#include "store/store.hpp"

namespace ebagent::scheduler {

// Fires schedules when they are due.
//
// Schedules live in the store; those of the next seconds are read ahead. A firing, that is, its delivery and
// the schedule's next time, is one transaction, and many firings share a flush: a crash neither loses nor
// doubles one. While one transaction is written the next is made. Firings missed while nothing ran are made
// up for by one, for the latest of them, within the MaximumEventAgeInSeconds of the target; what is older is
// dead-lettered. Memory is bounded, whatever the number of schedules.
// Thread safety: tick() and run_until_stopped() belong to one thread, the others may be called from any.
class ScheduleRunner {
 public:
  struct Settings {
    DueQueue::Bounds queue = {};
    std::chrono::milliseconds read_ahead{10'000};
    std::size_t page = 64;              // schedules read at once: half a millisecond in which nothing fires
    std::size_t batch = 256;            // firings of one transaction
    std::size_t max_in_flight = 8'192;  // firings that are being written
  };
  // Gets deliveries leased to this process, on the store's writer thread: must be short.
  using Deliver = std::function<void(std::vector<store::Delivery>)>;

  // The references must outlive the runner. `on_error` is called from any thread.
  ScheduleRunner(store::Store& store, Zones& zones, const Clock& clock, core::Random& random, Deliver deliver,
                 std::function<void(const Error&)> on_error, Settings settings);
  // Waits for the transactions under way.
  ~ScheduleRunner();
  ScheduleRunner(const ScheduleRunner&) = delete;
  ScheduleRunner& operator=(const ScheduleRunner&) = delete;

  // A schedule was put, durably.
  void planned(const store::StoredSchedule& schedule);
  // All schedules are gone.
  void forget();

  // Fires what is due at `now` and waits until it is on disk. Returns when the next schedule is due that is
  // known; nullopt when none is. After an error the rest fires with the next tick.
  Result<std::optional<TimePoint>> tick(TimePoint now);
  // Fires when something is due until `stop` is requested.
  void run_until_stopped(const std::stop_token& stop);

 private:
  enum class Did { Something, Nothing };

  [[nodiscard]] Did step(TimePoint now);
  [[nodiscard]] bool should_read(TimePoint now) const;  // with the lock held
  Did read_page(TimePoint now);
  void fire_batch(std::vector<store::StoredSchedule> due, TimePoint now);
  void written(std::vector<store::StoredSchedule> fired, Result<store::Committed> committed);
  void report(const Error& error);
  void wait(const std::stop_token& stop);

  store::Store& store_;
  Zones& zones_;
  const Clock& clock_;
  core::Random& random_;
  const Deliver deliver_;
  const std::function<void(const Error&)> on_error_;
  const Settings settings_;

  std::mutex mutex_;  // guards what follows
  std::condition_variable_any changed_;
  DueQueue queue_;
  std::size_t in_flight_ = 0;
  bool is_woken_ = false;
  std::optional<Error> trouble_;  // since it was looked at last
};

}  // namespace ebagent::scheduler
