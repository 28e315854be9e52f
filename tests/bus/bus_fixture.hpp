#pragma once

#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "bus/bus.hpp"
#include "bus/catalog_fixture.hpp"

namespace ebagent::bus::testing {

// A bus that keeps what it hands over.
class BusFixture : public CatalogFixture {
 protected:
  void SetUp() override { start(); }
  void start() {
    open();
    bus = std::make_unique<Bus>(*catalog, store, clock,
                                Handover{.deliver =
                                             [this](std::vector<store::Delivery> deliveries) {
                                               const std::scoped_lock lock{mutex_};
                                               for (auto& delivery : deliveries)
                                                 handed_over_.push_back(std::move(delivery));
                                             },
                                         .bury =
                                             [this](std::vector<store::MarkDead> verdicts) {
                                               const std::scoped_lock lock{mutex_};
                                               for (auto& verdict : verdicts)
                                                 buried_.push_back(std::move(verdict));
                                             }});
  }

  Event order(std::string id, std::string detail = R"({"id":"order_123","amount":99.99})") {
    return {.id = std::move(id),
            .detail_type = "Order Placed",
            .source = "myapp.orders",
            .account = scope.account,
            .time = clock.now(),
            .region = scope.region,
            .replay_name = std::nullopt,
            .resources = {},
            .detail = std::move(detail)};
  }
  Result<void> put(const Event& event, int hops = 0) {
    return bus->put_and_wait({incoming(scope, "default", event, hops)});
  }
  void rule_with(const std::string& rule, std::vector<Target> targets, const std::string& pattern = kOrders) {
    ASSERT_TRUE(catalog->put_rule(scope, rule_for(rule, pattern)));
    if (targets.empty()) return;
    const auto failed = catalog->put_targets(scope, "default", rule, std::move(targets));
    ASSERT_TRUE(failed) << failed.error().message;
    ASSERT_TRUE(failed.value().empty());
  }
  std::vector<store::Delivery> handed_over() {
    const std::scoped_lock lock{mutex_};
    return handed_over_;
  }
  std::vector<store::MarkDead> buried() {
    const std::scoped_lock lock{mutex_};
    return buried_;
  }

  std::unique_ptr<Bus> bus;

 private:
  std::mutex mutex_;
  std::vector<store::Delivery> handed_over_;  // guarded by mutex_
  std::vector<store::MarkDead> buried_;       // guarded by mutex_
};

}  // namespace ebagent::bus::testing
