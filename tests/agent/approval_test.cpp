#include <gtest/gtest.h>

#include "agent/run_view.hpp"
#include "dying_store.hpp"
#include "fixtures.hpp"
#include "llm_fixture.hpp"

// Runs that wait for a person.
namespace ebagent::agent {
namespace {

class ApprovalTest : public ::testing::Test {
 protected:
  // A process of its own beside the store.
  App new_app(std::shared_ptr<store::Store> store) {
    App app = world.new_app_on(std::move(store));
    app.tool("look", "", [this] { return ++looked; }, {.effect = Effect::Read});
    app.tool("pay", "", [this](Arg<"amount", int>) { return ++paid; }, {.approval = Approval::Required});
    app.model("scripted", model);
    app.agent({.name = "a", .model = "scripted", .tools = {"look", "pay"}});
    return app;
  }
  App new_app() { return new_app(world.store); }
  AgentRun run(App app) { return app.respond_with("a", order_event()).runs.at(0); }
  void answer(const AgentRun& run, bool approved) {
    ASSERT_TRUE(world.store->answer_step(run.run_id, "pay",
                                         answer_json(approved, "ada", "as agreed", world.clock->now()),
                                         world.clock->now()));
  }

  World world;
  int looked = 0, paid = 0;
  std::shared_ptr<ScriptedModel> model =
      std::make_shared<ScriptedModel>([](const Conversation& so_far) -> Result<Turn> {
        if (!so_far.exchanges.empty()) return Turn{.text = told(so_far.exchanges[0])};
        return Turn{.calls = {tool_call("", "look"), tool_call("", "pay", {{"amount", 3}})},
                    .end = TurnEnd::ToolCalls};
      });
};

TEST_F(ApprovalTest, ParksTheRunAndDoesMeanwhileWhatNeedsNone) {
  const AgentRun waiting = run(new_app());

  EXPECT_EQ(waiting.state, AgentRunState::Waiting);
  EXPECT_EQ(waiting.wakes, world.clock->now() + std::chrono::hours(1));
  EXPECT_EQ(looked, 1);
  EXPECT_EQ(paid, 0);
  const auto on_record = world.store->run_by_id(waiting.run_id).value();
  EXPECT_EQ(on_record->state, store::RunState::Waiting);
  EXPECT_EQ(on_record->wakes, waiting.wakes);
}

TEST_F(ApprovalTest, GoesOnInAnotherProcessOnceItWasAnswered) {
  const AgentRun waiting = run(new_app());
  answer(waiting, true);

  const AgentRun done = run(new_app());

  EXPECT_EQ(done.run_id, waiting.run_id);
  EXPECT_EQ(done.answer, "1 | 1");
  EXPECT_EQ(looked, 1);
  EXPECT_EQ(paid, 1);
  EXPECT_EQ(model->turns, 2) << "the first turn was paid for once";
}

TEST_F(ApprovalTest, TellsTheModelThatACallWasDenied) {
  answer(run(new_app()), false);

  EXPECT_EQ(run(new_app()).answer, "1 | error: The call was denied by ada: as agreed.");
  EXPECT_EQ(paid, 0);
}

TEST_F(ApprovalTest, DeniesWhatNobodyAnsweredInTime) {
  run(new_app());
  world.clock->advance(std::chrono::hours(1));

  EXPECT_EQ(run(new_app()).answer,
            "1 | error: The call was denied by the time-out: nobody answered in time.");
  EXPECT_EQ(paid, 0);
}

TEST_F(ApprovalTest, StaysWaitingWhenTheEventComesAgainBeforeTheAnswer) {
  const AgentRun first = run(new_app());
  world.clock->advance(std::chrono::minutes(10));

  const AgentRun second = run(new_app());

  EXPECT_EQ(second.state, AgentRunState::Waiting);
  EXPECT_EQ(second.wakes, first.wakes) << "asking again gives no new time";
}

TEST_F(ApprovalTest, IsAnsweredOnce) {
  const AgentRun waiting = run(new_app());
  answer(waiting, false);

  const auto again = world.store->answer_step(
      waiting.run_id, "pay", answer_json(true, "eve", "", world.clock->now()), world.clock->now());

  EXPECT_EQ(again.error().code, ErrorCode::Conflict);
  EXPECT_EQ(run(new_app()).answer, "1 | error: The call was denied by ada: as agreed.");
}

TEST_F(ApprovalTest, NeitherLosesTheAnswerNorPaysTwiceWhereverTheProcessDies) {
  for (const Crash crash : {Crash::BeforeWrite, Crash::AfterWrite}) {
    for (int commits = 0; commits < 8; ++commits) {
      SCOPED_TRACE("dies at commit " + std::to_string(commits));
      world = World{};
      paid = 0;
      const AgentRun waiting = run(new_app());
      answer(waiting, true);
      run(new_app(std::make_shared<DyingStore>(world.store, commits, crash)));
      const int paid_before = paid;

      const AgentRun done = run(new_app());

      ASSERT_EQ(done.state, AgentRunState::Succeeded) << done.error.message;
      EXPECT_LE(paid, 1);
      if (paid_before == 1) {
        EXPECT_TRUE(done.answer.ends_with("| 1") || done.answer.find("is unknown") != std::string::npos)
            << done.answer;
      }
    }
  }
}

TEST_F(ApprovalTest, AsksOnlyWhenTheModelHasReadWhatOthersWrote) {
  const auto build = [&](bool trusts_events) {
    App app = World{}.new_app();
    app.tool("pay", "", [this] { return ++paid; }, {.approval = Approval::WhenTainted});
    app.tool("fetch", "", [] { return "text of a stranger"; },
             {.effect = Effect::Read, .traits = {.brings_untrusted = true}});
    app.model("scripted", std::make_shared<ScriptedModel>([](const Conversation& so_far) -> Result<Turn> {
                if (so_far.exchanges.empty()) return call("", "pay");
                if (so_far.exchanges.size() == 1) return call("", "fetch");
                if (so_far.exchanges.size() == 2) return call("", "pay");
                return Turn{.text = "done"};
              }));
    AgentSpec spec{.name = "a", .model = "scripted", .tools = {"pay", "fetch"}};
    spec.trusts_events = trusts_events;
    app.agent(spec);
    return app;
  };

  EXPECT_EQ(run(build(false)).state, AgentRunState::Waiting);
  EXPECT_EQ(paid, 0) << "the event itself is not to be trusted";
  EXPECT_EQ(run(build(true)).state, AgentRunState::Waiting);
  EXPECT_EQ(paid, 1) << "before it read what a stranger wrote nobody was asked, and after it somebody was";
}

TEST_F(ApprovalTest, LetsTheCallerOfAnAgentWaitWithIt) {
  const auto build = [&] {
    App app = new_app();
    app.model("boss", std::make_shared<ScriptedModel>([](const Conversation& so_far) -> Result<Turn> {
                if (!so_far.exchanges.empty()) return Turn{.text = told(so_far.exchanges[0])};
                return call("", "agent_a", {{"task", "pay"}});
              }));
    app.agent({.name = "boss", .model = "boss", .tools = {"agent:a"}});
    return app;
  };
  App first = build();
  const AgentRun waiting = first.respond_with("boss", order_event()).runs.at(0);
  ASSERT_EQ(waiting.state, AgentRunState::Waiting);
  const auto inner = world.store->runs({.agent = "a"}).value();
  ASSERT_EQ(inner.size(), 1U);
  AgentRun of_inner;
  of_inner.run_id = inner[0].id;
  answer(of_inner, true);

  App second = build();
  const AgentRun done = second.respond_with("boss", order_event()).runs.at(0);

  EXPECT_EQ(done.answer, "\"1 | 1\"");
  EXPECT_EQ(paid, 1);
}

TEST_F(ApprovalTest, ACancelledRunIsOverAndDoesNothingMore) {
  const AgentRun waiting = run(new_app());
  App app = new_app();
  ASSERT_TRUE(app.cancel(waiting.run_id, "not needed any more"));

  const AgentRun after = app.respond_with("a", order_event()).runs.at(0);

  EXPECT_EQ(after.state, AgentRunState::Cancelled);
  EXPECT_EQ(after.error.message, "not needed any more");
  EXPECT_EQ(paid, 0);
  EXPECT_EQ(app.cancel(waiting.run_id, "again").error().code, ErrorCode::Conflict);
}

TEST_F(ApprovalTest, CancellingEndsARunAtItsNextStep) {
  App app = world.new_app();
  app.model("scripted", std::make_shared<ScriptedModel>(
                            [](const Conversation&) -> Result<Turn> { return call("", "cancel_me"); }));
  int called = 0;
  app.tool("cancel_me", "",
           [&](const ToolContext& context) {
             ++called;
             EXPECT_TRUE(app.cancel(context.run_id(), "enough"));
             return "cancelled";
           },
           {.effect = Effect::Read});
  app.agent({.name = "a", .model = "scripted", .tools = {"cancel_me"}});

  const AgentRun over = app.respond_with("a", order_event()).runs.at(0);

  EXPECT_EQ(over.state, AgentRunState::Cancelled);
  EXPECT_EQ(called, 1);
  EXPECT_EQ(world.store->run_by_id(over.run_id).value()->state, store::RunState::Cancelled);
}

}  // namespace
}  // namespace ebagent::agent
