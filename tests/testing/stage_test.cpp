#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "ebagent/testing.hpp"
#include "support/temporary_folder.hpp"

namespace ebagent::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// What really happened, across processes.
struct World {
  int sent = 0;
  std::vector<std::string> keys = {};
};

App make_app(World& world) {
  App app{"test"};
  app.tool("look", "Reads the alarm",
           [](Arg<"alarm", std::string, "Its name"> alarm) { return "state of " + *alarm; },
           {.effect = Effect::Read});
  app.tool("notify", "Tells the team",
           [&world](Arg<"topic", std::string, "Where"> topic, const ToolContext& context) {
             ++world.sent;
             world.keys.push_back(context.idempotency_key());
             return "sent to " + *topic;
           },
           {.effect = Effect::Idempotent});
  app.tool("charge", "Takes money", [&world](const ToolContext&) {
    ++world.sent;
    return "charged";
  });
  app.model("none", std::make_shared<ScriptedModel>(std::vector<ScriptedTurn>{}));
  app.agent({.name = "responder",
             .model = "none",
             .instructions = "Respond to alarms.",
             .tools = {"look", "notify", "charge"}});
  return app;
}

const Event kAlarm = event("aws.cloudwatch", "CloudWatch Alarm State Change", R"({"alarmName":"cpu"})");

TEST(Stage, RunsAnAgentOnAScriptWithFakeTools) {
  World world;
  App app = make_app(world);
  Stage stage{app};
  stage.script("responder",
               {calls("look", {{"alarm", "cpu"}}), calls("notify", {{"topic", "ops"}}), answers("Done.")});
  stage.fake("notify", R"({"sent":true})");

  const auto run = stage.run("responder", kAlarm);

  ASSERT_TRUE(run.succeeded()) << run.error();
  EXPECT_EQ(run.answer(), "Done.");
  EXPECT_THAT(run.steps(), ElementsAre("turn 1", "look", "turn 2", "notify", "turn 3"));
  EXPECT_EQ(run.calls("notify").at(0), boost::json::parse(R"({"topic":"ops"})"));
  EXPECT_EQ(run.step("notify").output, boost::json::parse(R"({"sent":true})"));
  EXPECT_EQ(run.step("look").output, boost::json::value("state of cpu"));
  EXPECT_EQ(world.sent, 0) << "a fake stands for the tool";
  EXPECT_TRUE(stage.check());
}

TEST(Stage, ReportsTurnsThatWereNotAskedFor) {
  World world;
  App app = make_app(world);
  Stage stage{app};
  stage.script("responder", {answers("Done."), answers("More."), answers("Most.")});
  ASSERT_TRUE(stage.run("responder", kAlarm).succeeded());

  EXPECT_THAT(stage.check().error().message, HasSubstr("2 turns of the script were not asked for"));
}

TEST(Stage, TriesAgainWhileTheServiceThrottlesAndPaysNoTurnTwice) {
  World world;
  App app = make_app(world);
  Stage stage{app};
  stage.script("responder",
               {calls("notify", {{"topic", "ops"}}), overloaded(2), unavailable(), answers("Done.")});

  const auto run = stage.run("responder", kAlarm);

  EXPECT_TRUE(run.succeeded()) << run.error();
  EXPECT_EQ(run.attempts, 4);
  EXPECT_EQ(world.sent, 1);
  EXPECT_TRUE(stage.check());
}

TEST(Stage, EndsWithTheErrorWhenTheServiceNeverComesBack) {
  World world;
  App app = make_app(world);
  Stage stage{app, {.attempts = 2}};
  stage.script("responder", {times_out(2)});

  const auto run = stage.run("responder", kAlarm);

  EXPECT_FALSE(run.succeeded());
  EXPECT_THAT(run.error(), HasSubstr("did not answer in time"));
  EXPECT_EQ(run.attempts, 2);
}

TEST(Stage, TellsTheModelOfBrokenArgumentsAndOfFailedTools) {
  World world;
  App app = make_app(world);
  Stage stage{app};
  const auto model = std::make_shared<ScriptedModel>(
      std::vector<ScriptedTurn>{broken_arguments("notify"), calls("notify", {{"topic", "ops"}}),
                                calls("notify", {{"wrong", 1}}), answers("No.")});
  stage.model("responder", model);
  stage.fake("notify", R"("sent")");
  stage.fail("notify", {ErrorCode::Unavailable, "The queue is down."});

  const auto run = stage.run("responder", kAlarm);

  ASSERT_TRUE(run.succeeded()) << run.error();
  const auto told = model->told();
  ASSERT_EQ(told.size(), 3U);
  EXPECT_THAT(told[0], HasSubstr("no JSON object"));
  EXPECT_THAT(told[1], HasSubstr("The queue is down."));
  EXPECT_THAT(told[2], HasSubstr("wrong")) << "a fake refuses what the tool's schema does not allow";
  EXPECT_TRUE(stage.check());
}

TEST(Stage, ResumesInANewProcessAfterACrashBehindTheIntent) {
  World world;
  int processes = 0;
  Stage stage{[&] {
    ++processes;
    return make_app(world);
  }};
  stage.script("responder", {calls("notify", {{"topic", "ops"}}), answers("Done.")});
  stage.crash_after_intent("notify");

  const auto run = stage.run("responder", kAlarm);

  EXPECT_TRUE(run.succeeded()) << run.error();
  EXPECT_EQ(processes, 2);
  EXPECT_EQ(world.sent, 1);
  EXPECT_EQ(run.step("notify").attempts, 2);
  EXPECT_TRUE(stage.check());
}

TEST(Stage, ACallThatMayHappenOnceIsNotMadeAgainWhenItsResultWasLost) {
  World world;
  App app = make_app(world);
  Stage stage{app};
  const auto model = std::make_shared<ScriptedModel>(
      std::vector<ScriptedTurn>{calls("charge"), answers("Somebody has to look.")});
  stage.model("responder", model);
  stage.crash_before_result("charge");

  const auto run = stage.run("responder", kAlarm);

  EXPECT_TRUE(run.succeeded()) << run.error();
  EXPECT_EQ(world.sent, 1);
  EXPECT_THAT(model->told().at(0), HasSubstr("unknown"));
}

TEST(Stage, AnIdempotentCallWhoseResultWasLostIsMadeAgainWithItsKey) {
  World world;
  App app = make_app(world);
  Stage stage{app};
  stage.script("responder", {calls("notify", {{"topic", "ops"}}), answers("Done.")});
  stage.crash_before_result("notify");

  ASSERT_TRUE(stage.run("responder", kAlarm).succeeded());

  ASSERT_EQ(world.keys.size(), 2U);
  EXPECT_EQ(world.keys[0], world.keys[1]);
}

TEST(Stage, SaysWhenACrashDidNotCome) {
  World world;
  App app = make_app(world);
  Stage stage{app};
  stage.script("responder", {answers("Done.")});
  stage.crash_after_intent("notify");
  ASSERT_TRUE(stage.run("responder", kAlarm).succeeded());

  EXPECT_THAT(stage.check().error().message, HasSubstr("\"notify\", which did not come"));
}

TEST(Stage, RefusesWhatThereIsNot) {
  World world;
  App app = make_app(world);
  Stage stage{app};

  EXPECT_THROW(stage.script("nobody", {}), std::invalid_argument);
  EXPECT_THROW(stage.fake("nothing", "1"), std::invalid_argument);
  EXPECT_THROW(stage.fake("look", "no json"), std::invalid_argument);
  EXPECT_THROW((void)stage.run("responder", "no json"), std::invalid_argument);
}

TEST(Stage, RecordsACassetteAndReplaysIt) {
  const TemporaryFolder folder;
  const std::string file = folder.path() / "one.json";
  World world;
  {
    App app = make_app(world);
    Stage stage{app};
    stage.script("responder", {calls("look", {{"alarm", "cpu"}}), answers("It burns.")});
    stage.cassette("responder", file, CassetteMode::Record);
    ASSERT_TRUE(stage.run("responder", kAlarm).succeeded());
  }
  App app = make_app(world);
  Stage stage{app};
  stage.cassette("responder", file);

  const auto run = stage.run("responder", event("aws.cloudwatch", "CloudWatch Alarm State Change",
                                                R"({"alarmName":"cpu"})", "another-id"));

  EXPECT_EQ(run.answer(), "It burns.") << run.error();
  EXPECT_TRUE(stage.check());
}

TEST(Probe, CallsEveryToolOnceWithDataThatItsSchemaAllows) {
  World world;
  App app = make_app(world);
  Stage stage{app};
  stage.model("responder", probe());

  const auto run = stage.run("responder", kAlarm);

  EXPECT_EQ(run.answer(), "3 of 3 calls succeeded.") << run.error();
  EXPECT_EQ(run.calls("look").size(), 1U);
  EXPECT_EQ(world.sent, 2);
}

}  // namespace
}  // namespace ebagent::testing
