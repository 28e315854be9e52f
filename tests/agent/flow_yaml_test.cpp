#include <gtest/gtest.h>

#include "fixtures.hpp"

namespace ebagent::agent {
namespace {

using namespace std::chrono_literals;

std::string agent_with(const std::string& flow) {
  return "agents:\n  - name: a\n    respond: done\n    flow:\n" + flow;
}

FlowControl loaded(const std::string& flow) {
  App app = World{}.new_app();
  const auto result = app.load_text(agent_with(flow));
  EXPECT_TRUE(result) << (result ? "" : result.error().message);
  return result ? app.spec("a")->flow : FlowControl{};
}

std::string refusal(const std::string& flow) {
  App app = World{}.new_app();
  const auto result = app.load_text(agent_with(flow));
  EXPECT_FALSE(result) << flow;
  return result ? "" : result.error().message;
}

TEST(FlowYaml, ReadsEveryMechanism) {
  const auto flow = loaded(R"(
      concurrency: {limit: 2, key: $.detail.user}
      throttle: {limit: 10, period: 1m, burst: 5, key: $.detail.a}
      rate_limit: {limit: 1, period: 4h}
      debounce: {period: 30s, longest_wait: 10m}
      singleton: {mode: cancel_previous, key: $.detail.b}
      cancel_on:
        - pattern: {detail-type: [Order Cancelled]}
          match: $.detail.order
)");

  EXPECT_EQ(flow.concurrency->limit, 2);
  EXPECT_EQ(flow.concurrency->key, "$.detail.user");
  EXPECT_EQ(flow.throttle->period, 1min);
  EXPECT_EQ(flow.throttle->burst, 5);
  EXPECT_EQ(flow.rate_limit->period, 4h);
  EXPECT_EQ(flow.debounce->period, 30s);
  EXPECT_EQ(flow.debounce->longest_wait, 10min);
  EXPECT_EQ(flow.singleton->mode, Singleton::Mode::CancelPrevious);
  ASSERT_EQ(flow.cancel_on.size(), 1U);
  EXPECT_EQ(flow.cancel_on[0].pattern, R"({"detail-type":["Order Cancelled"]})");
  EXPECT_EQ(flow.cancel_on[0].match, "$.detail.order");
  const auto batch = loaded("      batch: {size: 100, longest_wait: 1500ms}\n").batch;
  EXPECT_EQ(batch->size, 100);
  EXPECT_EQ(batch->longest_wait, 1500ms);
  EXPECT_TRUE(loaded("      {}\n").is_used() == false);
}

TEST(FlowYaml, SaysWhereSomethingIsWrongAndWhatToWrite) {
  EXPECT_EQ(refusal("      trottle: {limit: 1}\n"),
            "agents.yaml:5:7: \"trottle\" is unknown in flow. Did you mean \"throttle\"?");
  EXPECT_EQ(refusal("      throttle: {limit: 0, period: 1s}\n"),
            "agents.yaml:5:25: \"limit\" must be from 1 to 1000000.");
  EXPECT_EQ(refusal("      throttle: {limit: 1}\n"), "agents.yaml:5:17: \"period\" is missing.");
  EXPECT_EQ(refusal("      rate_limit: {limit: 1, period: 4 hours}\n"),
            "agents.yaml:5:38: \"period\" must be a duration of at most 366 days with its unit: 250ms, 10s, "
            "5m, 1h or 2d.");
  EXPECT_EQ(refusal("      rate_limit: {limit: 1, period: 32d}\n"),
            "agents.yaml:5:38: \"period\" must be at most 31 days.");
  EXPECT_EQ(refusal("      debounce: {period: 10s, longest_wait: 5s}\n"),
            "agents.yaml:5:45: \"longest_wait\" must not be shorter than the period.");
  EXPECT_EQ(refusal("      singleton: {mode: queue}\n"),
            "agents.yaml:5:25: \"mode\" is either skip or cancel_previous.");
  EXPECT_NE(refusal("      singleton: {key: detail.a}\n").find("agents.yaml:5:24: \"key\": "),
            std::string::npos);
  EXPECT_NE(
      refusal("      cancel_on: [{pattern: {a: 1}}]\n").find("agents.yaml:5:29: The pattern of cancel_on: "),
      std::string::npos)
      << refusal("      cancel_on: [{pattern: {a: 1}}]\n");
  EXPECT_EQ(refusal("      batch: {size: 2, longest_wait: 1s}\n      singleton: {}\n"),
            "agents.yaml:5:7: flow: batch and singleton cannot be combined; use concurrency with limit 1.");
}

TEST(FlowYaml, ARuleMayNotHaveTheNameOfTheOneThatCancels) {
  App app = World{}.new_app();
  ASSERT_TRUE(app.load_text(agent_with("      cancel_on: [{pattern: {source: [x]}}]\n") +
                            "rules:\n  - {name: a-cancel-1, pattern: {source: [y]}, agents: [a]}\n"));

  const auto checked = app.check();

  ASSERT_FALSE(checked);
  EXPECT_NE(checked.error().message.find("\"a-cancel-1\""), std::string::npos);
}

}  // namespace
}  // namespace ebagent::agent
