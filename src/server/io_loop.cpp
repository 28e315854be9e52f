#include "server/io_loop.hpp"

#include <vector>

#include "server/connection.hpp"

namespace ebagent::server {

IoLoop::IoLoop(std::chrono::milliseconds sweep_every)
    : keep_running_(context_.get_executor()),
      sweep_timer_(context_),
      drain_timer_(context_),
      sweep_every_(sweep_every) {}

IoLoop::~IoLoop() = default;

void IoLoop::start() {
  thread_ = std::thread([this] {
    sweep();
    context_.run();
  });
}

void IoLoop::stop(std::chrono::milliseconds drain_within) {
  if (!thread_.joinable()) return;
  post([this, drain_within] {
    drain();
    drain_timer_.expires_after(drain_within);
    drain_timer_.async_wait([this](const boost::system::error_code& error) {
      if (error) return;
      const std::vector<std::shared_ptr<Connection>> late(connections_.begin(), connections_.end());
      for (const auto& connection : late) connection->close();
      end_if_drained();
    });
    end_if_drained();
  });
  thread_.join();
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  // What was posted while the thread ended holds connections, which hold this loop: run it, so that all is
  // let go.
  context_.restart();
  context_.poll();
}

void IoLoop::add(std::shared_ptr<Connection> connection) {
  connections_.insert(std::move(connection));
  count_.store(connections_.size(), std::memory_order_relaxed);
}

void IoLoop::remove(const std::shared_ptr<Connection>& connection) {
  connections_.erase(connection);
  count_.store(connections_.size(), std::memory_order_relaxed);
  end_if_drained();
}

void IoLoop::sweep() {
  const auto now = std::chrono::steady_clock::now();
  const std::vector<std::shared_ptr<Connection>> all(connections_.begin(), connections_.end());
  for (const auto& connection : all) connection->check_deadlines(now);
  if (draining_ && connections_.empty()) return;
  sweep_timer_.expires_after(sweep_every_);
  sweep_timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) sweep();
  });
}

void IoLoop::drain() {
  draining_ = true;
  const std::vector<std::shared_ptr<Connection>> all(connections_.begin(), connections_.end());
  for (const auto& connection : all) connection->finish();
}

void IoLoop::end_if_drained() {
  if (!draining_ || !connections_.empty()) return;
  sweep_timer_.cancel();
  drain_timer_.cancel();
  keep_running_.reset();
}

}  // namespace ebagent::server
