#include "agent/loop.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "fixtures.hpp"

namespace ebagent::agent {
namespace {

// A model whose turns a test writes.
class ScriptedModel final : public models::Model {
 public:
  using Script = std::function<Result<models::Turn>(const models::Conversation&)>;
  explicit ScriptedModel(Script script) : script_(std::move(script)) {}

  Result<models::Turn> next(const models::Conversation& conversation) const override {
    ++turns;
    return script_(conversation);
  }
  [[nodiscard]] std::string_view name() const override { return "scripted"; }
  [[nodiscard]] bool is_repeatable() const override { return false; }

  mutable int turns = 0;

 private:
  Script script_;
};

models::Turn call(std::string name, std::string tool, boost::json::value input = boost::json::object{}) {
  return {{{std::move(name), std::move(tool), std::move(input), OnError::Continue}}, ""};
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
  Result<std::string> run(const models::Model& model) {
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
            .tools = {&count_tool, &boom_tool},
            .deadline = world.clock->now() + limits.seconds};
  }

  World world;
  const std::string name = "agent";
  const Event event = order_event();
  const std::string input = "{}";
  Limits limits;
  RecordingSink sink;
  int counted = 0;
  Tool count_tool = Tool::from("count", "", [this] { return ++counted; });
  Tool boom_tool =
      Tool::from("boom", "", []() -> Result<int> { return fail(ErrorCode::Unavailable, "boom"); });
};

TEST_F(LoopTest, ReturnsTheModelsAnswerAfterItsToolCalls) {
  const ScriptedModel model([](const models::Conversation& so_far) -> Result<models::Turn> {
    if (so_far.outcomes.size() < 2) return call("c" + std::to_string(so_far.outcomes.size()), "count");
    return models::Turn{{}, "counted to " + std::to_string(so_far.outcomes.back().output.value().as_int64())};
  });

  EXPECT_EQ(run(model).value(), "counted to 2");
}

TEST_F(LoopTest, DoesNotAskForATurnAgainThatIsInTheJournal) {
  bool is_down = true;
  const ScriptedModel model([&](const models::Conversation& so_far) -> Result<models::Turn> {
    if (so_far.outcomes.empty()) return call("c", "count");
    if (is_down) return fail(ErrorCode::Unavailable, "the model is down");
    return models::Turn{{}, "done"};
  });

  EXPECT_FALSE(run(model));
  is_down = false;
  EXPECT_EQ(run(model).value(), "done");

  EXPECT_EQ(model.turns, 3) << "the first turn once, the second twice because it failed";
  EXPECT_EQ(counted, 1);
}

TEST_F(LoopTest, TellsTheModelOfFailedAndForbiddenCalls) {
  const ScriptedModel model([](const models::Conversation& so_far) -> Result<models::Turn> {
    if (so_far.outcomes.empty()) return call("a", "boom");
    if (so_far.outcomes.size() == 1) return call("b", "format_disk");
    return models::Turn{
        {}, so_far.outcomes[0].output.error().message + "; " + so_far.outcomes[1].output.error().message};
  });

  EXPECT_EQ(run(model).value(),
            "boom; Agent \"agent\" may not call tool \"format_disk\": it is not in its list of tools.");
}

TEST_F(LoopTest, EndsWithTheErrorOfACallThatMayNotFail) {
  const ScriptedModel model([](const models::Conversation&) -> Result<models::Turn> {
    return models::Turn{{{"a", "boom", boost::json::object{}, OnError::Fail}}, ""};
  });

  EXPECT_EQ(run(model).error(), (Error{ErrorCode::Unavailable, "Step \"a\" (tool boom): boom"}));
}

TEST_F(LoopTest, StopsAtItsLimitOfTurns) {
  limits.turns = 3;
  const ScriptedModel model([](const models::Conversation& so_far) -> Result<models::Turn> {
    return call("c" + std::to_string(so_far.outcomes.size()), "count");
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
  const ScriptedModel model([](const models::Conversation&) -> Result<models::Turn> {
    models::Turn turn;
    for (int i = 0; i < 10; ++i)
      turn.calls.push_back({"c", "count", boost::json::object{}, OnError::Continue});
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
  const ScriptedModel model([&](const models::Conversation& so_far) -> Result<models::Turn> {
    world.clock->advance(std::chrono::seconds(4));
    return call("c" + std::to_string(so_far.outcomes.size()), "count");
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
