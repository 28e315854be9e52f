#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <vector>

#include "core/ids.hpp"
#include "ebagent/event.hpp"
#include "ebagent/tool.hpp"

namespace ebagent::testing {

// The same sequence each time (splitmix64). Safe to use from any thread.
class SameRandom final : public core::Random {
 public:
  [[nodiscard]] std::uint64_t next() override {
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15ULL);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
  }

 private:
  std::atomic<std::uint64_t> state_{1};
};

// Keeps the events that agents put; nobody handles them.
class KeptEvents final : public EventSink {
 public:
  Result<void> put_event(const Event& event, const Chain&) override {
    const std::scoped_lock lock{mutex_};
    events_.push_back(event);
    return success();
  }
  // While no agent is at work.
  [[nodiscard]] const std::vector<Event>& events() const { return events_; }

 private:
  std::mutex mutex_;  // guards events_ while agents are at work
  std::vector<Event> events_;
};

}  // namespace ebagent::testing
