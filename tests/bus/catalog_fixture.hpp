#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bus/catalog.hpp"
#include "store/sqlite/sqlite_store.hpp"
#include "support/faulty_store.hpp"
#include "support/manual_clock.hpp"

namespace ebagent::bus::testing {

inline constexpr const char* kOrders = R"({"source":["myapp.orders"]})";
inline constexpr const char* kAgentArn = "arn:aws:lambda:us-west-2:123:function:eventbridge-agent";

inline RuleSpec rule_for(std::string name, std::string pattern = kOrders) {
  return {.name = std::move(name), .event_pattern = std::move(pattern)};
}
inline RuleSpec rule_every(std::string name, std::string expression) {
  return {.name = std::move(name), .schedule_expression = std::move(expression)};
}
inline Target target_to(std::string id, std::string arn = kAgentArn) {
  return {.id = std::move(id), .arn = std::move(arn)};
}

class CatalogFixture : public ::testing::Test {
 protected:
  void open(CatalogSettings settings = {}) { catalog = Catalog::open(store, clock, settings).value(); }
  void SetUp() override { open(); }

  static std::vector<std::string> names(const Page<Rule>& page) {
    std::vector<std::string> all;
    for (const Rule& rule : page.items) all.push_back(rule.name);
    return all;
  }

  const Scope scope{"000000000000", "us-west-2"};
  ebagent::testing::FaultyStore store{store::sqlite::open_memory().value()};
  ebagent::testing::ManualClock clock;
  std::unique_ptr<Catalog> catalog;
};

// Fails with the message when the result is no error of this code.
template <class T>
::testing::AssertionResult refused(const Result<T>& result, ErrorCode code, const std::string& message) {
  if (result) return ::testing::AssertionFailure() << "it was not refused";
  if (result.error().code == code && result.error().message == message) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << "refused with \"" << result.error().message << '"';
}

}  // namespace ebagent::bus::testing
