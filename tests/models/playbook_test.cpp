#include "models/playbook.hpp"

#include <gtest/gtest.h>

#include "core/json.hpp"
#include "models/models.hpp"

namespace ebagent::models {
namespace {

Event order_event() {
  Event event;
  event.id = "event-1";
  event.source = "myapp.orders";
  event.detail_type = "Order Placed";
  event.account = "123456789012";
  event.region = "us-west-2";
  event.detail = R"({"orderId":"order_123","amount":99.99,"items":[{"sku":"a"}],"note":"say \"hi\"\n"})";
  return event;
}

class PlaybookTest : public ::testing::Test {
 protected:
  Turn next(const Playbook& playbook) {
    auto model = PlaybookModel::make(playbook);
    if (!model) {
      ADD_FAILURE() << model.error().message;
      return {};
    }
    auto turn = model.value()->next(conversation, {});
    if (!turn) {
      ADD_FAILURE() << turn.error().message;
      return {};
    }
    return turn.value();
  }
  void done(std::string name, std::string_view output) {
    conversation.exchanges.push_back({.turn = {.calls = {{.name = std::move(name), .tool = "t"}}},
                                      .outcomes = {core::parse_json(output).value()}});
  }
  void failed(std::string name, std::string error) {
    conversation.exchanges.push_back(
        {.turn = {.calls = {{.name = std::move(name), .tool = "t"}}},
         .outcomes = {Result<boost::json::value>(fail(ErrorCode::NotFound, std::move(error)))}});
  }
  static std::string refusal(const Playbook& playbook) {
    auto model = PlaybookModel::make(playbook);
    return model ? "not refused" : model.error().message;
  }

  Event event = order_event();
  std::string input = to_json(event);
  Conversation conversation{event, input};
};

TEST_F(PlaybookTest, AsksForOneCallATurnFromTopToBottom) {
  const Playbook playbook{
      {{.name = "one", .tool = "a"}, {.name = "two", .tool = "b", .on_error = OnError::Continue}}, {}};

  const Turn first = next(playbook);
  done("one", "1");
  const Turn second = next(playbook);
  done("two", "2");
  const Turn third = next(playbook);

  ASSERT_EQ(first.calls.size(), 1u);
  EXPECT_EQ(first.calls[0].name, "one");
  EXPECT_EQ(first.calls[0].tool, "a");
  EXPECT_EQ(first.calls[0].on_error, OnError::Fail);
  EXPECT_EQ(second.calls.at(0).name, "two");
  EXPECT_EQ(second.calls.at(0).on_error, OnError::Continue);
  EXPECT_TRUE(third.calls.empty());
  EXPECT_EQ(third.text, "Done: one, two.");
}

TEST_F(PlaybookTest, PassesOverEntriesWhoseConditionDoesNotMatch) {
  const Playbook playbook{
      {{.name = "never", .tool = "a", .when = R"({"event":{"source":["aws.s3"]}})"},
       {.name = "always", .tool = "b", .when = R"({"event":{"detail":{"amount":[{"numeric":[">",50]}]}}})"}},
      {}};

  EXPECT_EQ(next(playbook).calls.at(0).name, "always");
}

TEST_F(PlaybookTest, DecidesByWhatEarlierStepsFound) {
  const Playbook playbook{
      {{.name = "check", .tool = "a"},
       {.name = "reserve", .tool = "b", .when = R"({"steps":{"check":{"output":{"enough":[true]}}}})"},
       {.name = "reject", .tool = "c", .when = R"({"steps":{"check":{"output":{"enough":[false]}}}})"},
       {.name = "alert", .tool = "d", .when = R"({"steps":{"check":{"error":[{"exists":true}]}}})"}},
      {}};
  const auto after = [&](auto outcome) {
    conversation.exchanges.clear();
    outcome();
    return next(playbook).calls.at(0).name;
  };

  EXPECT_EQ(after([&] { done("check", R"({"enough":true})"); }), "reserve");
  EXPECT_EQ(after([&] { done("check", R"({"enough":false})"); }), "reject");
  EXPECT_EQ(after([&] { failed("check", "no such sku"); }), "alert");
}

TEST_F(PlaybookTest, DoesNotComeBackToAnEntryThatItPassedOver) {
  const Playbook playbook{{{.name = "early", .tool = "a", .when = R"({"steps":{"late":{"output":[1]}}})"},
                           {.name = "late", .tool = "b"}},
                          {}};

  EXPECT_EQ(next(playbook).calls.at(0).name, "late");
  done("late", "1");
  EXPECT_TRUE(next(playbook).calls.empty());
}

TEST_F(PlaybookTest, FillsTheInputFromEventAndSteps) {
  done("look", R"({"path":"s3://b/k","rows":[1,2]})");
  const Playbook playbook{{{.name = "look", .tool = "a"},
                           {.name = "send",
                            .tool = "b",
                            .input = R"({"id":<$.event.detail.orderId>,"amount":<$.event.detail.amount>,
                                         "sku":<$.event.detail.items[0].sku>,"rows":<$.steps.look.output.rows>,
                                         "text":"from <$.steps.look.output.path>: <$.event.detail.note>",
                                         "missing":<$.event.detail.nothing>})"}},
                          {}};

  EXPECT_EQ(
      core::write_json(next(playbook).calls.at(0).input),
      R"({"id":"order_123","amount":99.99,"sku":"a","rows":[1,2],"text":"from s3://b/k: say \"hi\"\n","missing":""})");
}

TEST_F(PlaybookTest, CannotBeMadeToChangeItsInputsShapeByAnEvent) {
  event.detail = R"({"name":"x\",\"admin\":true,\"y\":\""})";
  const Playbook playbook{
      {{.name = "s", .tool = "a", .input = R"({"greeting":"Hello <$.event.detail.name>"})"}}, {}};

  const auto made = next(playbook).calls.at(0).input;

  EXPECT_EQ(made.as_object().size(), 1u);
  EXPECT_EQ(made.at("greeting"), "Hello x\",\"admin\":true,\"y\":\"");
}

TEST_F(PlaybookTest, SeesTheInputOfAReshapingTarget) {
  input = R"({"task":"backup"})";
  const Playbook playbook{{{.name = "s",
                            .tool = "a",
                            .when = R"({"input":{"task":["backup"]}})",
                            .input = R"({"t":<$.input.task>})"}},
                          {}};

  EXPECT_EQ(next(playbook).calls.at(0).input.at("t"), "backup");
}

TEST_F(PlaybookTest, TakesAnInputThatIsNoJsonForText) {
  input = "plain words";
  const Playbook playbook{{{.name = "s", .tool = "a", .input = R"({"t":<$.input>})"}}, {}};

  EXPECT_EQ(next(playbook).calls.at(0).input.at("t"), "plain words");
}

TEST_F(PlaybookTest, AnswersWithTheFirstTextWhoseConditionMatches) {
  const Playbook playbook{
      {},
      {{R"({"event":{"source":["aws.s3"]}})", "not me"},
       {"", "New order received: <$.event.detail.orderId>\nAmount: $<$.event.detail.amount>"},
       {"", "too late"}}};

  EXPECT_EQ(next(playbook).text, "New order received: order_123\nAmount: $99.99");
}

TEST_F(PlaybookTest, AnswersInPlainTextWhateverTheValuesHold) {
  const Playbook playbook{{}, {{"", "Note: \"<$.event.detail.note>\" \\ 1 < 2"}}};

  EXPECT_EQ(next(playbook).text, "Note: \"say \"hi\"\n\" \\ 1 < 2");
}

TEST_F(PlaybookTest, SaysWhatItDidWhenItHasNoAnswerOfItsOwn) {
  const Playbook playbook{{{.name = "a", .tool = "t"}, {.name = "b", .tool = "t"}}, {}};
  done("a", "1");
  failed("b", "gone");

  EXPECT_EQ(next(playbook).text, "Done: a, b (failed).");
  EXPECT_EQ(next(Playbook{}).text, "Done: a, b (failed).");
  conversation.exchanges.clear();
  EXPECT_EQ(next(Playbook{}).text, "Nothing to do.");
}

TEST_F(PlaybookTest, RefusesWhatCannotBeMeantAndNamesTheEntry) {
  EXPECT_EQ(refusal({{{.name = "a b", .tool = "t"}}, {}}),
            "\"a b\" is no name for a playbook entry: 1 to 64 letters, digits, _ or -.");
  EXPECT_EQ(refusal({{{.name = "a", .tool = "t"}, {.name = "a", .tool = "t"}}, {}}),
            "The playbook has two entries named \"a\".");
  EXPECT_EQ(refusal({{{.name = "a", .tool = "t", .when = R"({"x":[]})"}}, {}}),
            "Playbook entry \"a\": its condition: Empty arrays are not allowed");
  EXPECT_TRUE(refusal({{{.name = "a", .tool = "t", .input = "{\"x\":"}}, {}})
                  .starts_with("Playbook entry \"a\": its input: "));
  EXPECT_TRUE(refusal({{}, {{"", "<$.a[>"}}}).starts_with("The text of an answer: "));
}

TEST(Models, SaysWhichModelsThereAre) {
  AgentSpec spec;
  spec.model = "bedrock:some-model";

  EXPECT_EQ(make_model(spec).error(),
            (Error{ErrorCode::NotFound, "There is no model \"bedrock:some-model\"; there is: playbook."}));
}

}  // namespace
}  // namespace ebagent::models
