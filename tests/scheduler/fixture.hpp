#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "core/json.hpp"
#include "core/time_format.hpp"
#include "scheduler/schedule_runner.hpp"
#include "scheduler/schedules.hpp"
#include "scheduler/zones.hpp"
#include "store/sqlite/sqlite_store.hpp"
#include "support/faulty_store.hpp"
#include "support/fixed_random.hpp"
#include "support/manual_clock.hpp"

namespace ebagent::scheduler::testing {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

template <class T>
T value_of(Result<T> result) {
  if (!result) {
    ADD_FAILURE() << result.error().message;
    throw std::runtime_error(result.error().message);
  }
  return std::move(result).value();
}
inline void value_of(Result<void> result) {
  if (!result) ADD_FAILURE() << result.error().message;
}

inline TimePoint at(std::string_view text) {
  return core::parse_rfc3339(text).value();
}

// A target of the shape that the API takes.
inline boost::json::object target(const std::string& members = "") {
  return core::parse_json(
             R"({"Arn":"arn:aws:lambda:us-west-2:123456789012:function:agent","RoleArn":"arn:aws:iam::123456789012:role/r")" +
             members + "}")
      .value()
      .get_object();
}

inline Schedule schedule(std::string name, std::string expression) {
  return {.scope = {"123456789012", "us-west-2"},
          .name = std::move(name),
          .expression = std::move(expression),
          .target = target()};
}

// Schedules with their runner over a store in memory, and a clock that stands at 2026-01-26T16:00:00Z.
class SchedulerFixture : public ::testing::Test {
 protected:
  SchedulerFixture() { start({}); }

  // The same store behind a new runner, as after a restart.
  void start(ScheduleRunner::Settings settings) {
    schedules.reset();
    runner = std::make_unique<ScheduleRunner>(
        store, zones, clock, random,
        [this](std::vector<store::Delivery> made) {
          for (auto& delivery : made) deliveries.push_back(std::move(delivery));
        },
        [this](const Error& error) { errors.push_back(error); }, settings);
    schedules = value_of(Schedules::open(store, clock, random, zones, *runner));
  }

  std::string create(Schedule made) { return value_of(schedules->create(std::move(made))); }
  Schedule get(const std::string& name) {
    return value_of(schedules->get({"123456789012", "us-west-2"}, kDefaultGroup, name));
  }
  bool exists(const std::string& name) {
    return schedules->get({"123456789012", "us-west-2"}, kDefaultGroup, name).has_value();
  }
  // Fires what is due and returns the times of it as they were meant, in the order of the deliveries.
  std::vector<std::string> tick() {
    deliveries.clear();
    value_of(runner->tick(clock.now()));
    std::vector<std::string> times;
    for (const auto& delivery : deliveries) {
      times.push_back(core::text_member(core::parse_json(*delivery.event).value().get_object(), "time"));
    }
    return times;
  }

  ::ebagent::testing::ManualClock clock;
  ::ebagent::testing::FixedRandom random;
  std::shared_ptr<store::Store> memory = value_of(store::sqlite::open_memory());
  ::ebagent::testing::FaultyStore store{memory};
  Zones zones;
  std::vector<store::Delivery> deliveries;
  std::vector<Error> errors;
  std::unique_ptr<ScheduleRunner> runner;
  std::unique_ptr<Schedules> schedules;
};

using Times = std::vector<std::string>;

}  // namespace ebagent::scheduler::testing
