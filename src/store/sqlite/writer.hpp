#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

#include "store/sqlite/checkpointer.hpp"
#include "store/sqlite/writes.hpp"
#include "store/store.hpp"

namespace ebagent::store::sqlite {

// The one thread that writes. It takes all jobs that wait, up to a bound, into one SQLite transaction, so
// that one flush to disk serves all their callers (group commit), and answers them when it is done.
//
// Jobs do not harm each other: when one of a batch fails, the batch is rolled back and done again with each
// job apart. When the disk fails, the callers get the error, nothing of their jobs is kept, and the next
// batch is tried as ever.
class Writer {
 public:
  // What to write; runs on the writer's thread inside a transaction, again after a roll-back.
  using Work = std::function<Result<Committed>(Writes&)>;

  // `checkpointer` may be null: the log is then left to others.
  Writer(std::unique_ptr<Writes> writes, std::unique_ptr<Checkpointer> checkpointer);
  ~Writer() { end(); }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  // Does what waits, and what its callbacks still submit, then ends the thread.
  void end();

  // Queues a job of about `weight` bytes; blocks while the queue is full, but not a callback, which would
  // wait for itself. `done` runs on the writer's thread and must not throw.
  void submit(Work work, OnCommitted done, std::size_t weight);
  // The same without blocking: while the queue holds its share for offered jobs, `done` gets Overloaded at once.
  void offer(Work work, OnCommitted done, std::size_t weight);
  // The same, waiting for the outcome. Not to be called from a callback.
  Result<Committed> submit_and_wait(Work work);

 private:
  // What may wait. The bounds keep memory flat when the disk is slower than the callers.
  struct Share {
    std::size_t jobs;
    std::size_t bytes;
  };
  static constexpr Share kWhole{4'096, std::size_t{64} * 1024 * 1024};
  // Offered jobs (new events from the network) leave room for the outcomes and journals of what is under way.
  static constexpr Share kOffered{3'072, std::size_t{48} * 1024 * 1024};
  // A batch of this size takes some 10 ms: the first caller of it does not wait much longer for the last.
  static constexpr std::size_t kMaxBatchJobs = 512;
  static constexpr std::size_t kMaxBatchBytes = 4 * 1024 * 1024;

  struct Job {
    Work work;
    OnCommitted done;
    std::size_t weight;
  };
  using Outcomes = std::vector<Result<Committed>>;
  enum class Isolation { None, Savepoints };

  void work();
  // A job larger than the whole share is let in alone. With the lock held.
  [[nodiscard]] bool has_room(const Share& share, std::size_t weight) const {
    return queue_.empty() || (queue_.size() < share.jobs && queued_bytes_ + weight <= share.bytes);
  }
  void push(Job job);  // with the lock held
  std::vector<Job> take_batch();
  Outcomes write(std::span<const Job> jobs);
  Result<Outcomes> write_together(std::span<const Job> jobs, Isolation isolation);
  Result<Outcomes> write_all(std::span<const Job> jobs, Isolation isolation);
  Result<Committed> write_within_savepoint(const Job& job);
  void roll_back();

  const std::unique_ptr<Writes> writes_;
  const std::unique_ptr<Checkpointer> checkpointer_;  // ends before the connection it watches
  Statement begin_;
  Statement commit_;

  std::mutex mutex_;  // guards what follows
  std::condition_variable has_jobs_;
  std::condition_variable has_room_;
  std::deque<Job> queue_;
  std::size_t queued_bytes_ = 0;
  bool is_ending_ = false;

  std::thread thread_;
};

}  // namespace ebagent::store::sqlite
