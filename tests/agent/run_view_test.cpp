#include "agent/run_view.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace ebagent::agent {
namespace {

using std::chrono::seconds;

TimePoint at(int second) {
  return TimePoint{} + seconds{1'000 + second};
}

store::Step step_of(const std::string& kind, int begun, std::optional<int> ended) {
  store::Step step{.run_id = "r", .name = kind + std::to_string(begun), .kind = kind, .started = at(begun)};
  if (ended) {
    step.ended = at(*ended);
    step.state = store::StepState::Succeeded;
  }
  return step;
}

store::Run run_of(std::optional<int> ended) {
  store::Run run{.id = "r", .agent = "a", .started = at(0)};
  if (ended) run.ended = at(*ended);
  return run;
}

TEST(RunView, ReadsATurnAsItWasRecorded) {
  store::Step step = step_of("model", 0, 1);
  step.input = R"({"model":"sonnet"})";
  step.output =
      R"({"text":"hm","calls":[{"tool":"a","input":{}},{"tool":"b","input":{}}],"usage":{"input":1,"output":2,"cache_read":3,"cache_write":4},"cost_usd":0.5})";

  const TurnView turn = turn_of(step);

  EXPECT_EQ(turn.model, "sonnet");
  EXPECT_EQ(turn.usage, (Usage{1, 2, 3, 4}));
  EXPECT_EQ(turn.cost_usd, 0.5);
  EXPECT_EQ(turn.text, "hm");
  EXPECT_EQ(turn.tools, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(turn.end, "tool_calls");
}

TEST(RunView, ReadsADamagedStepAsAnEmptyOne) {
  store::Step step = step_of("model", 0, 1);
  for (const char* text : {"", "[1]", "{", R"({"calls":3})", R"({"usage":"x"})"}) {
    step.input = step.output = text;
    EXPECT_EQ(turn_of(step).usage, Usage{}) << text;
    EXPECT_EQ(question_of(step).approved.value_or(false), false) << text;
  }
}

TEST(RunView, ReadsAQuestionAndItsAnswer) {
  store::Step step = step_of("approval", 0, std::nullopt);
  step.name = "approval of refund:2";
  step.input = R"({"tool":"refund","arguments":{"n":1},"reason":"tainted","until":5000})";

  const QuestionView open = question_of(step);
  step.state = store::StepState::Succeeded;
  step.output = answer_json(true, "ana", "ok", at(1));
  const QuestionView answered = question_of(step);

  EXPECT_EQ(open.call, "refund:2");
  EXPECT_EQ(open.arguments, R"({"n":1})");
  EXPECT_EQ(open.until, TimePoint{seconds{5}});
  EXPECT_EQ(open.approved, std::nullopt);
  EXPECT_EQ(answered.approved, true);
  EXPECT_EQ(answered.by, "ana");
  EXPECT_EQ(answered.comment, "ok");
}

TEST(RunView, CountsTimeOfWaitsThatOverlapOnce) {
  const std::vector<store::Step> steps{step_of("approval", 10, 30), step_of("approval", 20, 40),
                                       step_of("approval", 50, std::nullopt)};

  const RunTotals totals = totals_of(run_of(std::nullopt), steps, at(60));

  EXPECT_EQ(totals.wall, seconds{60});
  EXPECT_EQ(totals.waiting, seconds{30 + 10});
}

TEST(RunView, DoesNotCountAWaitThatWasTakenOverFromAnotherRun) {
  const RunTotals totals = totals_of(run_of(5), {step_of("approval", -100, -50)}, at(60));

  EXPECT_EQ(totals.wall, seconds{5});
  EXPECT_EQ(totals.waiting, seconds{0});
}

TEST(RunView, AddsUpTurnsAndCalls) {
  store::Step turn = step_of("model", 0, 1);
  turn.output = R"({"text":"x","usage":{"input":1,"output":2,"cache_read":0,"cache_write":0}})";
  store::Step priced = turn;
  priced.output =
      R"({"text":"x","usage":{"input":1,"output":2,"cache_read":0,"cache_write":0},"cost_usd":0.25})";

  const RunTotals totals =
      totals_of(run_of(3), {turn, step_of("tool", 1, 2), priced, step_of("agent", 2, 3)}, at(60));

  EXPECT_EQ(totals.turns, 2);
  EXPECT_EQ(totals.calls, 2);
  EXPECT_EQ(totals.usage.total(), 6);
  EXPECT_EQ(totals.cost_usd, 0.25);
}

TEST(RunView, NamesEveryStateAndReadsItBack) {
  for (const auto state : {store::RunState::Running, store::RunState::Succeeded, store::RunState::Failed,
                           store::RunState::Waiting, store::RunState::Cancelled, store::RunState::Skipped}) {
    EXPECT_EQ(run_state_from(to_string(state)), state);
  }
  EXPECT_EQ(run_state_from("asleep"), std::nullopt);
}

}  // namespace
}  // namespace ebagent::agent
