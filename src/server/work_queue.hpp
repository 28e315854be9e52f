#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace ebagent::server {

// One thread for work that may wait for the store, so that I/O threads never do. Bounded: what does not fit
// is refused at once rather than queued for longer than its caller waits. Thread safety: offer() may be
// called from any thread.
class WorkQueue {
 public:
  explicit WorkQueue(std::size_t capacity);
  WorkQueue(const WorkQueue&) = delete;
  WorkQueue& operator=(const WorkQueue&) = delete;
  ~WorkQueue();  // finishes what was accepted

  // False when the queue is full; `work` is then not run.
  [[nodiscard]] bool offer(std::function<void()> work);

 private:
  void run();

  const std::size_t capacity_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> queue_;  // guarded by mutex_
  bool ending_ = false;                      // guarded by mutex_
  std::thread thread_;
};

}  // namespace ebagent::server
