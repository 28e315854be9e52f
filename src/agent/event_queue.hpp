#pragma once

#include <deque>
#include <optional>
#include <utility>

#include "ebagent/tool.hpp"

namespace ebagent::agent {

// Where agents' events go when no bus is there: they wait in memory until the run that put them has ended,
// and are then handled by the same process. Belongs to one thread.
class EventQueue final : public EventSink {
 public:
  // One event may lead to this many more before the chain is taken for a loop that the hop limit alone would
  // let grow exponentially.
  static constexpr std::size_t kMaxEvents = 1'000;

  struct Waiting {
    Event event;
    Chain chain;
  };

  Result<void> put_event(const Event& event, const Chain& chain) override {
    if (++taken_ > kMaxEvents) {
      return fail(ErrorCode::LimitExceeded, "One event led to more than " + std::to_string(kMaxEvents) +
                                                " others; do agents trigger each other?");
    }
    waiting_.push_back({event, chain});
    return success();
  }

  std::optional<Waiting> take() {
    if (waiting_.empty()) return std::nullopt;
    Waiting first = std::move(waiting_.front());
    waiting_.pop_front();
    return first;
  }

 private:
  std::deque<Waiting> waiting_;
  std::size_t taken_ = 0;
};

}  // namespace ebagent::agent
