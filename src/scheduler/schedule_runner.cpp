#include "scheduler/schedule_runner.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

namespace ebagent::scheduler {
namespace {

// Longest sleep: a clock that is set is noticed after it.
constexpr std::chrono::seconds kLongestSleep{1};
// After a write or a read that failed.
constexpr std::chrono::seconds kPauseAfterError{1};

}  // namespace

ScheduleRunner::ScheduleRunner(store::Store& store, Zones& zones, const Clock& clock, core::Random& random,
                               Deliver deliver, std::function<void(const Error&)> on_error, Settings settings)
    : store_(store),
      zones_(zones),
      clock_(clock),
      random_(random),
      deliver_(std::move(deliver)),
      on_error_(std::move(on_error)),
      settings_(settings),
      queue_(settings.queue) {}

ScheduleRunner::~ScheduleRunner() {
  std::unique_lock lock{mutex_};
  changed_.wait(lock, [this] { return in_flight_ == 0; });
}

void ScheduleRunner::planned(const store::StoredSchedule& schedule) {
  const std::scoped_lock lock{mutex_};
  if (!queue_.put(schedule)) return;
  is_woken_ = true;
  changed_.notify_all();
}

void ScheduleRunner::forget() {
  const std::scoped_lock lock{mutex_};
  queue_.clear();
}

void ScheduleRunner::report(const Error& error) {
  if (on_error_) on_error_(error);
  const std::scoped_lock lock{mutex_};
  trouble_ = error;
}

// Reading waits for what is due, unless nothing is known of what is due.
bool ScheduleRunner::should_read(TimePoint now) const {
  if (!queue_.has_room()) return false;
  const auto next = queue_.next_due();
  if (next && *next <= now) return queue_.horizon() < now;
  return queue_.horizon() < now + settings_.read_ahead / 2;
}

ScheduleRunner::Did ScheduleRunner::read_page(TimePoint now) {
  const TimePoint until = now + settings_.read_ahead;
  store::SchedulePlace after;
  {
    const std::scoped_lock lock{mutex_};
    after = queue_.begin_page(until);
  }
  auto page = store_.schedules_due(after, until, settings_.page);
  if (!page) {
    {
      const std::scoped_lock lock{mutex_};
      queue_.page_failed();
    }
    report(page.error());
    return Did::Nothing;
  }
  const bool is_full = page.value().size() == settings_.page;
  const std::scoped_lock lock{mutex_};
  queue_.end_page(std::move(page).value(), is_full);
  queue_.trim();
  return Did::Something;
}

ScheduleRunner::Did ScheduleRunner::step(TimePoint now) {
  std::vector<store::StoredSchedule> due;
  bool reads = false;
  {
    const std::scoped_lock lock{mutex_};
    if (trouble_) return Did::Nothing;
    queue_.trim();
    if (in_flight_ < settings_.max_in_flight) due = queue_.take_due(now, settings_.batch);
    in_flight_ += due.size();
    reads = should_read(now);
  }
  const bool fires = !due.empty();
  if (fires) fire_batch(std::move(due), now);
  if (reads) return read_page(now);
  return fires ? Did::Something : Did::Nothing;
}

void ScheduleRunner::fire_batch(std::vector<store::StoredSchedule> due, TimePoint now) {
  store::Transaction writes;
  for (const store::StoredSchedule& schedule : due) {
    auto firing = fire(schedule, zones_, now, random_);
    if (firing) {
      writes.emplace_back(std::move(firing).value());
      continue;
    }
    // It cannot be understood any more, as when its time zone was removed: it fires no more until it is put
    // anew.
    if (on_error_) {
      on_error_({firing.error().code, "Schedule " + schedule.group + "/" + schedule.name +
                                          " cannot fire: " + firing.error().message});
    }
    writes.emplace_back(store::FireSchedule{.id = schedule.id, .due = *schedule.due});
  }
  // As they will stand once this is written, beside as they stand when it is not.
  auto fired = std::make_shared<std::vector<store::StoredSchedule>>(std::move(due));
  auto next = std::make_shared<std::vector<Plan>>();
  for (const store::Write& write : writes) {
    const auto& firing = std::get<store::FireSchedule>(write);
    next->push_back({firing.planned, firing.next_due});
  }
  store_.commit(std::move(writes), [this, fired, next](Result<store::Committed> committed) {
    for (std::size_t i = 0; committed && i < fired->size(); ++i) {
      (*fired)[i].planned = (*next)[i].planned;
      (*fired)[i].due = (*next)[i].due;
    }
    written(std::move(*fired), std::move(committed));
  });
}

// On the store's writer thread.
void ScheduleRunner::written(std::vector<store::StoredSchedule> fired, Result<store::Committed> committed) {
  if (!committed) {
    report(committed.error());
  } else if (!committed.value().deliveries.empty() && deliver_) {
    deliver_(std::move(committed.value().deliveries));
  }
  const std::scoped_lock lock{mutex_};
  in_flight_ -= fired.size();
  for (store::StoredSchedule& schedule : fired) queue_.put(std::move(schedule));
  is_woken_ = true;
  changed_.notify_all();
}

Result<std::optional<TimePoint>> ScheduleRunner::tick(TimePoint now) {
  {
    const std::scoped_lock lock{mutex_};
    trouble_.reset();
  }
  while (true) {
    const Did did = step(now);
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [this] { return in_flight_ == 0; });
    if (trouble_) return fail(*trouble_);
    const auto next = queue_.next_due();
    if (did == Did::Nothing && !(next && *next <= now)) return next;
  }
}

void ScheduleRunner::wait(const std::stop_token& stop) {
  std::unique_lock lock{mutex_};
  if (trouble_) {
    trouble_.reset();
    changed_.wait_for(lock, stop, kPauseAfterError, [] { return false; });
    return;
  }
  Duration sleep = kLongestSleep;
  const auto next = queue_.next_due();
  if (next && in_flight_ < settings_.max_in_flight) sleep = std::min<Duration>(sleep, *next - clock_.now());
  if (sleep.count() > 0) changed_.wait_for(lock, stop, sleep, [this] { return is_woken_; });
  is_woken_ = false;
}

void ScheduleRunner::run_until_stopped(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    if (step(clock_.now()) == Did::Nothing) wait(stop);
  }
}

}  // namespace ebagent::scheduler
