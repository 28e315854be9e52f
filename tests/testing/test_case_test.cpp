#include "testing/test_case.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "core/json.hpp"
#include "models/cassette.hpp"
#include "store/sqlite/sqlite_store.hpp"
#include "support/temporary_folder.hpp"

namespace ebagent::testing {
namespace {

namespace json = boost::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

App make_app(int& calls_made, std::string instructions = "Respond.") {
  App app{"test"};
  app.tool("look", "Reads the alarm",
           [&calls_made](Arg<"alarm", std::string, "Its name"> alarm) -> Result<std::string> {
             ++calls_made;
             if (*alarm == "gone") return ebagent::fail(ErrorCode::NotFound, "There is no such alarm.");
             return "state of " + *alarm;
           },
           {.effect = Effect::Read});
  app.model("scripted", std::make_shared<ScriptedModel>(std::vector<ScriptedTurn>{
                            calls({{.tool = "look", .input = json::object{{"alarm", "cpu"}}},
                                   {.tool = "look", .input = json::object{{"alarm", "gone"}}}}),
                            answers("One is there.")}));
  app.agent({.name = "llm", .model = "scripted", .instructions = std::move(instructions), .tools = {"look"}});
  app.agent({.name = "list",
             .playbook = {.calls = {{.name = "seen", .tool = "look", .input = R"({"alarm":"cpu"})"}},
                          .respond = {{.text = "Seen: <$.steps.seen.output>"}}},
             .tools = {"look"}});
  return app;
}

const Event kEvent = event("myapp", "Alarm", R"({"alarm":"cpu"})");

// The case of a run that really happened.
TestCase recorded(const std::string& agent, const std::string& cassette = "") {
  int calls_made = 0;
  App app = make_app(calls_made);
  const std::shared_ptr<store::Store> store = store::sqlite::open_memory().value();
  app.use({.store = store});
  if (!cassette.empty()) {
    auto tape = models::Cassette::open_to_record(cassette, agent, "scripted").value();
    app.replace_model(
        agent, std::make_shared<models::CassetteModel>(CassetteMode::Record, tape, app.model_of(agent)));
  }
  const auto response = app.respond_with(agent, kEvent);
  EXPECT_EQ(response.runs.at(0).state, AgentRunState::Succeeded) << response.runs.at(0).error.message;
  const auto run = store->run_by_id(response.runs.at(0).run_id).value().value();
  auto test = case_of(run, store->steps(run.id).value()).value();
  test.cassette = cassette;
  return test;
}

TEST(TestCase, OfARunOnRecordPassesWithoutCallingAnything) {
  const TemporaryFolder folder;
  const auto test = recorded("llm", folder.path() / "llm.json");
  EXPECT_EQ(test.calls.size(), 2U);
  EXPECT_EQ(test.calls.at(1).error, "NotFound: There is no such alarm.");
  int calls_made = 0;
  App app = make_app(calls_made);

  const auto verdict = run_case(app, test);

  ASSERT_TRUE(verdict) << verdict.error().message;
  EXPECT_THAT(verdict.value().differences, ElementsAre());
  EXPECT_EQ(calls_made, 0);
}

TEST(TestCase, OfAPlaybookNeedsNoCassette) {
  const auto test = recorded("list");
  int calls_made = 0;
  App app = make_app(calls_made);

  const auto verdict = run_case(app, test);

  ASSERT_TRUE(verdict) << verdict.error().message;
  EXPECT_THAT(verdict.value().differences, ElementsAre());
  EXPECT_EQ(verdict.value().run.answer(), "Seen: state of cpu");
}

TEST(TestCase, FailsLegiblyWhenThePromptIsAnother) {
  const TemporaryFolder folder;
  const auto test = recorded("llm", folder.path() / "llm.json");
  int calls_made = 0;
  App app = make_app(calls_made, "Respond quickly.");

  const auto verdict = run_case(app, test);

  ASSERT_TRUE(verdict) << verdict.error().message;
  const std::string told = json::serialize(json::value_from(verdict.value().differences));
  EXPECT_THAT(told, HasSubstr("/instructions"));
  EXPECT_THAT(told, HasSubstr("Respond quickly."));
}

TEST(TestCase, FailsLegiblyWhenStepsArgumentsOrAnswerAreOthers) {
  auto test = recorded("list");
  test.steps->at(0).input = json::object{{"alarm", "disk"}};
  test.answer = "Seen: nothing";
  int calls_made = 0;
  App app = make_app(calls_made);

  const auto verdict = run_case(app, test).value();

  EXPECT_THAT(verdict.differences,
              ElementsAre(HasSubstr("/alarm\n    expected \"disk\"\n    got      \"cpu\""),
                          HasSubstr("Seen: nothing")));
  test.steps->push_back({.step = "tell"});
  EXPECT_THAT(run_case(app, test).value().differences.at(0),
              HasSubstr("expected seen, tell\n  got      seen"));
}

TEST(TestCase, ReportsCallsThatHaveNoRecordedResult) {
  auto test = recorded("list");
  test.calls.clear();
  int calls_made = 0;
  App app = make_app(calls_made);

  const auto verdict = run_case(app, test).value();

  EXPECT_EQ(calls_made, 0);
  EXPECT_THAT(verdict.differences,
              ::testing::Contains(HasSubstr("no recorded result for {\"alarm\":\"cpu\"}")));
}

TEST(TestCase, AnswersForPeopleAsTheyDid) {
  const auto make = [](int& paid) {
    App app{"test"};
    app.tool("pay", "Pays", [&paid] { return ++paid; }, {.approval = Approval::Required});
    app.agent({.name = "payer",
               .playbook = {.calls = {{.name = "payment", .tool = "pay", .on_error = OnError::Continue},
                                      {.name = "again", .tool = "pay"}},
                            .respond = {{.text = "Paid <$.steps.again.output>"}}},
               .tools = {"pay"}});
    return app;
  };
  int paid = 0;
  App app = make(paid);
  const std::shared_ptr<store::Store> store = store::sqlite::open_memory().value();
  const auto clock = std::make_shared<FakeClock>(kEvent.time);
  app.use({.store = store, .clock = clock});
  auto run = app.respond_with("payer", kEvent).runs.at(0);
  for (const char* answer : {R"({"approved":false,"by":"ann"})", R"({"approved":true,"by":"bob"})"}) {
    ASSERT_EQ(run.state, AgentRunState::Waiting);
    ASSERT_TRUE(store->answer_step(run.run_id, "", answer, clock->now()));
    run = app.respond_with("payer", kEvent).runs.at(0);
  }
  ASSERT_EQ(run.answer, "Paid 1") << run.error.message;
  const auto test =
      case_of(store->run_by_id(run.run_id).value().value(), store->steps(run.run_id).value()).value();
  EXPECT_EQ(test.approvals.size(), 2U);
  int paid_again = 0;
  App other = make(paid_again);

  EXPECT_THAT(run_case(other, test).value().differences, ElementsAre());
  EXPECT_EQ(paid_again, 0);
}

TEST(TestCase, IsReadAsItIsWritten) {
  const TemporaryFolder folder;
  auto test = recorded("llm", folder.path() / "cassettes" / "llm.json");
  const auto file =
      folder.write("cases/one.json", core::write_json_pretty(to_json(test, folder.path() / "cases")));
  EXPECT_THAT(folder.read("cases/one.json"), HasSubstr("../cassettes/llm.json"));

  const auto read = read_test_case(file);

  ASSERT_TRUE(read) << read.error().message;
  int calls_made = 0;
  App app = make_app(calls_made);
  EXPECT_THAT(run_case(app, read.value()).value().differences, ElementsAre());
}

TEST(TestCase, CanCallTheToolsThemselves) {
  auto test = recorded("list");
  test.has_real_tools = true;
  test.calls.clear();
  int calls_made = 0;
  App app = make_app(calls_made);

  EXPECT_THAT(run_case(app, test).value().differences, ElementsAre());
  EXPECT_EQ(calls_made, 1);
}

TEST(TestCase, IsRefusedWithThePlaceOfWhatIsWrong) {
  const TemporaryFolder folder;
  const std::string head = R"({"format":"eventbridge-agent test","version":1)";
  const std::map<std::string, std::string> cases = {
      {"[]", "a JSON object"},
      {"{}", "/format"},
      {R"({"format":"eventbridge-agent test","version":9})", "/version"},
      {head + "}", "/agent"},
      {head + R"(,"agent":"a"})", "/event"},
      {head + R"(,"agent":"a","event":{"source":"x"}})", "/event"},
      {head + R"(,"agent":"a","event":"none.json"})", "none.json"},
      {head + R"(,"agent":"a","expected":{}})", "/expected"},
      {head + R"(,"agent":"a","event":{"source":"x","detail-type":"y","detail":{}},"tools":[{"input":{}}]})",
       "/tools/0/tool"},
      {head +
           R"(,"agent":"a","event":{"source":"x","detail-type":"y","detail":{}},"expect":{"state":"good"}})",
       "/expect/state"},
      {head + R"(,"agent":"a","event":{"source":"x","detail-type":"y","detail":{}},"expect":{"steps":[3]}})",
       "/expect/steps/0"}};
  for (const auto& [text, place] : cases) {
    const auto read = read_test_case(folder.write("one.json", text));
    ASSERT_FALSE(read) << text;
    EXPECT_THAT(read.error().message, HasSubstr(place)) << text;
  }
  EXPECT_EQ(read_test_case("/nowhere.json").error().code, ErrorCode::NotFound);
}

}  // namespace
}  // namespace ebagent::testing
