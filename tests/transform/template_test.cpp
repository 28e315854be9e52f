#include "transform/template.hpp"

#include <gtest/gtest.h>

#include "core/json.hpp"
#include "core/time_format.hpp"
#include "support/fixed_random.hpp"

namespace ebagent::transform {
namespace {

using Paths = std::map<std::string, std::string>;

constexpr std::string_view kEventJson =
    R"({"version":"0","id":"e1","detail-type":"Order Placed","source":"shop.orders","account":"123456789012",)"
    R"("time":"2026-01-26T15:59:58Z","region":"us-west-2","resources":["arn:a"],"detail":{"command":"reserve",)"
    R"("payload":{"acc_id":"acc-17","sf_id":"baz"},"list":["A","B"],"amount":80.0,"price":99.99,"ok":true,)"
    R"("nothing":null,"nested":{"list":[1,{"x":null}],"empty":{}},"quote":"say \"hi\"","lines":"one\ntwo",)"
    R"("slash":"C:\\new","unicode":"Zoë","attack":"x\",\"admin\":\"yes"}})";

const boost::json::value& event() {
  static const boost::json::value value = core::parse_json(kEventJson).value();
  return value;
}

Context context() {
  return {.rule_arn = "arn:aws:events:us-west-2:123456789012:rule/customers",
          .rule_name = "customers",
          .ingestion_time = core::parse_rfc3339("2026-01-26T16:00:00.250Z").value(),
          .event_json = kEventJson};
}

// What the target "1" gets, or the error's message.
std::string transform(const Paths& paths, std::string_view text) {
  const auto compiled = Template::compile("1", paths, text);
  if (!compiled) return compiled.error().message;
  const auto result = compiled.value().apply(event(), context());
  return result ? result.value() : result.error().message;
}

// What an inline template gives over {"event": ..., "steps": ...}, or the error's message.
std::string inline_transform(std::string_view text) {
  boost::json::value root =
      core::parse_json(R"({"steps":{"load":{"output":{"rows":3,"warnings":[]}}}})").value();
  root.get_object().emplace("event", event());
  const auto compiled = Template::compile_inline(text);
  if (!compiled) return compiled.error().message;
  const auto result = compiled.value().apply(root);
  return result ? result.value() : result.error().message;
}

bool begins_with(std::string_view text, std::string_view beginning) {
  return text.starts_with(beginning);
}

TEST(InputTransformer, FillsPlaceholdersOfAStringTemplate) {
  EXPECT_EQ(transform({{"what", "$.detail-type"}, {"when", "$.time"}, {"command", "$.detail.command"}},
                      R"("<what> (<when>): please <command>!")"),
            R"("Order Placed (2026-01-26T15:59:58Z): please reserve!")");
}

TEST(InputTransformer, LeavesBracesAndBracketsOfAStringTemplateAlone) {
  EXPECT_EQ(transform({{"what", "$.detail-type"}}, R"("[{ <what>: /]")"), R"("[{ Order Placed: /]")");
}

TEST(InputTransformer, QuotesAStringThatStandsUnquoted) {
  EXPECT_EQ(transform({{"c", "$.detail.command"}}, R"({"command": <c>})"), R"({"command": "reserve"})");
}

TEST(InputTransformer, AddsNoSecondQuotesToAQuotedPlaceholder) {
  EXPECT_EQ(transform({{"c", "$.detail.command"}}, R"({"command": "<c>"})"), R"({"command": "reserve"})");
}

TEST(InputTransformer, KeepsTheJsonTypeOfAnUnquotedValue) {
  EXPECT_EQ(transform({{"o", "$.detail.payload"},
                       {"l", "$.detail.list"},
                       {"b", "$.detail.ok"},
                       {"n", "$.detail.nothing"}},
                      R"({"o":<o>,"l":<l>,"b":<b>,"n":<n>})"),
            R"({"o":{"acc_id":"acc-17","sf_id":"baz"},"l":["A","B"],"b":true,"n":null})");
}

TEST(InputTransformer, WritesNumbersAsPeopleDo) {
  EXPECT_EQ(
      transform({{"a", "$.detail.amount"}, {"p", "$.detail.price"}}, R"({"a":<a>,"p":"costs <p>, not <a>"})"),
      R"({"a":80,"p":"costs 99.99, not 80"})");
}

TEST(InputTransformer, PrintsAnObjectInsideAQuotedStringWithoutQuotes) {
  EXPECT_EQ(transform({{"p", "$.detail.payload"}}, R"("Got <p>")"), R"("Got {acc_id:acc-17,sf_id:baz}")");
}

TEST(InputTransformer, PrintsAListInsideAQuotedStringWithoutQuotes) {
  EXPECT_EQ(transform({{"l", "$.detail.list"}}, R"({"all":"<l>"})"), R"({"all":"[A,B]"})");
}

TEST(InputTransformer, PrintsNestedValuesInsideAQuotedString) {
  EXPECT_EQ(transform({{"n", "$.detail.nested"}}, R"("<n>")"), R"("{list:[1,{x:null}],empty:{}}")");
}

TEST(InputTransformer, FillsSeveralPlaceholdersOfOneString) {
  EXPECT_EQ(
      transform({{"id", "$.id"}, {"type", "$.detail-type"}}, R"({"url":"events/<id>/as/<type>","id":<id>})"),
      R"({"url":"events/e1/as/Order Placed","id":"e1"})");
}

TEST(InputTransformer, GivesAnEmptyStringForAMissingPathInQuotes) {
  EXPECT_EQ(transform({{"c", "$.detail.absent"}}, R"("Command: <c>")"), R"("Command: ")");
}

TEST(InputTransformer, GivesAnEmptyStringForAMissingPathOutsideOfQuotes) {
  EXPECT_EQ(transform({{"c", "$.detail.absent"}}, R"({"command": <c>})"), R"({"command": ""})");
}

TEST(InputTransformer, TakesAnEscapedQuotationMarkAsPartOfTheString) {
  EXPECT_EQ(transform({{"c", "$.detail.command"}}, R"({"s":"it is \"<c>\" now","v":<c>})"),
            R"({"s":"it is \"reserve\" now","v":"reserve"})");
}

TEST(InputTransformer, EscapesAnUnquotedString) {
  EXPECT_EQ(transform({{"q", "$.detail.quote"}, {"l", "$.detail.lines"}}, R"({"q":<q>,"l":<l>})"),
            R"({"q":"say \"hi\"","l":"one\ntwo"})");
}

TEST(InputTransformer, RefusesToDeliverAQuotedValueThatWouldBreakTheJson) {
  for (const auto* path : {"$.detail.quote", "$.detail.lines", "$.detail.slash", "$.detail"}) {
    EXPECT_TRUE(
        begins_with(transform({{"v", path}}, R"({"v":"<v>"})"), "The value of <v> has a quotation mark"))
        << path;
  }
}

TEST(InputTransformer, LetsNoValueAddMembersToTheResult) {
  EXPECT_TRUE(
      begins_with(transform({{"v", "$.detail.attack"}}, R"({"v":"<v>","id":1})"), "The value of <v> has"));
  EXPECT_EQ(inline_transform(R"({"v":"<$.event.detail.attack>","id":1})"),
            R"({"v":"x\",\"admin\":\"yes","id":1})");
}

TEST(InputTransformer, KeepsTheLinesOfATemplate) {
  EXPECT_EQ(transform({{"c", "$.detail.command"}, {"id", "$.id"}},
                      "{\n  \"command\": <c>,\n  \"id\": \"<id>\"\n}\n"),
            "{\n  \"command\": \"reserve\",\n  \"id\": \"e1\"\n}\n");
}

TEST(InputTransformer, TakesSeveralLinesOfOneStringEach) {
  EXPECT_EQ(transform({{"c", "$.detail.command"}, {"id", "$.id"}}, "\"Did <c>.\"\n\"The event was <id>.\"\n"),
            "\"Did reserve.\"\n\"The event was e1.\"\n");
}

TEST(InputTransformer, KnowsTheReservedVariables) {
  EXPECT_EQ(
      transform({},
                R"("From <aws.events.rule-arn> <aws.events.rule-name> <aws.events.event.ingestion-time>")"),
      R"("From arn:aws:events:us-west-2:123456789012:rule/customers customers 2026-01-26T16:00:00Z")");
  EXPECT_EQ(transform({}, R"({"n":<aws.events.rule-name>,"t":<aws.events.event.ingestion-time>})"),
            R"({"n":"customers","t":"2026-01-26T16:00:00Z"})");
}

TEST(InputTransformer, ShowsTheReservedEventWithoutDetailAndWithAnotherKeyForItsType) {
  EXPECT_EQ(
      transform({}, R"({"head":<aws.events.event>})"),
      R"({"head":{"id":"e1","account":"123456789012","detailType":"Order Placed",)"
      R"("time":"2026-01-26T15:59:58Z","source":"shop.orders","region":"us-west-2","resources":["arn:a"],)"
      R"("version":"0"}})");
}

TEST(InputTransformer, ShowsTheReservedEventJsonByteForByte) {
  EXPECT_EQ(transform({}, "<aws.events.event.json>"), kEventJson);
}

TEST(InputTransformer, SetsTheReservedEventJsonIntoAnObject) {
  EXPECT_EQ(transform({}, R"({"by":"<aws.events.rule-name>","whole":<aws.events.event.json>})"),
            R"({"by":"customers","whole":)" + std::string{kEventJson} + "}");
}

TEST(InputTransformer, RefusesAnUndefinedPlaceholderAsAwsDoes) {
  const auto compiled = Template::compile("my-target", {{"type", "$.detail-type"}}, R"("<type> <amonut>")");

  ASSERT_FALSE(compiled.has_value());
  EXPECT_EQ(compiled.error(),
            (Error{ErrorCode::InvalidArgument,
                   "InputTemplate for target my-target contains invalid placeholder amonut."}));
}

TEST(InputTransformer, RefusesAReservedNameThatDoesNotExist) {
  EXPECT_EQ(transform({}, R"("<aws.events.event.id>")"),
            "InputTemplate for target 1 contains invalid placeholder aws.events.event.id.");
}

TEST(InputTransformer, LeavesALessThanSignThatBeginsNoPlaceholderAlone) {
  EXPECT_EQ(transform({}, R"("1 < 2 and 3 > 2, <> and <")"), R"("1 < 2 and 3 > 2, <> and <")");
}

TEST(InputTransformer, RefusesAPlainTextTemplate) {
  EXPECT_TRUE(begins_with(transform({{"c", "$.detail.command"}}, "<c> was called"),
                          "Invalid InputTemplate for target 1 : "));
}

TEST(InputTransformer, RefusesTemplatesThatCouldNeverGiveValidJson) {
  for (const auto* text :
       {"", " ", "{", "\"open", "{\"a\":}", "{\"a\":<c><c>}", "{\"a\":1<c>}", "{<c>:1}", "\"a\"b",
        "\"a\"\n{}", "\"a\nb\"", "\"\\", "{\"a\":1,\"a\":<c>}", "\"\xC3\x28<c>\""}) {
    EXPECT_TRUE(begins_with(transform({{"c", "$.id"}}, text), "Invalid InputTemplate for target 1 : "))
        << text;
  }
}

TEST(InputTransformer, NamesTheByteOfTheTemplateWhereItsJsonIsWrong) {
  EXPECT_NE(transform({{"command", "$.id"}}, R"({"a":<command>,"b":x})").find("byte 19"), std::string::npos);
}

TEST(InputTransformer, SaysThatAResultIsNoValidJson) {
  const std::string result = transform({{"c", "$.id"}, {"d", "$.id"}}, R"({"<c>":1,"<d>":2})");

  EXPECT_EQ(result,
            "The result of the input template is no valid JSON: The JSON text has the key \"e1\" twice in "
            "one object, at "
            "byte 11.");
}

TEST(InputTransformer, TakesNoMoreThan100InputPaths) {
  Paths paths;
  for (std::size_t i = 0; i < kMaxInputPaths; ++i) paths["p" + std::to_string(i)] = "$.id";
  EXPECT_EQ(transform(paths, R"("<p99>")"), R"("e1")");

  paths["one-more"] = "$.id";
  EXPECT_EQ(transform(paths, R"("<p99>")"), "The InputPathsMap of target 1 has at most 100 entries.");
}

TEST(InputTransformer, TakesNoMoreThan8192Characters) {
  const std::string longest = "\"" + std::string(kMaxTemplateLength - 2, 'x') + "\"";
  EXPECT_EQ(transform({}, longest), longest);
  EXPECT_EQ(transform({}, longest + " "), "A template of target 1 has at most 8192 characters.");
}

TEST(InputTransformer, CountsCharactersAndNotBytes) {
  std::string text = "\"";
  for (std::size_t i = 0; i < kMaxTemplateLength - 2; ++i) text += "ë";
  text += "\"";

  EXPECT_EQ(transform({}, text), text);
}

TEST(InputTransformer, RefusesNamesAndPathsOutsideOfTheModel) {
  EXPECT_TRUE(begins_with(transform({{"a b", "$.id"}}, R"("x")"),
                          "The InputPathsMap of target 1 has the name \"a b\""));
  EXPECT_TRUE(
      begins_with(transform({{"aws.x", "$.id"}}, R"("x")"), "The InputPathsMap of target 1 has the name"));
  EXPECT_TRUE(begins_with(transform({{"", "$.id"}}, R"("x")"), "The InputPathsMap of target 1 has the name"));
  EXPECT_TRUE(begins_with(transform({{"a", "id"}}, R"("x")"),
                          "The InputPathsMap of target 1 is not valid at \"a\": The JSON path"));
}

TEST(InputTransformer, RefusesAResultThatGrowsBeyondEveryTarget) {
  const boost::json::value large = {{"text", std::string(1'000'000, 'x')}};
  std::string text = "[<t>";
  for (int i = 0; i < 1000; ++i) text += ",<t>";
  const auto compiled = Template::compile("1", {{"t", "$.text"}}, text + "]").value();

  const auto result = compiled.apply(large, context());

  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code, ErrorCode::LimitExceeded);
}

TEST(InputTransformer, FillsTheListOfAWildcard) {
  EXPECT_EQ(transform({{"l", "$.detail.list[*]"}}, R"({"l":<l>,"s":"<l>"})"),
            R"({"l":["A","B"],"s":"[A,B]"})");
}

TEST(InputTransformer, AppliesToARootThatIsNoEvent) {
  const auto compiled = Template::compile("1", {{"rows", "$.steps.load.rows"}}, R"({"rows":<rows>})").value();

  EXPECT_EQ(compiled.apply({{"steps", {{"load", {{"rows", 3}}}}}}).value(), R"({"rows":3})");
}

TEST(InputTransformer, GivesValidJsonOrAnErrorForAnyTemplate) {
  constexpr std::string_view kPieces[] = {"\"",
                                          "<c>",
                                          "<q>",
                                          "<o>",
                                          "{",
                                          "}",
                                          "[",
                                          "]",
                                          ":",
                                          ",",
                                          "\\",
                                          "1",
                                          "a",
                                          "\n",
                                          "<aws.events.event>",
                                          "<aws.events.event.json>",
                                          "<",
                                          ">",
                                          " ",
                                          "\"k\":",
                                          "\"<c>\"",
                                          "<$.event.id>",
                                          "<$[",
                                          "\"<$.event.detail.quote>\"",
                                          "<$.event.detail>",
                                          "'"};
  const Paths paths{{"c", "$.detail.command"}, {"q", "$.detail.quote"}, {"o", "$.detail.payload"}};
  const boost::json::value root = {{"event", event()}};
  testing::FixedRandom random;
  int delivered = 0;
  for (int n = 0; n < 20'000; ++n) {
    std::string text;
    for (auto pieces = random.next() % 6; pieces > 0; --pieces)
      text += kPieces[random.next() % std::size(kPieces)];
    if (random.next() % 2 == 0) text = "{\"a\":" + text + "}";
    if (const auto compiled = Template::compile("1", paths, text)) {
      const auto result = compiled.value().apply(event(), context());
      delivered += result.has_value();
    }
    if (const auto compiled = Template::compile_inline(text)) {
      const auto result = compiled.value().evaluate(root);
      delivered += result.has_value();
    }
  }

  EXPECT_GT(delivered, 100);
}

TEST(InlineTemplate, TakesPathsAsPlaceholders) {
  EXPECT_EQ(inline_transform(
                R"({"id":<$.event.id>,"text":"Loaded <$.steps.load.output.rows> rows of <$.event.id>"})"),
            R"({"id":"e1","text":"Loaded 3 rows of e1"})");
}

TEST(InlineTemplate, KeepsTheJsonTypeOfAWholeValue) {
  EXPECT_EQ(inline_transform("<$.steps.load.output>"), R"({"rows":3,"warnings":[]})");
  EXPECT_EQ(inline_transform("<$.event.detail.amount>"), "80");
}

TEST(InlineTemplate, GivesAnEmptyStringForAMissingPath) {
  EXPECT_EQ(inline_transform(R"({"a":<$.event.detail.no>,"b":"<$.steps.no.x>"})"), R"({"a":"","b":""})");
}

TEST(InlineTemplate, EscapesValuesInsideOfQuotes) {
  EXPECT_EQ(inline_transform(R"("<$.event.detail.quote>, <$.event.detail.lines>, <$.event.detail.slash>")"),
            R"("say \"hi\", one\ntwo, C:\\new")");
}

TEST(InlineTemplate, TakesKeysInBracketsAlsoWithAGreaterThanSign) {
  EXPECT_EQ(inline_transform(R"({"a":<$.event['detail-type']>,"b":"<$.event['a > b']>"})"),
            R"({"a":"Order Placed","b":""})");
}

TEST(InlineTemplate, LeavesMarkupAlone) {
  EXPECT_EQ(inline_transform(R"("<b>Rows</b>: <$.steps.load.output.rows><br>")"), R"("<b>Rows</b>: 3<br>")");
}

TEST(InlineTemplate, RefusesAPathThatIsNotValid) {
  EXPECT_TRUE(
      begins_with(inline_transform(R"("<$.event..id>")"), "The JSON path \"$.event..id\" is not valid"));
  EXPECT_TRUE(begins_with(inline_transform(R"({"a":<$.event.id)"), "The template is not valid"));
}

TEST(InlineTemplate, EvaluatesToAJsonValue) {
  const auto compiled = Template::compile_inline(R"({"rows":<$.n>})").value();

  EXPECT_EQ(compiled.evaluate({{"n", 3}}).value(), boost::json::value({{"rows", 3}}));
}

TEST(InlineTemplate, EvaluatesSeveralLinesToOneString) {
  const auto compiled = Template::compile_inline("\"one <$.n>\"\n\n\"two\"").value();

  EXPECT_EQ(compiled.evaluate({{"n", "a\nb"}}).value(), boost::json::value("one a\nb\ntwo"));
}

}  // namespace
}  // namespace ebagent::transform
