#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "delivery/target_sender.hpp"

namespace ebagent::delivery::testing {

// A target that does what the test says, and remembers what it was sent.
class ScriptedSender final : public TargetSender {
 public:
  using Script = std::function<SendOutcome(const store::Delivery&)>;
  explicit ScriptedSender(Script script) : script_(std::move(script)) {}

  [[nodiscard]] SendOutcome send(const store::Delivery& delivery) override {
    {
      const std::scoped_lock lock{mutex_};
      sent_.push_back(delivery);
    }
    return script_(delivery);
  }

  [[nodiscard]] std::vector<store::Delivery> sent() const {
    const std::scoped_lock lock{mutex_};
    return sent_;
  }
  [[nodiscard]] std::size_t attempts_at(const std::string& target_arn) const {
    std::size_t attempts = 0;
    for (const store::Delivery& delivery : sent())
      attempts += delivery.route->target_arn == target_arn ? 1 : 0;
    return attempts;
  }

 private:
  const Script script_;
  mutable std::mutex mutex_;
  std::vector<store::Delivery> sent_;  // guarded by mutex_
};

// Holds whoever passes until it is opened, and tells how many it holds.
class Gate {
 public:
  void pass() {
    std::unique_lock lock{mutex_};
    ++held_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return is_open_; });
    --held_;
  }
  void open() {
    const std::scoped_lock lock{mutex_};
    is_open_ = true;
    changed_.notify_all();
  }
  void wait_until_held(std::size_t count) {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [&] { return held_ >= count; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t held_ = 0;  // guarded by mutex_
  bool is_open_ = false;  // guarded by mutex_
};

}  // namespace ebagent::delivery::testing
