#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "ebagent/app.hpp"
#include "store/sqlite/sqlite_store.hpp"
#include "support/fixed_random.hpp"
#include "support/manual_clock.hpp"

namespace ebagent::agent {

inline Event order_event(std::string id = "event-1") {
  Event event;
  event.id = std::move(id);
  event.source = "myapp.orders";
  event.detail_type = "Order Placed";
  event.account = "123456789012";
  event.region = "us-west-2";
  event.time = TimePoint{std::chrono::sys_days{std::chrono::year{2026} / 1 / 26}};
  event.detail = R"({"orderId":"order_123","amount":99.99,"items":3,"priority":"high"})";
  return event;
}

inline constexpr const char* kOrders = R"({"source":["myapp.orders"]})";

inline std::shared_ptr<store::Store> memory_store() {
  return store::sqlite::open_memory().value();
}

// What stays when a process dies: the store, the clock, the randomness. new_app() is a new process beside
// them.
struct World {
  std::shared_ptr<store::Store> store = memory_store();
  std::shared_ptr<testing::ManualClock> clock = std::make_shared<testing::ManualClock>();
  std::shared_ptr<testing::FixedRandom> random = std::make_shared<testing::FixedRandom>();

  [[nodiscard]] App new_app() const { return new_app_on(store); }
  [[nodiscard]] App new_app_on(std::shared_ptr<store::Store> other) const {
    return App("eventbridge-agent", {.store = std::move(other), .clock = clock, .random = random});
  }
};

// Takes events and remembers them.
class RecordingSink final : public EventSink {
 public:
  struct Put {
    Event event;
    Chain chain;
  };
  std::vector<Put> puts;

  Result<void> put_event(const Event& event, const Chain& chain) override {
    puts.push_back({event, chain});
    return success();
  }
};

}  // namespace ebagent::agent
