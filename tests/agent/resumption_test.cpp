#include <gtest/gtest.h>

#include <map>
#include <set>

#include "dying_store.hpp"
#include "fixtures.hpp"

namespace ebagent::agent {
namespace {

constexpr int kMostCommits =
    12;  // more than any run below makes; every boundary up to here is a place to crash
constexpr int kMostAttempts = 3;

// What really happened in the world outside, across crashes.
struct Outside {
  std::map<std::string, int> calls;
  std::map<std::string, std::set<std::string>> keys;
  std::map<std::string, int> calls_after_completion;
  std::set<std::string> completed;

  void call(const std::string& step, const std::string& key) {
    ++calls[step];
    keys[step].insert(key);
    if (completed.contains(step)) ++calls_after_completion[step];
  }
};

// A handler with a step of each effect; a step is completed when the handler got its result.
void add_handler(App& app, Outside& outside) {
  app.handler("orders", [&outside](const Event&, ebagent::Run& run) -> std::string {
    std::string answer;
    const auto step = [&](const std::string& name, Effect effect) {
      answer += run.step(name,
                         [&](const ToolContext& call) {
                           outside.call(name, call.idempotency_key());
                           return name + " done. ";
                         },
                         {.effect = effect});
      outside.completed.insert(name);
    };
    step("look", Effect::Read);
    step("reserve", Effect::Idempotent);
    step("charge", Effect::Once);
    step("record", Effect::Idempotent);
    return answer;
  });
}

// The same as a playbook, whose tools have the effects.
void add_playbook(App& app, Outside& outside) {
  AgentSpec spec{.name = "orders", .tools = {"look", "reserve", "charge", "record"}};
  const std::vector<std::pair<std::string, Effect>> tools = {{"look", Effect::Read},
                                                             {"reserve", Effect::Idempotent},
                                                             {"charge", Effect::Once},
                                                             {"record", Effect::Idempotent}};
  for (const auto& [name, effect] : tools) {
    app.tool(name, "",
             [&outside](const ToolContext& call) {
               outside.call(call.step(), call.idempotency_key());
               return "ok";
             },
             {.effect = effect});
    spec.playbook.calls.push_back({.name = name, .tool = name});
  }
  spec.playbook.respond.push_back({"", "look done. reserve done. charge done. record done. "});
  app.agent(std::move(spec));
}

struct Case {
  const char* name;
  void (*add)(App&, Outside&);
  Crash crash;
};

class ResumptionTest : public ::testing::TestWithParam<Case> {};

TEST_P(ResumptionTest, KeepsEveryEffectsPromiseWhereverTheProcessDies) {
  int crashes = 0, unknown = 0;
  for (int commits = 0; commits < kMostCommits; ++commits) {
    SCOPED_TRACE("dies at commit " + std::to_string(commits));
    World world;
    Outside outside;
    auto dying = std::make_shared<DyingStore>(world.store, commits, GetParam().crash);
    App first = world.new_app_on(dying);
    GetParam().add(first, outside);

    const auto before = first.process_event_with("orders", order_event());
    ASSERT_EQ(before.has_value(), !dying->has_crashed());
    crashes += dying->has_crashed() ? 1 : 0;
    const bool was_charged = outside.calls["charge"] > 0;
    AgentRun last;
    for (int attempt = 0; attempt < kMostAttempts; ++attempt) {
      App next = world.new_app();
      GetParam().add(next, outside);
      last = next.respond_with("orders", order_event()).runs.at(0);
      if (last.state == AgentRunState::Succeeded || last.permanent) break;
    }

    if (last.state == AgentRunState::Succeeded) {
      EXPECT_EQ(last.answer, "look done. reserve done. charge done. record done. ");
      EXPECT_EQ(outside.calls["charge"], 1);
      EXPECT_GE(outside.calls["record"], 1);
    } else {
      ++unknown;
      EXPECT_TRUE(last.permanent);
      EXPECT_NE(last.error.message.find("outcome of step \"charge\" is unknown"), std::string::npos)
          << last.error.message;
      EXPECT_EQ(outside.calls["charge"], was_charged ? 1 : 0);
      EXPECT_EQ(outside.calls["record"], 0);
    }
    for (const auto& [step, keys] : outside.keys) {
      if (step == "look") continue;
      EXPECT_EQ(keys.size(), 1u) << step << " was called with more than one idempotency key";
    }
    EXPECT_TRUE(outside.calls_after_completion.empty()) << "a completed step was done again";
  }
  EXPECT_GE(crashes, 7) << "the run made fewer commits than it must";
  EXPECT_GE(unknown, 1) << "no crash fell into the step that may happen only once";
  EXPECT_LE(unknown, 2);
}

INSTANTIATE_TEST_SUITE_P(Everywhere, ResumptionTest,
                         ::testing::Values(Case{"HandlerCommitLost", add_handler, Crash::BeforeWrite},
                                           Case{"HandlerCommitKept", add_handler, Crash::AfterWrite},
                                           Case{"PlaybookCommitLost", add_playbook, Crash::BeforeWrite},
                                           Case{"PlaybookCommitKept", add_playbook, Crash::AfterWrite}),
                         [](const auto& instance) { return instance.param.name; });

TEST(Resumption, DoesNothingWhoseIntentCouldNotBeWritten) {
  World world;
  Outside outside;
  App app = world.new_app_on(std::make_shared<DyingStore>(world.store, 0, Crash::BeforeWrite));
  app.handler(
      "a", [&](const Event&, ebagent::Run& run) { run.step("charge", [&] { outside.call("charge", ""); }); });

  const auto response = app.process_event_with("a", order_event());

  EXPECT_EQ(response.error().code, ErrorCode::Unavailable);
  EXPECT_EQ(outside.calls["charge"], 0);
}

TEST(Resumption, DoesNotCountARunAsDoneWhenItsHandlerSwallowedTheBrokenJournal) {
  World world;
  App app = world.new_app_on(std::make_shared<DyingStore>(world.store, 0, Crash::BeforeWrite));
  app.handler("a", [&](const Event&, ebagent::Run& run) -> std::string {
    try {
      run.step("charge", [] {});
    } catch (...) {
    }
    return "all fine";
  });

  EXPECT_EQ(app.process_event_with("a", order_event()).error().code, ErrorCode::Unavailable);
}

TEST(Resumption, ReadsCompletedStepsBackAndRepeatsOnlyWhatFailed) {
  World world;
  App app = world.new_app();
  int validated = 0, charged = 0;
  bool is_down = true;
  app.handler("orders", [&](const Event&, ebagent::Run& run) -> std::string {
    const int total = run.step("validate", [&] { return ++validated * 10; });
    run.step("charge", [&] {
      ++charged;
      if (is_down) throw std::runtime_error("the bank is closed");
    });
    return "total " + std::to_string(total) + ", attempt " + std::to_string(run.attempts());
  });

  const auto first = app.process_event_with("orders", order_event());
  is_down = false;
  const auto second = app.process_event_with("orders", order_event());

  EXPECT_EQ(first.error().message, "Agent orders: Step \"charge\" threw: the bank is closed");
  EXPECT_EQ(second.value().text, "total 10, attempt 2");
  EXPECT_EQ(validated, 1);
  EXPECT_EQ(charged, 2);
}

TEST(Resumption, RemembersAFailureThatTheHandlerActedOn) {
  World world;
  App app = world.new_app();
  int asked = 0, ran_last = 0;
  app.handler("orders", [&](const Event&, ebagent::Run& run) -> std::string {
    std::string how = "by card";
    try {
      run.step("charge card", [&] {
        ++asked;
        throw std::runtime_error("declined");
      });
    } catch (const StepFailed&) {
      how = run.step("charge account", [] { return "by account"; });
    }
    run.step("ship", [&] {
      if (++ran_last == 1) throw std::runtime_error("no truck");
    });
    return how;
  });

  EXPECT_FALSE(app.process_event_with("orders", order_event()));
  const auto second = app.process_event_with("orders", order_event());

  EXPECT_EQ(second.value().text, "by account");
  EXPECT_EQ(asked, 1);
}

TEST(Resumption, TakesATimeOutOfAStepDoneOnceForAnUnknownOutcome) {
  World world;
  App app = world.new_app();
  int charged = 0;
  app.handler("orders", [&](const Event&, ebagent::Run& run) {
    (void)run.step("charge", [&]() -> Result<int> {
      ++charged;
      return fail(ErrorCode::TimedOut, "no answer after 30 s");
    });
  });

  const auto first = app.respond_with("orders", order_event()).runs.at(0);
  const auto second = app.respond_with("orders", order_event()).runs.at(0);

  EXPECT_TRUE(first.permanent);
  EXPECT_TRUE(second.permanent);
  EXPECT_EQ(charged, 1);
}

}  // namespace
}  // namespace ebagent::agent
