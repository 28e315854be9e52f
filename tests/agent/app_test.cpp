#include "ebagent/app.hpp"

#include <gtest/gtest.h>

#include <set>

#include "fixtures.hpp"

namespace ebagent::agent {
namespace {

class AppTest : public ::testing::Test {
 protected:
  void answer(const std::string& agent, const std::string& text) {
    app.handler(agent, [text](const Event&, ebagent::Run&) { return text; });
  }

  World world;
  App app = world.new_app();
};

template <class F>
std::string refusal(F set_up) {
  try {
    set_up();
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "not refused";
}

TEST_F(AppTest, GivesAnEventToEveryAgentWhoseRuleMatches) {
  for (const char* name : {"audit", "mail", "stock"}) {
    answer(name, std::string(name) + " did it");
    app.on(kOrders, name);
  }
  answer("other", "not me");
  app.on(R"({"source":["aws.s3"]})", "other");

  const auto response = app.process_event(order_event()).value();

  EXPECT_EQ(response.text, "audit did it\nmail did it\nstock did it");
  EXPECT_EQ(response.runs.size(), 3u);
  EXPECT_EQ(app.rules().size(), 2u) << "one pattern is one rule";
}

TEST_F(AppTest, TellsHighFromLowPriorityByContent) {
  answer("urgent", "at once");
  answer("calm", "later");
  app.on(R"({"detail":{"priority":["high"]}})", "urgent");
  app.on(R"({"detail":{"priority":[{"anything-but":"high"}]}})", "calm");

  EXPECT_EQ(app.process_event(order_event()).value().text, "at once");
}

TEST_F(AppTest, GivesAnEventThatNoRuleMatchesToTheGenericAgent) {
  answer("generic", "noted");

  const auto response = app.process_event(order_event()).value();

  EXPECT_EQ(response.text, "noted");
  EXPECT_TRUE(response.matched);
  EXPECT_TRUE(response.rules.empty());
}

TEST_F(AppTest, SaysThatNoRuleMatches) {
  const auto response = app.process_event(order_event()).value();

  EXPECT_FALSE(response.matched);
  EXPECT_NE(response.text.find("No rule matches this event (source myapp.orders"), std::string::npos);
}

TEST_F(AppTest, RunsAnAgentOnceWhenSeveralOfItsRulesMatch) {
  answer("a", "x");
  app.on(kOrders, "a");
  app.on(R"({"detail":{"items":[3]}})", "a");

  const auto response = app.process_event(order_event()).value();

  EXPECT_EQ(response.runs.size(), 1u);
  EXPECT_EQ(response.rules, (std::vector<std::string>{"a", "a-2"}));
}

TEST_F(AppTest, LeavesADisabledRuleAlone) {
  answer("a", "x");
  app.rule({.name = "r", .pattern = kOrders, .agents = {"a"}, .enabled = false});

  EXPECT_FALSE(app.process_event(order_event()).value().matched);
}

TEST_F(AppTest, RetriesOnlyTheAgentThatFailed) {
  int mails = 0, audits = 0;
  app.handler("audit", [&](const Event&, ebagent::Run&) { ++audits; });
  app.handler("mail", [&](const Event&, ebagent::Run&) -> Result<std::string> {
    if (++mails == 1) return fail(ErrorCode::Unavailable, "mail server is down");
    return std::string("sent");
  });
  app.on(kOrders, "audit").on(kOrders, "mail");

  const auto first = app.process_event(order_event());
  const auto second = app.process_event(order_event());

  EXPECT_EQ(first.error(), (Error{ErrorCode::Unavailable, "Agent mail: mail server is down"}));
  EXPECT_EQ(second.value().text, "sent");
  EXPECT_EQ(audits, 1);
  EXPECT_EQ(mails, 2);
}

TEST_F(AppTest, HandlesTheEventsThatAgentsPutAfterTheRun) {
  app.handler("first", [](const Event&, ebagent::Run& run) {
    (void)run.put_event("myapp.shipping", "Ship", R"({"orderId":"order_123"})");
    return "ordered";
  });
  app.handler("second", [](const Event& event, ebagent::Run&) { return "shipped " + event.detail; });
  app.on(kOrders, "first").on(R"({"source":["myapp.shipping"]})", "second");

  const auto response = app.process_event(order_event()).value();

  EXPECT_EQ(response.text, "ordered");
  ASSERT_EQ(response.runs.size(), 2u);
  EXPECT_EQ(response.runs[1].answer, R"(shipped {"orderId":"order_123"})");
  EXPECT_EQ(response.runs[1].hops, 1);
}

TEST_F(AppTest, GivesAllRunsOfAChainOneTrace) {
  app.handler("first",
              [](const Event&, ebagent::Run& run) { (void)run.put_event("myapp.shipping", "Ship", "{}"); });
  app.handler("second", [](const Event&, ebagent::Run&) {});
  app.on(kOrders, "first").on(R"({"source":["myapp.shipping"]})", "second");

  ASSERT_TRUE(app.process_event(order_event()));
  ASSERT_TRUE(app.process_event_with("first", order_event("another")));

  std::set<std::string> traces;
  const auto runs = app.ports().store->runs({}).value();
  for (const auto& run : runs) traces.insert(run.trace);
  EXPECT_EQ(runs.size(), 4U);
  EXPECT_EQ(traces.size(), 2U) << "one of each chain";
  EXPECT_EQ(traces.begin()->size(), 32U);
}

TEST_F(AppTest, EndsAgentsThatTriggerEachOtherAtTheHopLimit) {
  app.settings({.hop_limit = 4});
  int turns = 0;
  app.handler("ping", [&](const Event&, ebagent::Run& run) -> Result<std::string> {
    ++turns;
    return run.put_event("myapp.orders", "Order Placed", "{}");
  });
  app.on(kOrders, "ping");

  const auto response = app.respond(order_event());

  EXPECT_EQ(turns, 5) << "the event itself and four hops";
  EXPECT_EQ(response.runs.back().error.code, ErrorCode::LimitExceeded);
  EXPECT_TRUE(response.runs.back().permanent);
}

TEST_F(AppTest, EndsAChainThatGrowsExponentially) {
  app.settings({.hop_limit = 1'000'000});
  app.handler("hydra", [&](const Event&, ebagent::Run& run) -> Result<std::string> {
    BOOST_OUTCOME_TRYV(run.put_event("myapp.orders", "Order Placed", "{}"));
    return run.put_event("myapp.orders", "Order Placed", "{}");
  });
  app.on(kOrders, "hydra");

  const auto response = app.respond(order_event());

  EXPECT_LE(response.runs.size(), 1'002u);
  EXPECT_EQ(response.runs.back().error.code, ErrorCode::LimitExceeded);
}

TEST_F(AppTest, ReportsEveryRunToItsObserver) {
  std::vector<std::string> seen;
  app.use({.on_run = [&](const Event& event, const AgentRun& run) {
    seen.push_back(event.id + " " + run.agent);
  }});
  answer("a", "x");
  app.on(kOrders, "a");

  (void)app.process_event(order_event());

  EXPECT_EQ(seen, (std::vector<std::string>{"event-1 a"}));
}

TEST_F(AppTest, TurnsWhatAHandlerThrowsIntoAFailedRun) {
  app.handler("a",
              [](const Event&, ebagent::Run&) -> std::string { throw std::out_of_range("no such item"); });
  app.handler("b", [](const Event&, ebagent::Run&) -> std::string { throw 42; });

  EXPECT_EQ(app.process_event_with("a", order_event()).error().message,
            "Agent a: Agent \"a\" threw: no such item");
  EXPECT_EQ(app.process_event_with("b", order_event()).error().code, ErrorCode::Internal);
  const auto runs = world.store->runs({.agent = "a"}).value();
  EXPECT_EQ(runs.at(0).state, store::RunState::Failed);
}

TEST_F(AppTest, SuggestsTheAgentThatWasMeant) {
  answer("order-processor", "x");

  EXPECT_EQ(app.process_event_with("order-procesor", order_event()).error().message,
            "There is no agent \"order-procesor\". Did you mean \"order-processor\"?");
}

TEST_F(AppTest, RefusesWhatCannotBeMeant) {
  answer("a", "x");
  app.tool("t", "", [] {});

  EXPECT_EQ(refusal([&] { answer("a", "y"); }), "There are two agents named \"a\"; names are unique.");
  EXPECT_EQ(refusal([&] { app.tool("t", "", [] {}); }), "There are two tools named \"t\"; names are unique.");
  EXPECT_EQ(refusal([&] { answer("a b", "y"); }),
            "\"a b\" is no name for an agent: use 1 to 64 letters, digits, _ or -.");
  EXPECT_EQ(refusal([&] { app.agent({.name = "m", .model = "hal:9000"}); }),
            "Agent \"m\": There is no provider \"hal\" of models; there are: anthropic, bedrock, openai.");
  EXPECT_TRUE(refusal([&] { app.on(R"({"source":[]})", "a"); }).starts_with("Rule \"a\": its pattern: "));
  EXPECT_TRUE(
      refusal([&] { app.every("rate(1 fortnight)", "a"); }).starts_with("Rule \"a\": its schedule: "));
  EXPECT_EQ(refusal([&] { app.agent({.name = "z", .limits = {.turns = 0}}); }),
            "Agent \"z\": its limit of turns must be 1 or more.");
  EXPECT_EQ(refusal([&] { app.agent({.name = "p", .playbook = {.calls = {{.name = "s", .tool = "t"}}}}); }),
            "Agent \"p\": playbook entry \"s\" calls tool \"t\", which is not in the agent's tools. There "
            "are none.");
}

TEST_F(AppTest, WantsAPriceForALimitOfCost) {
  AgentSpec spec{.name = "m", .model = "anthropic:claude-x"};
  spec.limits.cost_usd = 0.5;
  app.agent(spec);

  EXPECT_EQ(app.check().error().message,
            "Agent \"m\" has a limit of cost, but its model \"anthropic:claude-x\" has no price: give one "
            "under settings, "
            "prices, or limit its tokens.");
  AppSettings settings;
  settings.prices["*claude-x*"] = {.input = 3, .output = 15};
  app.settings(settings);
  EXPECT_TRUE(app.check());
}

TEST_F(AppTest, FindsNamesThatDoNotExist) {
  answer("mailer", "x");
  EXPECT_TRUE(app.check());
  app.on(kOrders, "mialer");

  EXPECT_EQ(app.check().error().message,
            "Rule \"mialer\" names agent \"mialer\", which does not exist. Did you mean \"mailer\"?");
}

TEST_F(AppTest, KeepsSchedulesForWhoeverKeepsTheTime) {
  answer("report", "x");
  app.every("rate(1 hour)", "report").every("cron(0 9 * * ? *)", "report");

  ASSERT_EQ(app.rules().size(), 2u);
  EXPECT_EQ(app.rules()[0].schedule, "rate(1 hour)");
  EXPECT_EQ(app.rules()[1].name, "report-2");
}

TEST(App, WorksOutOfTheBoxWithAStoreInMemory) {
  App app;
  int steps = 0;
  app.handler("a", [&](const Event&, ebagent::Run& run) { run.step("s", [&] { ++steps; }); });
  app.on(kOrders, "a");

  EXPECT_TRUE(app.process_event(order_event()));
  EXPECT_TRUE(app.process_event(order_event()));

  EXPECT_EQ(steps, 1);
}

}  // namespace
}  // namespace ebagent::agent
