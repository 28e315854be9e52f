#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "store/sqlite/sqlite_store.hpp"
#include "store/store.hpp"

namespace ebagent::delivery::testing {

inline constexpr const char* kAgentArn = "arn:aws:lambda:us-east-1:000000000000:function:agent";

inline store::Route route_to(std::string target_arn, std::string target_id = "1") {
  return {.bus = "default",
          .rule_arn = "arn:aws:events:us-east-1:000000000000:rule/orders",
          .target_id = std::move(target_id),
          .target_arn = std::move(target_arn),
          .target_json = "{}"};
}

// A delivery that no store knows of.
inline store::Delivery delivery_to(std::string target_arn, std::int64_t seq = 1, std::string text = "{}") {
  return {.seq = seq,
          .event_id = "event-" + std::to_string(seq),
          .event = std::make_shared<const std::string>(std::move(text)),
          .input = std::nullopt,
          .route = std::make_shared<const store::Route>(route_to(std::move(target_arn))),
          .attempts = 0,
          .hops = 0,
          .accepted = TimePoint{},
          .due = TimePoint{}};
}

inline std::unique_ptr<store::Store> memory_store() {
  return store::sqlite::open_memory().value();
}

// Accepts one event for the routes and returns its deliveries, leased.
inline std::vector<store::Delivery> accept(store::Store& store, const std::string& id, TimePoint now,
                                           const std::vector<store::Route>& routes) {
  store::AcceptEvent event{.id = id,
                           .bus = "default",
                           .json = std::make_shared<const std::string>(R"({"id":")" + id + "\"}"),
                           .accepted = now};
  for (const store::Route& route : routes) event.to.push_back({store.put_route(route).value(), std::nullopt});
  store::Transaction writes;
  writes.emplace_back(std::move(event));
  return store.commit_and_wait(std::move(writes)).value().deliveries;
}

}  // namespace ebagent::delivery::testing
