#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "store/sqlite/sqlite_store.hpp"
#include "store/store.hpp"
#include "support/manual_clock.hpp"
#include "support/temporary_folder.hpp"

namespace ebagent::store {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

// The value of a Result, or a failed test that shows the error.
template <class T>
T value_of(Result<T> result) {
  if (!result) {
    ADD_FAILURE() << result.error().message;
    throw std::runtime_error(result.error().message);
  }
  return std::move(result).value();
}

inline std::unique_ptr<Store> open_at(const std::filesystem::path& data_dir, sqlite::Options options = {}) {
  return value_of(sqlite::open(data_dir, options));
}

inline TimePoint start_time() {
  return testing::ManualClock{}.now();
}

inline Route route_named(std::string target_id) {
  return {.bus = "default",
          .rule_arn = "arn:aws:events:us-west-2:123456789012:rule/orders",
          .target_id = std::move(target_id),
          .target_arn = "arn:aws:lambda:us-west-2:123456789012:function:order-processor",
          .target_json = R"({"Id":"1"})",
          .max_attempts = 3,
          .max_age = hours{1},
          .dead_letter_arn = "arn:aws:sqs:us-west-2:123456789012:dead"};
}

// An event for the given routes, one delivery each.
inline AcceptEvent event_to(std::string id, const std::vector<std::shared_ptr<const Route>>& routes,
                            TimePoint accepted = start_time()) {
  AcceptEvent event{.id = std::move(id), .bus = "default", .accepted = accepted};
  event.json = std::make_shared<const std::string>(R"({"id":")" + event.id + R"("})");
  for (const auto& route : routes) event.to.push_back({.route = route, .input = std::nullopt});
  return event;
}

inline Run run_of(std::string id, std::string key) {
  return {.id = std::move(id),
          .key = std::move(key),
          .agent = "order-processor",
          .event_id = "event-1",
          .event = R"({"id":"event-1"})",
          .input_hash = "abc",
          .started = start_time(),
          .expires = start_time() + hours{1}};
}

inline std::vector<std::string> ids_of(const std::vector<Delivery>& deliveries) {
  std::vector<std::string> ids;
  for (const Delivery& delivery : deliveries) ids.push_back(delivery.event_id);
  return ids;
}

// Runs every test of it against a file and in memory: both are the same code and must behave alike.
class EachStore : public ::testing::TestWithParam<const char*> {
 protected:
  std::unique_ptr<Store> open(sqlite::Options options = {}) {
    if (std::string{GetParam()} == "memory") return value_of(sqlite::open_memory(options));
    return open_at(folder_.path(), options);
  }

  testing::TemporaryFolder folder_;
};

inline const auto each_store = ::testing::Values("file", "memory");
inline const auto kind_of = [](const ::testing::TestParamInfo<const char*>& kind) {
  return std::string{kind.param};
};

}  // namespace ebagent::store
