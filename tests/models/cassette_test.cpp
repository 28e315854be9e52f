#include "models/cassette.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <thread>

#include "core/ids.hpp"
#include "core/time_format.hpp"
#include "models/cassette_file.hpp"
#include "models/cassette_request.hpp"
#include "support/temporary_folder.hpp"

namespace ebagent::models {
namespace {

namespace json = boost::json;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kRunId = "01920000-0000-7000-8000-000000000001";
constexpr const char* kOtherRunId = "01930000-ffff-7000-8000-00000000ffff";

// One working on an event: what the conversation of an agent would hold.
struct Work {
  Event event;
  std::string input;
  std::string result_id;
  std::vector<Exchange> exchanges = {};
  std::string instructions = "Tell the team.";

  explicit Work(std::string id = "11111111-2222-3333-4444-555555555555",
                std::string time = "2026-01-26T16:00:00Z", std::string made = kRunId)
      : result_id(std::move(made)) {
    event.id = std::move(id);
    event.source = "myapp";
    event.detail_type = "Thing";
    event.time = core::parse_rfc3339(time).value();
    event.detail = R"({"order":"99999999-2222-3333-4444-555555555555","amount":5})";
    input = to_json(event);
  }

  [[nodiscard]] Conversation conversation() const {
    Conversation so_far{event, input};
    so_far.instructions = instructions;
    so_far.task = "Handle it.";
    const std::string mark = "event-data-" + core::sha256_hex(input).substr(0, 12);
    so_far.data = "<" + mark + ">\n" + input + "\n</" + mark + ">";
    so_far.tools = {{"notify", "Tells the team", json::object{{"type", "object"}}}};
    so_far.exchanges = exchanges;
    return so_far;
  }

  void happened(Turn turn, std::vector<Result<json::value>> outcomes) {
    exchanges.push_back({.turn = std::move(turn), .outcomes = std::move(outcomes)});
  }
};

Turn call_of(std::string tool, json::value input) {
  return {.calls = {{.id = "toolu_" + tool, .tool = std::move(tool), .input = std::move(input)}},
          .end = TurnEnd::ToolCalls,
          .usage = {.input = 10, .output = 5}};
}

// The result of the first call: made by this run, at some time.
json::value opened(const Work& work, const std::string& at) {
  return json::object{{"incident", work.result_id},
                      {"at", at},
                      {"key", core::sha256_hex(work.result_id)},
                      {"order", "99999999-2222-3333-4444-555555555555"}};
}

// Records two turns: a call with the event's id, then one with the id that the first made.
void record_two(Cassette& cassette, Work& work) {
  const Turn first =
      call_of("open", {{"event", work.event.id}, {"order", "99999999-2222-3333-4444-555555555555"}});
  ASSERT_TRUE(cassette.record(work.conversation(), first));
  work.happened(first, {opened(work, "2026-01-26T16:00:01.250Z")});
  const Turn second = call_of("close", {{"incident", work.result_id}, {"at", "now"}});
  ASSERT_TRUE(cassette.record(work.conversation(), second));
  work.happened(second, {json::value("closed")});
  ASSERT_TRUE(cassette.record(work.conversation(), Turn{.text = "Closed " + work.result_id + "."}));
}

TEST(Cassette, FitsTheSameEventUnderAnotherIdAndTime) {
  const ebagent::testing::TemporaryFolder folder;
  const auto file = folder.path() / "deep" / "one.json";
  {
    Work recorded;
    const auto cassette = Cassette::open_to_record(file, "agent", "model-1").value();
    record_two(*cassette, recorded);
  }
  const auto cassette = Cassette::open(file).value();
  Work later{"aaaaaaaa-2222-3333-4444-555555555555", "2027-05-05T05:05:05Z", kOtherRunId};

  const auto first = cassette->play(later.conversation());
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(first.value().calls.at(0).input.at("event").as_string(), later.event.id);
  EXPECT_EQ(first.value().usage.input, 10);
  later.happened(first.value(), {opened(later, "2027-05-05T05:05:09Z")});
  const auto second = cassette->play(later.conversation());
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_EQ(second.value().calls.at(0).input.at("incident").as_string(), kOtherRunId);
  later.happened(second.value(), {json::value("closed")});
  const auto third = cassette->play(later.conversation());

  ASSERT_TRUE(third) << third.error().message;
  EXPECT_EQ(third.value().text, std::string("Closed ") + kOtherRunId + ".");
  EXPECT_TRUE(cassette->check());
}

TEST(Cassette, IsLegibleAndTellsOnlyWhatIsNewOfEachRequest) {
  const ebagent::testing::TemporaryFolder folder;
  const auto file = folder.path() / "one.json";
  Work recorded;
  record_two(*Cassette::open_to_record(file, "agent", "model-1").value(), recorded);

  const std::string text = folder.read("one.json");

  EXPECT_THAT(text, HasSubstr("\"agent\": \"agent\""));
  EXPECT_THAT(text, HasSubstr("\"after\": 2"));
  EXPECT_THAT(text, HasSubstr("{{event.id}}"));
  EXPECT_THAT(text, HasSubstr("{{id 1}}"));
  EXPECT_THAT(text, Not(HasSubstr(recorded.event.id)));
  EXPECT_THAT(text, Not(HasSubstr(kRunId)));
  EXPECT_THAT(text, HasSubstr("99999999-2222-3333-4444-555555555555")) << "what the event says is kept";
  EXPECT_EQ(text.find("Tell the team."), text.rfind("Tell the team.")) << "told once";
}

TEST(Cassette, ShowsTheNearestRequestAndWhereItDiffersWhenThereIsNoTurn) {
  Work recorded;
  Cassette cassette{"one.json", {}};
  record_two(cassette, recorded);
  Work changed;
  changed.event.detail = R"({"order":"99999999-2222-3333-4444-555555555555","amount":7})";
  changed.input = to_json(changed.event);
  changed.instructions = "Tell nobody.";

  const auto turn = cassette.play(changed.conversation());

  ASSERT_FALSE(turn);
  EXPECT_EQ(turn.error().code, ErrorCode::NotFound);
  EXPECT_THAT(turn.error().message, HasSubstr("nearest is that of turn 1 (a call of open)"));
  EXPECT_THAT(turn.error().message,
              HasSubstr("/instructions\n    recorded \"Tell the team.\"\n    now      \"Tell nobody.\""));
  EXPECT_THAT(turn.error().message, HasSubstr("/data/detail/amount\n    recorded 5\n    now      7"));
}

TEST(Cassette, MissesWhenAToolsSchemaOrAnOutcomeIsAnother) {
  Work recorded;
  Cassette cassette{"one.json", {}};
  record_two(cassette, recorded);
  Work work;
  Conversation other_schema = work.conversation();
  other_schema.tools[0].input_schema = json::object{{"type", "object"}, {"required", json::array{"a"}}};
  EXPECT_THAT(cassette.play(other_schema).error().message, HasSubstr("/tools/notify"));

  work.happened(
      call_of("open", {{"event", work.event.id}, {"order", "99999999-2222-3333-4444-555555555555"}}),
      {fail(ErrorCode::NotFound, "There is no order.")});
  const auto missed = cassette.play(work.conversation());
  EXPECT_THAT(missed.error().message, HasSubstr("nearest is that of turn 2")) << "as far into its run";
  EXPECT_THAT(missed.error().message, HasSubstr("There is no order."));
}

TEST(Cassette, ReportsTurnsThatNobodyAskedFor) {
  Work recorded;
  Cassette recording{"", {}};
  record_two(recording, recorded);
  Cassette cassette{"one.json", recording.content()};
  ASSERT_TRUE(cassette.play(Work{}.conversation()));

  const auto checked = cassette.check();

  ASSERT_FALSE(checked);
  EXPECT_THAT(checked.error().message, HasSubstr("turn 2: a call of close"));
  EXPECT_THAT(checked.error().message, HasSubstr("turn 3: the answer"));
}

TEST(Cassette, GivesTurnsOfOneRequestInTheirOrderAndTheLastAgain) {
  Work work;
  Cassette cassette{"", {}};
  ASSERT_TRUE(cassette.record(work.conversation(), Turn{.text = "first"}));
  ASSERT_TRUE(cassette.record(work.conversation(), Turn{.text = "second"}));
  Cassette played{"", cassette.content()};

  EXPECT_EQ(played.play(work.conversation()).value().text, "first");
  EXPECT_EQ(played.play(work.conversation()).value().text, "second");
  EXPECT_EQ(played.play(work.conversation()).value().text, "second");
}

TEST(Cassette, RecordsAnewWhatItHasAndKeepsTheRest) {
  const ebagent::testing::TemporaryFolder folder;
  const auto file = folder.path() / "one.json";
  Work work;
  Work other;
  other.input = R"({"other":true})";
  {
    const auto first = Cassette::open_to_record(file, "a", "m").value();
    ASSERT_TRUE(first->record(work.conversation(), Turn{.text = "old"}));
    ASSERT_TRUE(first->record(other.conversation(), Turn{.text = "kept"}));
  }
  {
    const auto second = Cassette::open_to_record(file, "a", "m").value();
    ASSERT_TRUE(second->record(work.conversation(), Turn{.text = "new"}));
  }
  const auto cassette = Cassette::open(file).value();

  EXPECT_EQ(cassette->play(work.conversation()).value().text, "new");
  EXPECT_EQ(cassette->play(other.conversation()).value().text, "kept");
  EXPECT_EQ(cassette->content().turns.size(), 2U);
}

TEST(Cassette, PlaysTurnsThatPeopleWroteInTheirOrder) {
  auto content =
      cassette_from_json(json::parse(R"({"format":"eventbridge-agent cassette","version":1,"turns":[
      {"note":"first it looks","turn":{"calls":[{"tool":"look","input":{"event":"{{event.id}}"}}]}},
      {"turn":{"text":"Seen."}}]})"));
  ASSERT_TRUE(content) << content.error().message;
  Cassette cassette{"", std::move(content).value()};
  const Work work;

  EXPECT_EQ(cassette.play(work.conversation()).value().calls.at(0).input.at("event").as_string(),
            work.event.id);
  EXPECT_EQ(cassette.play(work.conversation()).value().text, "Seen.");
  EXPECT_THAT(cassette.play(work.conversation()).error().message, HasSubstr("All its turns were played."));
}

TEST(Cassette, IsRefusedWithThePlaceOfWhatIsWrong) {
  const std::map<std::string, std::string> cases = {
      {R"([])", "/format"},
      {R"({"format":"eventbridge-agent cassette","version":2,"turns":[]})", "/version"},
      {R"({"format":"eventbridge-agent cassette","version":1})", "/turns"},
      {R"({"format":"eventbridge-agent cassette","version":1,"turns":[7]})", "/turns/0"},
      {R"({"format":"eventbridge-agent cassette","version":1,"turns":[{}]})", "/turns/0/turn"},
      {R"({"format":"eventbridge-agent cassette","version":1,"turns":[{"turn":{"calls":3}}]})",
       "/turns/0/turn"},
      {R"({"format":"eventbridge-agent cassette","version":1,"turns":[{"turn":{},"asked":1}]})",
       "/turns/0/asked"},
      {R"({"format":"eventbridge-agent cassette","version":1,"turns":[{"turn":{},"request":{}}]})",
       "/turns/0/request/since"},
      {R"({"format":"eventbridge-agent cassette","version":1,"turns":[{"turn":{},"request":{"after":1,"since":[]}}]})",
       "/turns/0/request/after"}};
  for (const auto& [text, place] : cases) {
    const auto content = cassette_from_json(json::parse(text));
    ASSERT_FALSE(content) << text;
    EXPECT_THAT(content.error().message, ::testing::StartsWith(place + ":")) << text;
  }
}

TEST(Cassette, KeepsNoSecret) {
  const ebagent::testing::TemporaryFolder folder;
  const auto file = folder.path() / "one.json";
  const Redact redact = [](json::value value) {
    std::string text = json::serialize(value);
    for (auto at = text.find("hunter2"); at != std::string::npos; at = text.find("hunter2")) {
      text.replace(at, 7, "[secret PASS]");
    }
    return json::parse(text);
  };
  Work work;
  work.instructions = "The password is hunter2.";
  const auto cassette = Cassette::open_to_record(file, "a", "m", redact).value();
  ASSERT_TRUE(cassette->record(work.conversation(), call_of("login", {{"password", "hunter2"}})));

  EXPECT_THAT(folder.read("one.json"), Not(HasSubstr("hunter2")));
  const auto played = Cassette::open(file, redact).value();
  EXPECT_TRUE(played->play(work.conversation()));
}

TEST(Cassette, LosesNoTurnOfThreadsThatRecordAtOnce) {
  const ebagent::testing::TemporaryFolder folder;
  const auto file = folder.path() / "one.json";
  constexpr int kThreads = 4, kTurns = 10;
  {
    const auto cassette = Cassette::open_to_record(file, "a", "m").value();
    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < kTurns; ++i) {
          Work work;
          work.input = R"({"n":)" + std::to_string(t * kTurns + i) + "}";
          EXPECT_TRUE(cassette->record(work.conversation(), Turn{.text = std::to_string(i)}));
        }
      });
    }
  }
  EXPECT_EQ(read_cassette(file).value().turns.size(), std::size_t{kThreads * kTurns});
}

// Counts how often the service behind is asked.
class Service final : public Model {
 public:
  Result<Turn> next(const Conversation&, const TurnRequest&) const override {
    ++asked;
    if (fails) return fail(ErrorCode::Overloaded, "Too many requests.");
    return Turn{.text = "live"};
  }
  [[nodiscard]] std::string_view name() const override { return "service"; }
  mutable int asked = 0;
  bool fails = false;
};

TEST(CassetteModel, RecordsWhatIsAskedAndReplaysItWithoutTheService) {
  const ebagent::testing::TemporaryFolder folder;
  const CassetteSettings settings{.file = folder.path() / "one.json", .mode = CassetteMode::Replay};
  const auto service = std::make_shared<Service>();
  const Work work;

  const auto recording = with_cassette(service, settings, "record").value();
  EXPECT_EQ(recording->next(work.conversation(), {}).value().text, "live");
  const auto replaying = with_cassette(service, settings, "").value();
  std::string streamed;
  EXPECT_EQ(
      replaying->next(work.conversation(), {.on_text = [&](std::string_view text) { streamed += text; }})
          .value()
          .text,
      "live");

  EXPECT_EQ(streamed, "live");
  EXPECT_EQ(service->asked, 1);
  EXPECT_EQ(replaying->name(), "service");
  EXPECT_EQ(with_cassette(service, settings, "live").value(), service);
  EXPECT_EQ(with_cassette(service, {}, "replay").value(), service);
}

TEST(CassetteModel, DoesNotRecordFailures) {
  const ebagent::testing::TemporaryFolder folder;
  const CassetteSettings settings{.file = folder.path() / "one.json", .mode = CassetteMode::Record};
  const auto service = std::make_shared<Service>();
  service->fails = true;

  const auto turn = with_cassette(service, settings, "").value()->next(Work{}.conversation(), {});

  EXPECT_EQ(turn.error().code, ErrorCode::Overloaded);
  EXPECT_FALSE(std::filesystem::exists(settings.file));
}

TEST(CassetteModel, RefusesAModeThatThereIsNotAndAFileThatIsNotThere) {
  const auto service = std::make_shared<Service>();
  const CassetteSettings settings{.file = "/nowhere/one.json", .mode = CassetteMode::Replay};

  EXPECT_THAT(with_cassette(service, settings, "reply").error().message,
              HasSubstr("live, record and replay"));
  EXPECT_THAT(with_cassette(service, settings, "").error().message,
              HasSubstr("There is no cassette /nowhere/one.json"));
}

}  // namespace
}  // namespace ebagent::models
