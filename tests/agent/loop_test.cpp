#include "agent/loop.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "fixtures.hpp"

namespace ebagent::agent {
namespace {

// A model whose turns a test writes.
class ScriptedModel final : public Model {
 public:
  using Script = std::function<Result<Turn>(const Conversation&)>;
  explicit ScriptedModel(Script script) : script_(std::move(script)) {}

  Result<Turn> next(const Conversation& conversation, const TurnRequest&) const override {
    ++turns;
    return script_(conversation);
  }
  [[nodiscard]] std::string_view name() const override { return "scripted"; }
  [[nodiscard]] bool is_repeatable() const override { return false; }

  mutable int turns = 0;

 private:
  Script script_;
};

Turn call(std::string name, std::string tool, boost::json::value input = boost::json::object{}) {
  return {.calls = {{.name = std::move(name), .tool = std::move(tool), .input = std::move(input)}}};
}

class LoopTest : public ::testing::Test {
 protected:
  // A new process beside the same store: the journal as it was left.
  Journal reopen() {
    auto steps = world.store->steps("run-1").value();
    store::Run run;
    run.id = "run-1";
    run.key = "key";
    run.agent = name;
    store::PutRun first{run};
    return Journal(*world.store, *world.clock, std::move(run), std::move(steps), {std::move(first)});
  }
  Result<std::string> run(const Model& model) {
    Journal journal = reopen();
    return run_loop(journal, context(), model);
  }
  RunContext context() {
    return {.agent = name,
            .event = event,
            .input = input,
            .clock = *world.clock,
            .sink = sink,
            .limits = limits,
            .tools = {{&count_tool, &any_use}, {&boom_tool, &any_use}},
            .deadline = world.clock->now() + limits.seconds};
  }

  World world;
  const std::string name = "agent";
  const Event event = order_event();
  const std::string input = "{}";
  Limits limits;
  RecordingSink sink;
  int counted = 0;
  ToolUse any_use;
  Tool count_tool = Tool::from("count", "", [this] { return ++counted; });
  Tool boom_tool =
      Tool::from("boom", "", []() -> Result<int> { return fail(ErrorCode::Unavailable, "boom"); });
};

TEST_F(LoopTest, ReturnsTheModelsAnswerAfterItsToolCalls) {
  const ScriptedModel model([](const Conversation& so_far) -> Result<Turn> {
    if (so_far.exchanges.size() < 2) return call("c" + std::to_string(so_far.exchanges.size()), "count");
    return Turn{.text =
                    "counted to " + std::to_string(so_far.exchanges.back().outcomes[0].value().as_int64())};
  });

  EXPECT_EQ(run(model).value(), "counted to 2");
}

TEST_F(LoopTest, DoesNotAskForATurnAgainThatIsInTheJournal) {
  bool is_down = true;
  const ScriptedModel model([&](const Conversation& so_far) -> Result<Turn> {
    if (so_far.exchanges.empty()) return call("c", "count");
    if (is_down) return fail(ErrorCode::Unavailable, "the model is down");
    return Turn{.text = "done"};
  });

  EXPECT_FALSE(run(model));
  is_down = false;
  EXPECT_EQ(run(model).value(), "done");

  EXPECT_EQ(model.turns, 3) << "the first turn once, the second twice because it failed";
  EXPECT_EQ(counted, 1);
}

TEST_F(LoopTest, TellsTheModelOfFailedAndForbiddenCalls) {
  const ScriptedModel model([](const Conversation& so_far) -> Result<Turn> {
    if (so_far.exchanges.empty()) return call("a", "boom");
    if (so_far.exchanges.size() == 1) return call("b", "format_disk");
    return Turn{.text = so_far.exchanges[0].outcomes[0].error().message + "; " +
                        so_far.exchanges[1].outcomes[0].error().message};
  });

  EXPECT_EQ(run(model).value(),
            "boom; Agent \"agent\" may not call tool \"format_disk\": it is not in its list of tools.");
}

TEST_F(LoopTest, EndsWithTheErrorOfACallThatMayNotFail) {
  const ScriptedModel model([](const Conversation&) -> Result<Turn> {
    return Turn{
        .calls = {{.name = "a", .tool = "boom", .input = boost::json::object{}, .on_error = OnError::Fail}}};
  });

  EXPECT_EQ(run(model).error(), (Error{ErrorCode::Unavailable, "Step \"a\" (tool boom): boom"}));
}

TEST_F(LoopTest, StopsAtItsLimitOfTurns) {
  limits.turns = 3;
  const ScriptedModel model([](const Conversation& so_far) -> Result<Turn> {
    return call("c" + std::to_string(so_far.exchanges.size()), "count");
  });

  try {
    (void)run(model);
    FAIL() << "the loop went on";
  } catch (const LimitReached& stopped) {
    EXPECT_STREQ(stopped.what(), "Agent \"agent\" reached its limit of 3 turns.");
  }
  EXPECT_EQ(model.turns, 3);
}

TEST_F(LoopTest, StopsAtItsLimitOfToolCalls) {
  limits.tool_calls = 5;
  const ScriptedModel model([](const Conversation&) -> Result<Turn> {
    Turn turn;
    for (int i = 0; i < 10; ++i)
      turn.calls.push_back({.name = "c", .tool = "count", .input = boost::json::object{}});
    return turn;
  });

  try {
    (void)run(model);
    FAIL() << "the loop went on";
  } catch (const LimitReached& stopped) {
    EXPECT_STREQ(stopped.what(), "Agent \"agent\" reached its limit of 5 tool calls.");
  }
  EXPECT_EQ(counted, 5);
}

TEST_F(LoopTest, StopsWhenItsSecondsAreUsedUp) {
  limits.seconds = std::chrono::seconds(10);
  const ScriptedModel model([&](const Conversation& so_far) -> Result<Turn> {
    world.clock->advance(std::chrono::seconds(4));
    return call("c" + std::to_string(so_far.exchanges.size()), "count");
  });

  try {
    (void)run(model);
    FAIL() << "the loop went on";
  } catch (const LimitReached& stopped) {
    EXPECT_STREQ(stopped.what(), "Agent \"agent\" reached its limit of 10 seconds.");
  }
  EXPECT_EQ(counted, 2);
}

}  // namespace
}  // namespace ebagent::agent
