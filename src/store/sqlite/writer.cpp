#include "store/sqlite/writer.hpp"

#include <pthread.h>

#include <future>
#include <utility>

namespace ebagent::store::sqlite {
Writer::Writer(std::unique_ptr<Writes> writes, std::unique_ptr<Checkpointer> checkpointer)
    : writes_(std::move(writes)),
      checkpointer_(std::move(checkpointer)),
      begin_(writes_->connection(), "BEGIN IMMEDIATE"),
      commit_(writes_->connection(), "COMMIT"),
      thread_([this] { work(); }) {
  pthread_setname_np(thread_.native_handle(), "store-writer");
}

void Writer::end() {
  if (!thread_.joinable()) return;
  {
    const std::scoped_lock lock{mutex_};
    is_ending_ = true;
  }
  has_jobs_.notify_one();
  thread_.join();
}

void Writer::submit(Work work, OnCommitted done, std::size_t weight) {
  {
    std::unique_lock lock{mutex_};
    if (std::this_thread::get_id() != thread_.get_id()) {
      has_room_.wait(lock, [&] { return has_room(kWhole, weight); });
    }
    push({std::move(work), std::move(done), weight});
  }
  has_jobs_.notify_one();
}

void Writer::offer(Work work, OnCommitted done, std::size_t weight) {
  {
    std::unique_lock lock{mutex_};
    if (!has_room(kOffered, weight)) {
      lock.unlock();
      return done(fail(ErrorCode::Overloaded, "As much waits to be written to the store as may."));
    }
    push({std::move(work), std::move(done), weight});
  }
  has_jobs_.notify_one();
}

void Writer::push(Job job) {
  queued_bytes_ += job.weight;
  queue_.push_back(std::move(job));
}

Result<Committed> Writer::submit_and_wait(Work work) {
  std::promise<Result<Committed>> outcome;
  submit(
      std::move(work), [&outcome](Result<Committed> result) { outcome.set_value(std::move(result)); }, 0);
  return outcome.get_future().get();
}

void Writer::work() {
  while (true) {
    std::vector<Job> batch = take_batch();
    if (batch.empty()) return;
    Outcomes outcomes = write(batch);
    for (std::size_t i = 0; i < batch.size(); ++i) batch[i].done(std::move(outcomes[i]));
    if (checkpointer_ != nullptr) checkpointer_->after_commit();
  }
}

// Waits for jobs; none are left when the writer ends.
std::vector<Writer::Job> Writer::take_batch() {
  std::vector<Job> batch;
  std::unique_lock lock{mutex_};
  has_jobs_.wait(lock, [this] { return !queue_.empty() || is_ending_; });
  std::size_t bytes = 0;
  while (!queue_.empty() && batch.size() < kMaxBatchJobs) {
    const std::size_t weight = queue_.front().weight;
    if (!batch.empty() && bytes + weight > kMaxBatchBytes) break;
    bytes += weight;
    batch.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  queued_bytes_ -= bytes;
  lock.unlock();
  has_room_.notify_all();
  return batch;
}

Writer::Outcomes Writer::write(std::span<const Job> jobs) {
  const std::scoped_lock lock{writes_->connection().mutex()};
  auto together = write_together(jobs, Isolation::None);
  if (!together && jobs.size() > 1 && is_refusal(together.error())) {
    together = write_together(jobs, Isolation::Savepoints);
  }
  if (together) return std::move(together).value();
  Outcomes outcomes;
  if (jobs.size() == 1) {
    outcomes.emplace_back(fail(together.error()));
    return outcomes;
  }
  // The disk is full or failing: a small job may still pass where a large one did not.
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    auto alone = write_together(jobs.subspan(i, 1), Isolation::None);
    if (alone) {
      outcomes.push_back(std::move(alone.value().front()));
    } else {
      outcomes.emplace_back(fail(std::move(alone).error()));
    }
  }
  return outcomes;
}

// All jobs in one SQLite transaction. Fails as a whole, with nothing kept, when a job does that has no
// savepoint of its own, or when the disk does.
Result<Writer::Outcomes> Writer::write_together(std::span<const Job> jobs, Isolation isolation) {
  auto outcomes = write_all(jobs, isolation);
  if (outcomes) {
    writes_->deliveries().committed();
  } else {
    roll_back();
  }
  return outcomes;
}

Result<Writer::Outcomes> Writer::write_all(std::span<const Job> jobs, Isolation isolation) {
  BOOST_OUTCOME_TRY(begin_.run());
  Outcomes outcomes;
  outcomes.reserve(jobs.size());
  for (const Job& job : jobs) {
    auto outcome = isolation == Isolation::None ? job.work(*writes_) : write_within_savepoint(job);
    const bool is_tolerable = outcome || (isolation == Isolation::Savepoints && is_refusal(outcome.error()));
    if (!is_tolerable) return fail(std::move(outcome).error());
    outcomes.push_back(std::move(outcome));
  }
  BOOST_OUTCOME_TRY(writes_->deliveries().write_counters());
  BOOST_OUTCOME_TRY(commit_.run());
  return outcomes;
}

Result<Committed> Writer::write_within_savepoint(const Job& job) {
  Connection& connection = writes_->connection();
  DeliveryTables::Changes before = writes_->deliveries().changes();
  BOOST_OUTCOME_TRY(connection.run("SAVEPOINT job"));
  auto outcome = job.work(*writes_);
  if (!outcome) {
    if (!is_refusal(outcome.error())) return outcome;
    BOOST_OUTCOME_TRY(connection.run("ROLLBACK TO job"));
    writes_->deliveries().put_back(std::move(before));
  }
  BOOST_OUTCOME_TRY(connection.run("RELEASE job"));
  return outcome;
}

void Writer::roll_back() {
  Connection& connection = writes_->connection();
  // SQLite ends the transaction by itself after some errors. Should a roll-back fail, the next BEGIN does as
  // well, and its caller gets that error.
  if (sqlite3_get_autocommit(connection.handle()) == 0) static_cast<void>(connection.run("ROLLBACK"));
  writes_->deliveries().rolled_back();
}

}  // namespace ebagent::store::sqlite
