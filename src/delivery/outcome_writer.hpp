#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <vector>

#include "ebagent/result.hpp"
#include "store/store.hpp"

namespace ebagent::delivery {

// Writes down what became of deliveries, without making anyone wait.
//
// One transaction is under way at a time; what comes in meanwhile makes up the next. So outcomes are written
// in ever larger groups the faster they come. Outcomes that the store refuses are kept and tried again with
// the next ones or by retry(); they are never more than the deliveries that the store has leased out. Thread
// safety: every member may be called from any thread, the store's writer thread included.
class OutcomeWriter {
 public:
  // The store must outlive the writer.
  OutcomeWriter(store::Store& store, std::function<void(const Error&)> on_error)
      : store_(store), on_error_(std::move(on_error)) {}
  // Waits for the transaction under way.
  ~OutcomeWriter();
  OutcomeWriter(const OutcomeWriter&) = delete;
  OutcomeWriter& operator=(const OutcomeWriter&) = delete;

  void write(store::Write outcome);
  void write_all(std::vector<store::Write> outcomes);
  // Tries again what the store has refused.
  void retry();

  // True when everything is on disk.
  [[nodiscard]] bool is_idle() const;
  // Waits for that until `deadline`; returns is_idle().
  bool wait_idle_until(std::chrono::steady_clock::time_point deadline);

 private:
  // Bounds the transaction, so that the callers of PutEvents who share its flush do not wait for thousands of
  // rows.
  static constexpr std::size_t kMaxGroup = 1'024;

  using Group = store::Transaction;

  void begin_group();
  [[nodiscard]] Group take_group();  // with the lock held
  void commit(Group group);
  void go_on();
  void put_back(Group group, const Error& error);
  void stop_writing();  // with the lock held

  store::Store& store_;
  const std::function<void(const Error&)> on_error_;

  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::deque<store::Write> waiting_;
  bool is_writing_ = false;
};

}  // namespace ebagent::delivery
