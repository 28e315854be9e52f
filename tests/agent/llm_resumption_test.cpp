#include <gtest/gtest.h>

#include <map>
#include <mutex>
#include <set>

#include "dying_store.hpp"
#include "fixtures.hpp"
#include "llm_fixture.hpp"

// An agent that a model drives, killed at every commit: before its transaction is on disk and after.
namespace ebagent::agent {
namespace {

constexpr int kMostCommits = 16;
constexpr int kMostAttempts = 3;

// What really happened in the world outside, across crashes.
struct Outside {
  std::mutex mutex;
  std::map<std::string, int> calls;
  std::map<std::string, std::set<std::string>> keys;

  void call(const ToolContext& context) {
    const std::scoped_lock lock{mutex};
    ++calls[context.step()];
    keys[context.step()].insert(context.idempotency_key());
  }
};

// Turn 1: a read and an idempotent call side by side; turn 2: one that may happen once, and a read; then the answer, which
// repeats what the model was told.
std::shared_ptr<ScriptedModel> model() {
  return std::make_shared<ScriptedModel>([](const Conversation& so_far) -> Result<Turn> {
    if (so_far.exchanges.empty()) {
      return Turn{.calls = {tool_call("", "look"), tool_call("", "reserve")}, .end = TurnEnd::ToolCalls};
    }
    if (so_far.exchanges.size() == 1) {
      return Turn{.calls = {tool_call("", "charge"), tool_call("", "look", {{"n", 2}})},
                  .end = TurnEnd::ToolCalls};
    }
    return Turn{.text = told(so_far.exchanges[0]) + " / " + told(so_far.exchanges[1])};
  });
}

void set_up(App& app, Outside& outside, std::shared_ptr<const Model> with) {
  const std::vector<std::pair<std::string, Effect>> tools = {
      {"look", Effect::Read}, {"reserve", Effect::Idempotent}, {"charge", Effect::Once}};
  for (const auto& [name, effect] : tools) {
    app.tool(Tool(name, "", boost::json::object{},
                  [&outside, name = name](const boost::json::value&,
                                          const ToolContext& context) -> Result<boost::json::value> {
                    outside.call(context);
                    return boost::json::value(name + " ok");
                  },
                  {.effect = effect}));
  }
  app.model("scripted", std::move(with));
  app.agent({.name = "orders", .model = "scripted", .tools = {"look", "reserve", "charge"}});
}

class LlmResumption : public ::testing::TestWithParam<Crash> {};

TEST_P(LlmResumption, KeepsEveryPromiseWhereverTheProcessDies) {
  int crashes = 0, told_unknown = 0;
  for (int commits = 0; commits < kMostCommits; ++commits) {
    SCOPED_TRACE("dies at commit " + std::to_string(commits));
    World world;
    Outside outside;
    const auto scripted = model();
    auto dying = std::make_shared<DyingStore>(world.store, commits, GetParam());
    {
      App first = world.new_app_on(dying);
      set_up(first, outside, scripted);
      const auto before = first.process_event_with("orders", order_event());
      ASSERT_EQ(before.has_value(), !dying->has_crashed());
    }
    crashes += dying->has_crashed() ? 1 : 0;
    const int charged_before = outside.calls["charge"];
    std::set<std::string> completed;
    std::map<std::string, int> calls_before;
    int turns_on_record = 0;
    if (const auto runs = world.store->runs({}).value(); !runs.empty()) {
      const auto steps = world.store->steps(runs[0].id).value();
      for (const auto& step : steps) {
        if (step.state != store::StepState::Succeeded) continue;
        if (step.kind == "model") ++turns_on_record;
        if (step.kind != "tool") continue;
        completed.insert(step.name);
        calls_before[step.name] = outside.calls[step.name];
      }
    }
    const int turns_before = scripted->turns;

    AgentRun last;
    for (int attempt = 0; attempt < kMostAttempts; ++attempt) {
      App next = world.new_app();
      set_up(next, outside, scripted);
      last = next.respond_with("orders", order_event()).runs.at(0);
      if (last.state == AgentRunState::Succeeded || last.permanent) break;
    }

    ASSERT_EQ(last.state, AgentRunState::Succeeded) << last.error.message;
    EXPECT_TRUE(last.answer.starts_with("\"look ok\" | \"reserve ok\" / ")) << last.answer;
    if (last.answer.ends_with("/ \"charge ok\" | \"look ok\"")) {
      EXPECT_EQ(outside.calls["charge"], 1);
    } else {
      ++told_unknown;
      EXPECT_NE(last.answer.find("error: The outcome of step \"charge\" is unknown"), std::string::npos)
          << last.answer;
      EXPECT_EQ(outside.calls["charge"], charged_before) << "called although it may have happened";
      EXPECT_LE(outside.calls["charge"], 1);
    }
    for (const std::string& step : completed) {
      EXPECT_EQ(outside.calls[step], calls_before[step]) << step << " was done again";
    }
    EXPECT_EQ(scripted->turns - turns_before, last.repeated ? 0 : 3 - turns_on_record)
        << "a turn was paid for twice";
    for (const auto& [step, keys] : outside.keys) {
      if (step.starts_with("look")) continue;
      EXPECT_EQ(keys.size(), 1U) << step << " was called with more than one idempotency key";
    }
  }
  EXPECT_GE(crashes, 9) << "the run made fewer commits than it must";
  EXPECT_GE(told_unknown, 1) << "no crash fell into the step that may happen only once";
}

INSTANTIATE_TEST_SUITE_P(Everywhere, LlmResumption, ::testing::Values(Crash::BeforeWrite, Crash::AfterWrite),
                         [](const auto& instance) {
                           return instance.param == Crash::BeforeWrite ? "CommitLost" : "CommitKept";
                         });

TEST(LlmRun, MakesTheCallsOfATurnSideBySideAndKeepsTheirOrder) {
  World world;
  App app = world.new_app();
  std::mutex mutex;
  std::condition_variable all_there;
  int there = 0;
  app.tool(Tool("meet", "", boost::json::object{},
                [&](const boost::json::value& input, const ToolContext&) -> Result<boost::json::value> {
                  std::unique_lock lock{mutex};
                  ++there;
                  all_there.notify_all();
                  // None of them goes on before all have come: they only can when they run side by side.
                  if (!all_there.wait_for(lock, std::chrono::seconds(20), [&] { return there == 3; }))
                    return fail(ErrorCode::TimedOut, "the others did not come");
                  return input;
                },
                {.effect = Effect::Read}));
  app.model("scripted", std::make_shared<ScriptedModel>([](const Conversation& so_far) -> Result<Turn> {
              if (!so_far.exchanges.empty()) return Turn{.text = told(so_far.exchanges[0])};
              return Turn{.calls = {tool_call("", "meet", {{"n", 1}}), tool_call("", "meet", {{"n", 2}}),
                                    tool_call("", "meet", {{"n", 3}})},
                          .end = TurnEnd::ToolCalls};
            }));
  app.agent({.name = "a", .model = "scripted", .tools = {"meet"}});

  EXPECT_EQ(app.process_event_with("a", order_event()).value().text, R"({"n":1} | {"n":2} | {"n":3})");
}

TEST(LlmRun, GoesOnWithoutAToolThatTakesTooLong) {
  World world;
  App app = world.new_app();
  std::mutex mutex;
  std::condition_variable may_end;
  bool is_over = false;
  const auto hang = [&](Effect effect, std::string name) {
    app.tool(Tool(std::move(name), "", boost::json::object{},
                  [&](const boost::json::value&, const ToolContext&) -> Result<boost::json::value> {
                    std::unique_lock lock{mutex};
                    may_end.wait(lock, [&] { return is_over; });
                    return boost::json::value("late");
                  },
                  {.effect = effect, .timeout = std::chrono::milliseconds(20)}));
  };
  hang(Effect::Read, "look");
  hang(Effect::Once, "charge");
  app.model(
      "scripted", std::make_shared<ScriptedModel>([](const Conversation& so_far) -> Result<Turn> {
        if (!so_far.exchanges.empty()) return Turn{.text = told(so_far.exchanges[0])};
        return Turn{.calls = {tool_call("", "look"), tool_call("", "charge")}, .end = TurnEnd::ToolCalls};
      }));
  app.agent({.name = "a", .model = "scripted", .tools = {"look", "charge"}});

  const std::string answer = app.process_event_with("a", order_event()).value().text;
  {
    const std::scoped_lock lock{mutex};
    is_over = true;
  }
  may_end.notify_all();

  EXPECT_TRUE(answer.starts_with(
      "error: it took longer than it may (20 ms) | error: The outcome of step \"charge\" is unknown"))
      << answer;
}

TEST(LlmRun, HasAnotherAgentAsATool) {
  World world;
  App app = world.new_app();
  int diagnosed = 0;
  app.model("expert", std::make_shared<ScriptedModel>([&](const Conversation& so_far) -> Result<Turn> {
              ++diagnosed;
              return Turn{.text = "It is the disk. I was asked: " +
                                  std::string(so_far.event.detail_object().at("task").as_string())};
            }));
  app.model("boss", std::make_shared<ScriptedModel>([](const Conversation& so_far) -> Result<Turn> {
              if (!so_far.exchanges.empty()) return Turn{.text = told(so_far.exchanges[0])};
              return call("", "agent_diagnoser", {{"task", "What is wrong?"}});
            }));
  app.agent({.name = "diagnoser", .description = "Finds causes.", .model = "expert"});
  app.agent({.name = "responder", .model = "boss", .tools = {"agent:diagnoser"}});
  ASSERT_TRUE(app.check());

  const auto response = app.process_event_with("responder", order_event());

  EXPECT_EQ(response.value().text, "\"It is the disk. I was asked: What is wrong?\"");
  EXPECT_EQ(diagnosed, 1);
  const auto runs = world.store->runs({}).value();
  ASSERT_EQ(runs.size(), 2U);
  EXPECT_EQ(runs[0].trace, runs[1].trace);
  EXPECT_EQ(runs[0].agent, "diagnoser");
  EXPECT_EQ(runs[0].hops, 1);
}

TEST(LlmRun, AsksTheHooksBeforeAndAfterEachTurnAndCall) {
  World world;
  App app = world.new_app();
  std::mutex mutex;
  std::vector<std::string> seen;
  const auto note = [&](std::string what) {
    const std::scoped_lock lock{mutex};
    seen.push_back(std::move(what));
  };
  app.hooks({.before_turn = [&](const HookContext& at, const Conversation&) -> Result<void> {
               note("before " + at.step);
               return success();
             },
             .after_turn = [&](const HookContext& at, const Turn&) { note("after " + at.step); },
             .before_call = [&](const HookContext& at, const Tool& tool,
                                const boost::json::value&) -> Result<void> {
               note("before " + at.step);
               if (tool.name() == "rm") return fail(ErrorCode::Denied, "not on a Friday");
               return success();
             },
             .after_call = [&](const HookContext& at, const Tool&,
                               const Result<boost::json::value>&) { note("after " + at.step); }});
  int removed = 0;
  app.tool("rm", "", [&] { ++removed; });
  app.tool("ls", "", [] { return "a"; }, {.effect = Effect::Read});
  app.model("scripted", std::make_shared<ScriptedModel>([](const Conversation& so_far) -> Result<Turn> {
              if (so_far.exchanges.empty()) return call("", "ls");
              if (so_far.exchanges.size() == 1) return call("", "rm");
              return Turn{.text = told(so_far.exchanges[1])};
            }));
  app.agent({.name = "a", .model = "scripted", .tools = {"ls", "rm"}});

  EXPECT_EQ(app.process_event_with("a", order_event()).value().text,
            "error: The call was denied: not on a Friday");
  EXPECT_EQ(removed, 0);
  EXPECT_EQ(seen, (std::vector<std::string>{"before turn 1", "after turn 1", "before ls", "after ls",
                                            "before turn 2", "after turn 2", "before rm", "before turn 3",
                                            "after turn 3"}));
}

TEST(LlmRun, TakesAPolicyThatThrowsForANo) {
  World world;
  App app = world.new_app();
  app.hooks({.before_call = [](const HookContext&, const Tool&, const boost::json::value&) -> Result<void> {
    throw std::runtime_error("the policy file is gone");
  }});
  int removed = 0;
  app.tool("rm", "", [&] { ++removed; });
  app.model("scripted", std::make_shared<ScriptedModel>([](const Conversation& so_far) -> Result<Turn> {
              return so_far.exchanges.empty() ? call("", "rm") : Turn{.text = told(so_far.exchanges[0])};
            }));
  app.agent({.name = "a", .model = "scripted", .tools = {"rm"}});

  EXPECT_EQ(app.process_event_with("a", order_event()).value().text,
            "error: The call was denied: its policy threw: the policy file is gone");
  EXPECT_EQ(removed, 0);
}

}  // namespace
}  // namespace ebagent::agent
