#include <gtest/gtest.h>

#include "fixtures.hpp"

namespace ebagent::agent {
namespace {

struct Receipt {
  std::string number;
  double amount = 0;
  std::vector<int> lines;

  bool operator==(const Receipt&) const = default;
};
BOOST_DESCRIBE_STRUCT(Receipt, (), (number, amount, lines))

class HandlerTest : public ::testing::Test {
 protected:
  // Runs the handler twice: the second time it fails first, so that its steps come from the journal.
  template <class F>
  void run_and_resume(F handler) {
    bool fails = true;
    App app = world.new_app();
    app.handler("a", [&](const Event& event, ebagent::Run& run) -> Result<std::string> {
      handler(event, run);
      if (std::exchange(fails, false)) return fail(ErrorCode::Unavailable, "once more");
      return "done";
    });
    EXPECT_FALSE(app.process_event_with("a", order_event()));
    EXPECT_EQ(app.process_event_with("a", order_event()).value().text, "done");
  }

  World world;
};

TEST_F(HandlerTest, ReadsResultsOfEveryTypeBackAsTheyWere) {
  int calls = 0;
  run_and_resume([&](const Event&, ebagent::Run& run) {
    EXPECT_EQ(run.step("text",
                       [&] {
                         ++calls;
                         return "literal";
                       }),
              "literal");
    EXPECT_EQ(run.step("string",
                       [&] {
                         ++calls;
                         return std::string("a \"b\"\n");
                       }),
              "a \"b\"\n");
    EXPECT_EQ(run.step("number",
                       [&] {
                         ++calls;
                         return 99.99;
                       }),
              99.99);
    EXPECT_EQ(run.step("large",
                       [&] {
                         ++calls;
                         return std::uint64_t(18446744073709551615u);
                       }),
              18446744073709551615u);
    EXPECT_TRUE(run.step("flag", [&] {
      ++calls;
      return true;
    }));
    EXPECT_EQ(run.step("list",
                       [&] {
                         ++calls;
                         return std::vector<std::string>{"x", "y"};
                       })
                  .at(1),
              "y");
    EXPECT_EQ(run.step("struct",
                       [&] {
                         ++calls;
                         return Receipt{"r1", 1.5, {1, 2}};
                       }),
              (Receipt{"r1", 1.5, {1, 2}}));
    EXPECT_EQ(run.step("json",
                       [&] {
                         ++calls;
                         return boost::json::value{1, "two"};
                       })
                  .as_array()
                  .size(),
              2u);
    EXPECT_EQ(run.step("maybe",
                       [&] {
                         ++calls;
                         return std::optional<int>();
                       }),
              std::nullopt);
    run.step("nothing", [&] { ++calls; });
  });

  EXPECT_EQ(calls, 10);
}

TEST_F(HandlerTest, NumbersStepsOfTheSameName) {
  std::vector<int> seen;
  run_and_resume([&](const Event&, ebagent::Run& run) {
    for (int i = 0; i < 3; ++i) seen.push_back(run.step("item", [&] { return i; }));
  });

  EXPECT_EQ(seen, (std::vector<int>{0, 1, 2, 0, 1, 2}));
  const auto runs = world.store->runs({}).value();
  const auto steps = world.store->steps(runs.at(0).id).value();
  ASSERT_EQ(steps.size(), 3u);
  EXPECT_EQ(steps[0].name, "item");
  EXPECT_EQ(steps[1].name, "item:2");
  EXPECT_EQ(steps[2].name, "item:3");
  EXPECT_EQ(steps[2].kind, "handler");
  EXPECT_EQ(steps[2].effect, "once");
}

TEST_F(HandlerTest, GivesTheSameKeyToAStepInEveryAttempt) {
  std::vector<std::string> keys;
  int attempts = 0;
  App app = world.new_app();
  app.handler("a", [&](const Event&, ebagent::Run& run) {
    run.step("send",
             [&](const ToolContext& call) {
               keys.push_back(call.idempotency_key());
               if (++attempts == 1) throw std::runtime_error("broken line");
             },
             {.effect = Effect::Idempotent});
  });

  EXPECT_FALSE(app.process_event_with("a", order_event()));
  EXPECT_TRUE(app.process_event_with("a", order_event()));

  ASSERT_EQ(keys.size(), 2u);
  EXPECT_EQ(keys[0], keys[1]);
  EXPECT_EQ(keys[0].size(), 64u);
}

TEST_F(HandlerTest, ReturnsTheErrorOfAStepThatReturnsResults) {
  App app = world.new_app();
  app.handler("a", [](const Event&, ebagent::Run& run) -> std::string {
    const Result<int> stock =
        run.step("stock", []() -> Result<int> { return fail(ErrorCode::NotFound, "no such sku"); });
    return stock ? "there" : "error: " + stock.error().message;
  });

  EXPECT_EQ(app.process_event_with("a", order_event()).value().text, "error: no such sku");
}

TEST_F(HandlerTest, RefusesAStepWithinAStep) {
  App app = world.new_app();
  app.handler("a",
              [](const Event&, ebagent::Run& run) { run.step("outer", [&] { run.step("inner", [] {}); }); });

  EXPECT_NE(app.process_event_with("a", order_event()).error().message.find("within a step"),
            std::string::npos);
}

TEST_F(HandlerTest, CallsOnlyToolsOfItsList) {
  App app = world.new_app();
  app.tool("add", "", [](Arg<"a", int> a, Arg<"b", int> b) { return *a + *b; }, {.effect = Effect::Read});
  app.tool("wipe", "", [] { return "wiped"; });
  app.handler("a",
              [](const Event&, ebagent::Run& run) -> std::string {
                const auto sum = run.call("add", {{"a", 1}, {"b", 2}});
                const auto wiped = run.call("wipe", boost::json::object{});
                return std::to_string(sum.value().as_int64()) + "; " + wiped.error().message;
              },
              {"add"});

  EXPECT_EQ(app.process_event_with("a", order_event()).value().text,
            "3; Agent \"a\" may not call tool \"wipe\": it is not in its list of tools.");
}

TEST_F(HandlerTest, PutsAnEventOnceHoweverOftenItIsResumed) {
  auto sink = std::make_shared<RecordingSink>();
  App app = world.new_app();
  app.use({.events = sink});
  int attempts = 0;
  app.handler("a", [&](const Event&, ebagent::Run& run) -> Result<std::string> {
    const auto id = run.put_event("myapp.shipping", "Order Shipped", R"({"orderId":"order_123"})");
    if (++attempts == 1) return fail(ErrorCode::Unavailable, "later");
    return id.value();
  });

  EXPECT_FALSE(app.process_event_with("a", order_event(), {.chain = {.hops = 4}}));
  const auto second = app.process_event_with("a", order_event(), {.chain = {.hops = 4}});

  ASSERT_EQ(sink->puts.size(), 1u);
  EXPECT_EQ(sink->puts[0].chain.hops, 5);
  EXPECT_EQ(sink->puts[0].event.id, second.value().text);
}

TEST_F(HandlerTest, StopsWhenItsSecondsAreUsedUp) {
  App app = world.new_app();
  int done = 0;
  app.handler("slow",
              [&](const Event&, ebagent::Run& run) {
                for (int i = 0; i < 10; ++i) {
                  run.step("wait", [&] {
                    ++done;
                    world.clock->advance(std::chrono::seconds(20));
                  });
                }
              },
              {}, {.seconds = std::chrono::seconds(60)});

  const auto run = app.respond_with("slow", order_event()).runs.at(0);

  EXPECT_EQ(run.error, (Error{ErrorCode::LimitExceeded, "Agent \"slow\" reached its limit of 60 seconds."}));
  EXPECT_TRUE(run.permanent);
  EXPECT_EQ(done, 3);
}

TEST_F(HandlerTest, StopsAtItsLimitOfToolCalls) {
  App app = world.new_app();
  app.tool("ping", "", [] {}, {.effect = Effect::Read});
  app.handler("a",
              [&](const Event&, ebagent::Run& run) {
                for (int i = 0; i < 10; ++i) (void)run.call("ping", boost::json::object{});
              },
              {"ping"}, {.tool_calls = 4});

  EXPECT_EQ(app.process_event_with("a", order_event()).error().message,
            "Agent a: Agent \"a\" reached its limit of 4 tool calls.");
}

TEST_F(HandlerTest, StopsAHandlerThatNeverEnds) {
  App app = world.new_app();
  app.handler("a", [&](const Event&, ebagent::Run& run) {
    while (true) run.step("again", [] {}, {.effect = Effect::Read});
  });

  EXPECT_EQ(app.process_event_with("a", order_event()).error().code, ErrorCode::LimitExceeded);
}

TEST_F(HandlerTest, AnswersWithJsonWhenItReturnsNoText) {
  App app = world.new_app();
  app.handler("a", [](const Event&, ebagent::Run&) { return Receipt{"r1", 99.99, {}}; });

  EXPECT_EQ(app.process_event_with("a", order_event()).value().text,
            R"({"number":"r1","amount":99.99,"lines":[]})");
}

TEST_F(HandlerTest, SeesTheEventAndTheInputOfAReshapingTarget) {
  App app = world.new_app();
  app.handler("a", [](const Event& event, ebagent::Run& run) {
    return event.id + " " + run.input() + " " + std::string(event.detail_object().at("orderId").as_string());
  });

  EXPECT_EQ(app.process_event_with("a", order_event(), {.input = "\"hello\""}).value().text,
            "event-1 \"hello\" order_123");
}

}  // namespace
}  // namespace ebagent::agent
