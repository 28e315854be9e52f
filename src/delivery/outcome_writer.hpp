#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "delivery/target_sender.hpp"
#include "ebagent/result.hpp"
#include "store/store.hpp"

namespace ebagent::delivery {

// What became of one attempt, with what its sender wants on record beside it.
struct Outcome {
  store::Write verdict;
  Record record = {};
};

// Writes down what became of deliveries, without making anyone wait.
//
// One transaction is under way at a time; what comes in meanwhile makes up the next. So outcomes are written
// in ever larger groups the faster they come. Outcomes that the disk refuses are kept and tried again with
// the next ones or by retry(). An outcome whose record the store refuses for what it says is written without it, as a
// delivery to be tried again. Thread safety: every member may be called from any thread, the store's writer thread
// included.
class OutcomeWriter {
 public:
  // The store must outlive the writer.
  OutcomeWriter(store::Store& store, std::function<void(const Error&)> on_error)
      : store_(store), on_error_(std::move(on_error)) {}
  // Waits for the transaction under way.
  ~OutcomeWriter();
  OutcomeWriter(const OutcomeWriter&) = delete;
  OutcomeWriter& operator=(const OutcomeWriter&) = delete;

  void write(Outcome outcome);
  void write_all(std::vector<store::Write> outcomes);
  // Tries again what the store has refused.
  void retry();

  // False while so much waits for the disk that no more work should be begun; who was told so is woken.
  [[nodiscard]] bool has_room();
  // What wakes them; set before the first outcome.
  void on_room(std::function<void()> wake) { on_room_ = std::move(wake); }

  // True when everything is on disk.
  [[nodiscard]] bool is_idle() const;
  // Waits for that until `deadline`; returns is_idle().
  bool wait_idle_until(std::chrono::steady_clock::time_point deadline);

 private:
  // Bounds the transaction, so that the callers of PutEvents who share its flush do not wait for thousands of
  // rows.
  static constexpr std::size_t kMaxGroup = 1'024;
  static constexpr std::size_t kMaxGroupBytes = std::size_t{2} * 1024 * 1024;
  // What may wait: a few groups, so that the disk always has the next one; the results of runs may be large.
  static constexpr std::size_t kMaxWaiting = std::size_t{8} * kMaxGroup;
  static constexpr std::size_t kMaxWaitingBytes = std::size_t{32} * 1024 * 1024;

  using Group = std::vector<Outcome>;

  void begin_group();
  [[nodiscard]] Group take_group();  // with the lock held
  void commit(Group group);
  void go_on();
  void put_back(Group group, const Error& error);
  [[nodiscard]] bool holds_too_much() const;  // with the lock held
  void stop_writing();                        // with the lock held

  store::Store& store_;
  const std::function<void(const Error&)> on_error_;
  std::function<void()> on_room_;

  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::deque<Outcome> waiting_;
  std::size_t waiting_bytes_ = 0;
  std::size_t apart_ = 0;  // so many of those in front are to be written one by one
  bool is_writing_ = false;
  bool is_room_awaited_ = false;
};

}  // namespace ebagent::delivery
