#include <atomic>
#include <thread>

#include "bus/bus_fixture.hpp"

namespace ebagent::bus {
namespace {

using testing::rule_for;
using testing::target_to;

class CatalogConcurrencyTest : public testing::BusFixture {
 protected:
  // Puts events from two threads while `change` runs `times` times, and returns how many were put.
  template <class Change>
  int put_while(int times, Change change) {
    std::atomic<bool> done{false};
    std::atomic<int> put_events{0};
    std::vector<std::thread> putting;
    for (int t = 0; t < 2; ++t) {
      putting.emplace_back([&, t] {
        for (int i = 0; !done || i == 0; ++i) {
          const Event event = order("event-" + std::to_string(t) + "-" + std::to_string(i));
          if (put(event)) ++put_events;
        }
      });
    }
    for (int i = 0; i < times; ++i) change(i);
    done = true;
    for (auto& thread : putting) thread.join();
    return put_events;
  }
};

TEST_F(CatalogConcurrencyTest, MatchesARuleOncePerEventWhileItsPatternIsReplaced) {
  rule_with("r", {target_to("1")});
  const std::string other = R"({"source":[{"prefix":"myapp."}]})";

  const int put_events = put_while(200, [&](int i) {
    ASSERT_TRUE(catalog->put_rule(scope, rule_for("r", i % 2 == 0 ? other : testing::kOrders)));
  });

  EXPECT_EQ(handed_over().size(), static_cast<std::size_t>(put_events));
}

TEST_F(CatalogConcurrencyTest, SeesATargetChangeWhollyOrNotAtAll) {
  rule_with("r", {target_to("1")});

  const int put_events = put_while(100, [&](int i) {
    if (i % 2 == 0) {
      ASSERT_TRUE(catalog->put_targets(scope, "default", "r", {target_to("2"), target_to("3")}));
    } else {
      ASSERT_TRUE(catalog->remove_targets(scope, "default", "r", {"2", "3"}));
    }
  });

  std::map<std::string, int> deliveries_of;
  for (const auto& delivery : handed_over()) ++deliveries_of[delivery.event_id];
  EXPECT_EQ(deliveries_of.size(), static_cast<std::size_t>(put_events));
  for (const auto& [event, deliveries] : deliveries_of)
    EXPECT_TRUE(deliveries == 1 || deliveries == 3) << event;
}

TEST_F(CatalogConcurrencyTest, TakesChangesReadsAndEventsFromManyThreads) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      const std::string name = "rule-" + std::to_string(t);
      for (int i = 0; i < 25; ++i) {
        EXPECT_TRUE(catalog->put_rule(scope, rule_for(name)));
        EXPECT_TRUE(catalog->put_targets(scope, "default", name, {target_to("1")}));
        EXPECT_TRUE(put(order("event-" + std::to_string(t) + "-" + std::to_string(i))));
        EXPECT_TRUE(catalog->list_rules(scope, "default", ""));
        EXPECT_TRUE(catalog->describe_rule(scope, "default", name));
        EXPECT_TRUE(catalog->remove_targets(scope, "default", name, {"1"}));
        EXPECT_TRUE(catalog->delete_rule(scope, "default", name));
      }
    });
  }
  for (auto& thread : threads) thread.join();

  EXPECT_TRUE(catalog->list_rules(scope, "default", "").value().items.empty());
  EXPECT_GE(handed_over().size(), 100U);
}

}  // namespace
}  // namespace ebagent::bus
