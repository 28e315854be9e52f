#pragma once

#include <atomic>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_set>
#include <utility>

#include "server/reply_text.hpp"

namespace ebagent::server {

class Connection;

// Concrete executors instead of type-erased ones: measurably less work an operation.
using LoopExecutor = boost::asio::io_context::executor_type;
using LoopSocket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, LoopExecutor>;
using LoopTimer =
    boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                      boost::asio::wait_traits<std::chrono::steady_clock>, LoopExecutor>;

// One I/O thread with the connections that belong to it. Shared by them, so that an answer that comes after
// the server has stopped still finds a place to be dropped.
class IoLoop {
 public:
  // `sweep_every`: how often connections are asked whether they waited too long.
  explicit IoLoop(std::chrono::milliseconds sweep_every);
  IoLoop(const IoLoop&) = delete;
  IoLoop& operator=(const IoLoop&) = delete;
  ~IoLoop();

  void start();
  // Lets each connection finish within `drain`, then closes them and joins the thread.
  void stop(std::chrono::milliseconds drain);

  // Runs `work` on the loop's thread, or never once the loop has stopped. Any thread.
  template <class Work>
  void post(Work work) {
    const std::lock_guard lock(mutex_);
    if (!stopped_) boost::asio::post(context_, std::move(work));
  }

  [[nodiscard]] boost::asio::io_context& context() { return context_; }
  [[nodiscard]] bool is_own_thread() { return context_.get_executor().running_in_this_thread(); }
  [[nodiscard]] HttpDate& date() { return date_; }
  [[nodiscard]] std::size_t connection_count() const { return count_.load(std::memory_order_relaxed); }

  // On the loop's thread only.
  void add(std::shared_ptr<Connection> connection);
  void remove(const std::shared_ptr<Connection>& connection);
  [[nodiscard]] bool is_draining() const { return draining_; }

 private:
  void sweep();
  void drain();
  void end_if_drained();

  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<LoopExecutor> keep_running_;
  LoopTimer sweep_timer_;
  LoopTimer drain_timer_;
  std::chrono::milliseconds sweep_every_;
  std::unordered_set<std::shared_ptr<Connection>> connections_;
  std::atomic<std::size_t> count_{0};
  bool draining_ = false;
  HttpDate date_;
  std::thread thread_;

  std::mutex mutex_;
  bool stopped_ = false;  // guarded by mutex_
};

}  // namespace ebagent::server
