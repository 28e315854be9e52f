#include "delivery/dispatcher.hpp"

#include <pthread.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <variant>

#include "delivery/outcome_writer.hpp"
#include "delivery/ready_queue.hpp"

namespace ebagent::delivery {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

// Deliveries of another process (a redrive) are found within this.
constexpr std::chrono::seconds kPollInterval{1};

// Leased in one go: with the largest events this many are in memory on top of the queue's bounds.
constexpr std::size_t kLeaseBatch = 128;

// Of one poll, so that it ends while the store never runs dry.
constexpr int kMaxBatchesPerPoll = 256;

// A delivery for which there is no room goes back to the store for this long. A backlog of one target is
// passed over at this pace while others' deliveries are looked for behind it.
constexpr std::chrono::seconds kPutBackFor{5};

// Attempts that only compute need no more workers than there are cores; every worker woken beyond costs more than it
// does. Should those that are awake be waiting, for a target or a model, others are woken at this pace.
constexpr std::size_t kEagerWorkers = 2;
constexpr std::chrono::milliseconds kPace{1};

// After a burst of this size the store may hold more that it did not hand out; smaller ones fit into what it
// hands out.
constexpr std::size_t kBurst = 1'024;

std::size_t attempts_per_target(const DispatcherSettings& settings) {
  if (settings.max_attempts_per_target != 0) return settings.max_attempts_per_target;
  return std::max<std::size_t>(settings.workers, 2) - 1;
}

// `excused`: what the event does not grow older by.
store::Write back_to_store(const store::Delivery& delivery, TimePoint due, Duration excused = Duration{0}) {
  return store::Reschedule{.seq = delivery.seq,
                           .due = due,
                           .attempts = delivery.attempts,
                           .last_error = {},
                           .age_from = age_from(delivery, excused)};
}

}  // namespace

class Dispatcher::Engine {
 public:
  Engine(store::Store& store, const SenderTable& senders, const Clock& clock, core::Random& random,
         std::function<void(const Error&)> on_error, const DispatcherSettings& settings)
      : store_(store),
        clock_(clock),
        on_error_(std::move(on_error)),
        workers_(std::max<std::size_t>(settings.workers, 1)),
        attempts_(senders, clock, random, settings.retry, settings.circuit, settings.on_circuit),
        ready_({.max_deliveries = settings.max_ready,
                .max_bytes = settings.max_ready_bytes,
                .max_running_per_target = attempts_per_target(settings),
                .workers = workers_}),
        outcomes_(store, on_error_) {
    outcomes_.on_room([this] {
      const std::scoped_lock lock{mutex_};
      has_turn_.notify_all();
    });
    for (std::size_t i = 0; i < workers_; ++i) {
      start("deliver-" + std::to_string(i), [this] { work(); });
    }
    start("deliver-pace", [this] { keep_pace(); });
    start("deliver-due", [this] { watch_due(); });
  }

  ~Engine() {
    stop(std::chrono::milliseconds{0});
    for (std::thread& thread : threads_) thread.join();
  }

  void take(std::vector<store::Delivery> deliveries);
  void bury(std::vector<store::MarkDead> verdicts);
  void poll();
  bool wait_idle(std::chrono::milliseconds patience);
  bool stop(std::chrono::milliseconds patience);

  [[nodiscard]] std::size_t ready() {
    const std::scoped_lock lock{mutex_};
    return ready_.waiting();
  }
  [[nodiscard]] std::size_t awaiting_slots() {
    const std::scoped_lock lock{mutex_};
    return ready_.size() - ready_.waiting();
  }
  [[nodiscard]] AttemptCounts counts() const { return attempts_.counts(); }

 private:
  template <class Body>
  void start(const std::string& name, Body body) {
    threads_.emplace_back(std::move(body));
    // Linux shows 15 characters.
    pthread_setname_np(threads_.back().native_handle(), name.substr(0, 15).c_str());
  }

  void work();
  // The outcome, unless the delivery has gone to wait for a slot.
  std::optional<Outcome> attempt(store::Delivery& delivery);
  void keep_pace();
  void watch_due();
  void call_workers();                                                                 // with the lock held
  [[nodiscard]] bool has_work() { return ready_.has_turn() && outcomes_.has_room(); }  // with the lock held
  bool lease_batch();
  bool lease_up_to(std::size_t most);
  void report(const Error& error) const {
    if (on_error_) on_error_(error);
  }
  void ask_for_more_after_a_burst();                                              // with the lock held
  [[nodiscard]] bool is_quiet() const { return running_ == 0 && leasing_ == 0; }  // with the lock held

  store::Store& store_;
  const Clock& clock_;
  const std::function<void(const Error&)> on_error_;
  const std::size_t workers_;
  Attempts attempts_;

  std::mutex mutex_;  // guards what follows
  std::condition_variable has_turn_;
  std::condition_variable pace_;
  std::condition_variable due_;
  std::condition_variable quiet_;
  ReadyQueue ready_;
  std::size_t running_ = 0;
  std::size_t idle_ = 0;     // workers that wait for work
  std::size_t called_ = 0;   // of these, woken already
  std::size_t leasing_ = 0;  // calls that hold leases not yet ready
  std::uint64_t begun_ = 0;  // attempts since the start
  std::size_t burst_ = 0;    // most that was ready since the store was asked last
  bool is_pacing_ = true;    // the pace thread looks by itself whether workers are wanted
  bool wants_poll_ = false;
  bool is_stopping_ = false;

  OutcomeWriter outcomes_;  // ends before what its callbacks use
  std::vector<std::thread> threads_;
};

void Dispatcher::Engine::take(std::vector<store::Delivery> deliveries) {
  std::vector<store::Write> put_back;
  std::size_t taken = 0;
  {
    const std::scoped_lock lock{mutex_};
    for (store::Delivery& delivery : deliveries) {
      if (!is_stopping_ && ready_.push(delivery)) {
        ++taken;
        continue;
      }
      const TimePoint due = is_stopping_ ? delivery.due : clock_.now() + kPutBackFor;
      put_back.push_back(back_to_store(delivery, due));
    }
    burst_ = std::max(burst_, ready_.size());
    if (taken > 0) call_workers();
  }
  if (!put_back.empty()) outcomes_.write_all(std::move(put_back));
}

void Dispatcher::Engine::bury(std::vector<store::MarkDead> verdicts) {
  attempts_.count_dead(verdicts.size());
  std::vector<store::Write> writes{std::make_move_iterator(verdicts.begin()),
                                   std::make_move_iterator(verdicts.end())};
  outcomes_.write_all(std::move(writes));
}

// Wakes as many workers as run well side by side; the pace thread wakes more where these wait for their targets.
void Dispatcher::Engine::call_workers() {
  const std::size_t most = std::min(idle_, ready_.waiting());
  for (; running_ + called_ < kEagerWorkers && called_ < most; ++called_) has_turn_.notify_one();
  if (ready_.waiting() > called_ && !is_pacing_) pace_.notify_one();
}

void Dispatcher::Engine::keep_pace() {
  std::unique_lock lock{mutex_};
  std::uint64_t begun = begun_;
  std::size_t wanted = 1;
  while (!is_stopping_) {
    if (!ready_.has_turn()) {
      is_pacing_ = false;
      pace_.wait(lock, [this] { return ready_.has_turn() || is_stopping_; });
      is_pacing_ = true;
      begun = begun_;
    }
    pace_.wait_for(lock, kPace, [this] { return is_stopping_; });
    if (!ready_.has_turn()) continue;
    const bool is_held_up = std::exchange(begun, begun_) == begun_;
    wanted = is_held_up ? std::min(wanted * 2, workers_) : 1;
    for (std::size_t i = 0; i < wanted; ++i) has_turn_.notify_one();
  }
}

void Dispatcher::Engine::work() {
  std::unique_lock lock{mutex_};
  while (true) {
    while (!has_work() && !is_stopping_) {
      ++idle_;
      has_turn_.wait(lock);
      --idle_;
      if (called_ > 0) --called_;
    }
    if (is_stopping_) return;
    std::optional<store::Delivery> delivery = ready_.pop();
    const std::shared_ptr<const store::Route> route = delivery->route;
    ++running_;
    ++begun_;
    ask_for_more_after_a_burst();
    lock.unlock();

    auto outcome = attempt(*delivery);
    if (outcome) outcomes_.write(std::move(*outcome));

    lock.lock();
    if (outcome && !delivery->slot.empty()) ready_.release_slot(delivery->slot, clock_.now());
    ready_.finish(route->target_arn);
    --running_;
    // This thread goes round to take the next.
    if (is_quiet()) quiet_.notify_all();
  }
}

std::optional<Outcome> Dispatcher::Engine::attempt(store::Delivery& delivery) {
  while (true) {
    auto made = attempts_.make(delivery);
    if (auto* outcome = std::get_if<Outcome>(&made)) return std::move(*outcome);
    const auto& wanted = std::get<AwaitSlot>(made);
    const TimePoint now = clock_.now();
    const std::scoped_lock lock{mutex_};
    if (is_stopping_) return Outcome{back_to_store(delivery, delivery.due)};
    if (!delivery.slot.empty()) ready_.release_slot(std::exchange(delivery.slot, {}), now);
    const auto slot = ready_.await_slot(delivery, wanted, now);
    if (slot == ReadyQueue::Slot::Awaited) return std::nullopt;
    if (slot == ReadyQueue::Slot::NoRoom) {
      return Outcome{back_to_store(delivery, now + kPutBackFor, kPutBackFor)};
    }
  }
}

void Dispatcher::Engine::ask_for_more_after_a_burst() {
  if (burst_ < kBurst || ready_.size() * 4 > burst_) return;
  burst_ = 0;
  wants_poll_ = true;
  due_.notify_one();
}

// True when there may be more.
bool Dispatcher::Engine::lease_batch() {
  std::size_t room = 0;
  {
    const std::scoped_lock lock{mutex_};
    if (!is_stopping_) room = ready_.room();
    if (room == 0) return false;
    ++leasing_;
  }
  const bool may_have_more = lease_up_to(std::min(room, kLeaseBatch));
  const std::scoped_lock lock{mutex_};
  --leasing_;
  if (is_quiet()) quiet_.notify_all();
  return may_have_more;
}

bool Dispatcher::Engine::lease_up_to(std::size_t most) {
  const TimePoint now = clock_.now();
  const auto next = store_.next_due();
  if (!next) {
    report(next.error());
    return false;
  }
  if (!next.value() || *next.value() > now) return false;
  auto leased = store_.lease_due(now, most);
  if (!leased) {
    report(leased.error());
    return false;
  }
  const bool may_have_more = !leased.value().empty();
  take(std::move(leased).value());
  return may_have_more;
}

void Dispatcher::Engine::poll() {
  for (int batch = 0; batch < kMaxBatchesPerPoll && lease_batch(); ++batch) {
  }
}

void Dispatcher::Engine::watch_due() {
  while (true) {
    outcomes_.retry();
    poll();
    std::chrono::milliseconds pause = kPollInterval;
    if (const auto next = store_.next_due(); next && next.value()) {
      // What is due already found no room; it is asked for when there is some.
      const auto until_due = *next.value() - clock_.now();
      if (until_due.count() > 0) pause = std::min(pause, until_due);
    }
    std::unique_lock lock{mutex_};
    due_.wait_for(lock, pause, [this] { return wants_poll_ || is_stopping_; });
    if (is_stopping_) return;
    wants_poll_ = false;
  }
}

bool Dispatcher::Engine::wait_idle(std::chrono::milliseconds patience) {
  const SteadyTime deadline = std::chrono::steady_clock::now() + patience;
  while (true) {
    std::uint64_t begun = 0;
    {
      std::unique_lock lock{mutex_};
      if (!quiet_.wait_until(lock, deadline, [this] { return is_quiet() && ready_.size() == 0; }))
        return false;
      begun = begun_;
    }
    if (!outcomes_.wait_idle_until(deadline)) return false;
    const auto next = store_.next_due();
    if (!next) return false;
    const bool is_due = next.value() && *next.value() <= clock_.now();
    if (!is_due) {
      const std::scoped_lock lock{mutex_};
      if (is_quiet() && ready_.size() == 0 && begun_ == begun && outcomes_.is_idle()) return true;
    }
    if (std::chrono::steady_clock::now() >= deadline) return false;
    poll();
  }
}

bool Dispatcher::Engine::stop(std::chrono::milliseconds patience) {
  const SteadyTime deadline = std::chrono::steady_clock::now() + patience;
  std::vector<store::Delivery> never_begun;
  {
    const std::scoped_lock lock{mutex_};
    is_stopping_ = true;
    never_begun = ready_.clear();
  }
  has_turn_.notify_all();
  pace_.notify_all();
  due_.notify_all();
  quiet_.notify_all();
  if (!never_begun.empty()) take(std::move(never_begun));
  outcomes_.retry();
  {
    std::unique_lock lock{mutex_};
    if (!quiet_.wait_until(lock, deadline, [this] { return is_quiet(); })) return false;
  }
  return outcomes_.wait_idle_until(deadline);
}

Dispatcher::Dispatcher(store::Store& store, const SenderTable& senders, const Clock& clock,
                       core::Random& random, std::function<void(const Error&)> on_error,
                       DispatcherSettings settings)
    : engine_(std::make_unique<Engine>(store, senders, clock, random, std::move(on_error), settings)) {}

Dispatcher::~Dispatcher() = default;

void Dispatcher::take(std::vector<store::Delivery> deliveries) {
  engine_->take(std::move(deliveries));
}
void Dispatcher::bury(std::vector<store::MarkDead> verdicts) {
  engine_->bury(std::move(verdicts));
}
void Dispatcher::poll() {
  engine_->poll();
}
bool Dispatcher::wait_idle(std::chrono::milliseconds patience) {
  return engine_->wait_idle(patience);
}
bool Dispatcher::stop(std::chrono::milliseconds patience) {
  return engine_->stop(patience);
}
AttemptCounts Dispatcher::counts() const {
  return engine_->counts();
}
std::size_t Dispatcher::awaiting_slots() const {
  return engine_->awaiting_slots();
}
std::size_t Dispatcher::ready() const {
  return engine_->ready();
}

}  // namespace ebagent::delivery
