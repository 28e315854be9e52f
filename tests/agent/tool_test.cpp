#include "ebagent/tool.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "core/json.hpp"
#include "fixtures.hpp"

namespace ebagent::agent {
namespace {

enum class Urgency { low, high };
BOOST_DESCRIBE_ENUM(Urgency, low, high)
}  // namespace
}  // namespace ebagent::agent

template <>
struct ebagent::EnumTexts<ebagent::agent::Urgency> {
  static constexpr MemberText kTexts[] = {{"high", "Somebody is woken up"},
                                          {"low", "Tomorrow is soon enough"}};
};

namespace ebagent::agent {
namespace {

enum class Speed { slow, fast };
BOOST_DESCRIBE_ENUM(Speed, slow, fast)

struct Item {
  std::string sku;
  std::uint8_t quantity = 0;
  std::optional<std::string> note;

  static constexpr MemberText kMembers[] = {{"sku", "Stock keeping unit"}};
};
BOOST_DESCRIBE_STRUCT(Item, (), (sku, quantity, note))

struct Order {
  std::vector<Item> items;
  std::map<std::string, double> prices;
  Speed speed = Speed::slow;
  bool gift = false;
  boost::json::value extra;
};
BOOST_DESCRIBE_STRUCT(Order, (), (items, prices, speed, gift, extra))

struct Nested {
  std::vector<Nested> children;
};
BOOST_DESCRIBE_STRUCT(Nested, (), (children))

class ToolTest : public ::testing::Test {
 protected:
  Result<boost::json::value> invoke(const Tool& tool, std::string_view arguments) {
    return tool.invoke(core::parse_json(arguments).value(), context);
  }
  std::string error_of(const Tool& tool, std::string_view arguments) {
    auto result = invoke(tool, arguments);
    return result ? "no error" : result.error().message;
  }
  static boost::json::value json(std::string_view text) { return core::parse_json(text).value(); }

  Event event = order_event();
  testing::ManualClock clock;
  RecordingSink sink;
  ToolContext context{
      {.run_id = "run-1", .agent = "a", .step = "s", .idempotency_key = "key-1", .chain = {.hops = 2}},
      event,
      clock,
      &sink};
};

Tool copy_tool() {
  return Tool::from(
      "copy", "Copies an object",
      [](Arg<"bucket", std::string, "Bucket of the upload"> bucket, Arg<"times", std::optional<int>> times) {
        return *bucket + " x" + std::to_string(times->value_or(1));
      });
}

Tool search_tool() {
  return Tool::from("search", "Searches",
                    [](Arg<"query", Sized<std::string, 1, 5>, "What to look for"> query,
                       Arg<"limit", Default<Bounded<int, 1, 100>, 20>> limit,
                       Arg<"mode", Default<std::string, kText<"fast">>> mode,
                       Arg<"urgency", Default<Urgency, Urgency::low>, "How soon"> urgency,
                       Arg<"tags", std::optional<Sized<std::vector<std::string>, 0, 2>>>,
                       Arg<"share", std::optional<Bounded<double, 0, 1>>>) {
                      const int count = **limit;
                      return **query + " " + std::to_string(count) + " " + **mode +
                             (urgency->value == Urgency::high ? " high" : " low");
                    });
}

Tool order_tool() {
  return Tool::from("order", "Takes an order", [](const Order& order) { return order; });
}

TEST_F(ToolTest, DerivesAClosedSchemaFromNamedArguments) {
  EXPECT_EQ(copy_tool().input_schema(), json(R"({
    "type":"object",
    "properties":{
      "bucket":{"type":"string","description":"Bucket of the upload"},
      "times":{"type":"integer","minimum":-2147483648,"maximum":2147483647}},
    "required":["bucket"],
    "additionalProperties":false})"));
}

TEST_F(ToolTest, DerivesTheSchemaOfADescribedStructWithAllItHolds) {
  EXPECT_EQ(order_tool().input_schema(), json(R"({
    "type":"object",
    "properties":{
      "items":{"type":"array","items":{
        "type":"object",
        "properties":{
          "sku":{"type":"string","description":"Stock keeping unit"},
          "quantity":{"type":"integer","minimum":0,"maximum":255},
          "note":{"type":"string"}},
        "required":["sku","quantity"],
        "additionalProperties":false}},
      "prices":{"type":"object","additionalProperties":{"type":"number"}},
      "speed":{"type":"string","enum":["slow","fast"]},
      "gift":{"type":"boolean"},
      "extra":{}},
    "required":["items","prices","speed","gift","extra"],
    "additionalProperties":false})"));
}

TEST_F(ToolTest, DerivesBoundsSizesDefaultsAndWhatEnumeratorsMean) {
  EXPECT_EQ(search_tool().input_schema(), json(R"j({
    "type":"object",
    "properties":{
      "query":{"type":"string","minLength":1,"maxLength":5,"description":"What to look for"},
      "limit":{"type":"integer","minimum":1,"maximum":100,"default":20},
      "mode":{"type":"string","default":"fast"},
      "urgency":{"type":"string","enum":["low","high"],"default":"low",
                 "description":"How soon (high: Somebody is woken up; low: Tomorrow is soon enough)"},
      "tags":{"type":"array","items":{"type":"string"},"maxItems":2},
      "share":{"type":"number","minimum":0,"maximum":1}},
    "required":["query"],
    "additionalProperties":false})j"));
}

TEST_F(ToolTest, DefaultsStandForWhatIsLeftOutOrNull) {
  EXPECT_EQ(invoke(search_tool(), R"({"query":"x"})").value(), boost::json::value("x 20 fast low"));
  EXPECT_EQ(invoke(search_tool(), R"({"query":"x","limit":null,"mode":"slow","urgency":"high"})").value(),
            boost::json::value("x 20 slow high"));
}

TEST_F(ToolTest, BoundsAndSizesAreChecked) {
  EXPECT_EQ(
      invoke(search_tool(), R"({"query":"","limit":101,"tags":["a","b","c"],"share":1.5,"urgency":"now"})")
          .error()
          .message,
      "/query: must have 1 to 5 characters, has 0; /limit: expected a number from 1 to 100, found 101; "
      "/urgency: expected one of low, high, found \"now\"; /tags: must have 0 to 2 elements, has 3; "
      "/share: expected a number from 0 to 1, found 1.5");
  EXPECT_TRUE(invoke(search_tool(), "{\"query\":\"\u00e4\u00f6\u00fc\u00e4\u00f6\"}"));
  EXPECT_EQ(invoke(search_tool(), R"({"query":"x","limit":"y"})")
                .error()
                .message.find("/limit: expected an integer"),
            0U);
}

TEST_F(ToolTest, HasAFiniteSchemaForATypeThatContainsItself) {
  const Tool tool = Tool::from("tree", "", [](const Nested&) {});

  EXPECT_LT(core::write_json(tool.input_schema()).size(), 10'000u);
}

TEST_F(ToolTest, TakesNoArgumentsWhenItHasNone) {
  const Tool tool = Tool::from("ping", "", [] { return "pong"; });

  EXPECT_EQ(invoke(tool, "{}").value(), "pong");
  EXPECT_EQ(error_of(tool, R"({"x":1})"), "/x: is unknown; no arguments are taken");
}

TEST_F(ToolTest, CallsWithNamedArgumentsAndLeavesOptionalOnesEmpty) {
  EXPECT_EQ(invoke(copy_tool(), R"({"bucket":"b"})").value(), "b x1");
  EXPECT_EQ(invoke(copy_tool(), R"({"bucket":"b","times":null})").value(), "b x1");
  EXPECT_EQ(invoke(copy_tool(), R"({"bucket":"b","times":3})").value(), "b x3");
}

TEST_F(ToolTest, ReadsADescribedStructAndWritesItBack) {
  const auto order =
      R"({"items":[{"sku":"a","quantity":2}],"prices":{"a":1.5},"speed":"fast","gift":true,"extra":[1]})";

  EXPECT_EQ(invoke(order_tool(), order).value(), json(order));
}

TEST_F(ToolTest, NamesEachWrongArgumentByItsJsonPointer) {
  EXPECT_EQ(error_of(copy_tool(), R"({"bucket":3,"tmes":1})"),
            "/bucket: expected a string, found 3; /tmes: is unknown; known are bucket, times");
  EXPECT_EQ(error_of(copy_tool(), "{}"), "/bucket: is required");
  EXPECT_EQ(error_of(copy_tool(), "[]"), "expected an object of arguments, found an array");
  EXPECT_EQ(
      error_of(
          order_tool(),
          R"({"items":[{"sku":3,"quantity":256}],"prices":{"a/b":"x"},"speed":"medium","gift":0,"extra":null})"),
      "/items/0/sku: expected a string, found 3; "
      "/items/0/quantity: expected an integer from 0 to 255, found 256; "
      "/prices/a~1b: expected a number, found \"x\"; "
      "/speed: expected one of slow, fast, found \"medium\"; "
      "/gift: expected true or false, found 0");
}

TEST_F(ToolTest, KeepsArgumentErrorsShortHoweverWrongTheArgumentsAre) {
  std::string many =
      "{\"bucket\":\"" + std::string(10'000, 'x') + "\",\"times\":\"" + std::string(10'000, 'y') + '"';
  for (int i = 0; i < 100; ++i) many += ",\"u" + std::to_string(i) + "\":1";

  const std::string error = error_of(copy_tool(), many + "}");

  EXPECT_LT(error.size(), 1'000u) << error;
  EXPECT_TRUE(error.ends_with("; and 91 more")) << error;
}

TEST_F(ToolTest, AcceptsWholeNumbersInAnyNotationAndRefusesOthers) {
  EXPECT_EQ(invoke(copy_tool(), R"({"bucket":"b","times":3.0})").value(), "b x3");
  EXPECT_FALSE(invoke(copy_tool(), R"({"bucket":"b","times":3.5})"));
  EXPECT_FALSE(invoke(copy_tool(), R"({"bucket":"b","times":1e300})"));
  EXPECT_FALSE(invoke(copy_tool(), R"({"bucket":"b","times":2147483648})"));
  EXPECT_FALSE(invoke(copy_tool(), R"({"bucket":"b","times":18446744073709551615})"));
}

TEST_F(ToolTest, RefusesArgumentsThatAreNestedToExhaustTheStack) {
  std::string deep;
  for (int i = 0; i < 60; ++i) deep += R"({"children":[)";
  for (int i = 0; i < 60; ++i) deep += "]}";
  const Tool tool = Tool::from("tree", "", [](const Nested&) {});

  EXPECT_NE(error_of(tool, deep).find("expected less nesting"), std::string::npos);
}

TEST_F(ToolTest, GivesTheErrorThatTheFunctionReturns) {
  const Tool tool =
      Tool::from("find", "", []() -> Result<std::string> { return fail(ErrorCode::NotFound, "No such."); });

  EXPECT_EQ(invoke(tool, "{}").error(), (Error{ErrorCode::NotFound, "No such."}));
}

TEST_F(ToolTest, TurnsAnExceptionIntoAnError) {
  const Tool tool = Tool::from("boom", "", []() -> std::string { throw std::runtime_error("on fire"); });

  EXPECT_EQ(invoke(tool, "{}").error(), (Error{ErrorCode::Internal, "The tool threw: on fire"}));
}

TEST_F(ToolTest, KnowsTheCallItServes) {
  const Tool tool = Tool::from("who", "", [](Arg<"x", bool>, const ToolContext& call) {
    return call.run_id() + " " + call.idempotency_key() + " " + call.event().id;
  });

  EXPECT_EQ(invoke(tool, R"({"x":true})").value(), "run-1 key-1 event-1");
}

TEST_F(ToolTest, PutsEventsWhoseIdsFollowFromTheCall) {
  const auto first = context.put_event("myapp", "A", R"({"n":1})");
  const auto second = context.put_event("myapp", "B", R"({"n":2})");
  const ToolContext again{
      {.run_id = "run-1", .idempotency_key = "key-1", .chain = {.hops = 2}}, event, clock, &sink};
  const auto repeated = again.put_event("myapp", "A", R"({"n":1})");

  EXPECT_NE(first.value(), second.value());
  EXPECT_EQ(first.value(), repeated.value());
  ASSERT_EQ(sink.puts.size(), 3u);
  EXPECT_EQ(sink.puts[0].chain.hops, 3);
  EXPECT_EQ(sink.puts[0].event.account, event.account);
  EXPECT_EQ(sink.puts[0].event.detail, R"({"n":1})");
}

TEST_F(ToolTest, RefusesEventsThatNoOneMayPut) {
  EXPECT_EQ(context.put_event("aws.s3", "Object Created", "{}").error().code, ErrorCode::InvalidArgument);
  EXPECT_EQ(context.put_event("", "A", "{}").error().code, ErrorCode::InvalidArgument);
  EXPECT_EQ(context.put_event("myapp", "A", "[]").error().code, ErrorCode::InvalidArgument);
  EXPECT_EQ(context.put_event("myapp", "A", "{").error().code, ErrorCode::InvalidArgument);
  EXPECT_TRUE(sink.puts.empty());
}

TEST_F(ToolTest, EndsAChainOfEventsAtTheHopLimit) {
  const ToolContext last{
      {.idempotency_key = "k", .chain = {.hops = 10}, .hop_limit = 10}, event, clock, &sink};

  EXPECT_EQ(last.put_event("myapp", "A", "{}").error().code, ErrorCode::LimitExceeded);
}

}  // namespace
}  // namespace ebagent::agent
