#include <gtest/gtest.h>

#include <map>
#include <thread>

#include "flow_server.hpp"

namespace ebagent::agent {
namespace {

using store::RunState;

class FlowTest : public ::testing::Test {
 protected:
  FlowServer& serve(FlowControl flow) { return serve(noting_agent(seen, std::move(flow))); }
  FlowServer& serve(const std::function<void(App&)>& set_up) {
    server = std::make_unique<FlowServer>(world, world.store, set_up);
    return *server;
  }
  // The reasons of the runs that were skipped, by event.
  std::map<std::string, std::string> skipped() {
    std::map<std::string, std::string> reasons;
    for (const auto& run : runs_in(*world.store, RunState::Skipped)) {
      EXPECT_FALSE(run.error.empty());
      EXPECT_TRUE(run.ended);
      reasons[run.event_id] = run.stop_reason;
    }
    return reasons;
  }
  [[nodiscard]] std::int64_t open() { return world.store->counts().value().pending; }
  [[nodiscard]] std::int64_t dead() { return world.store->counts().value().dead; }

  World world;
  const TimePoint start = world.clock->now();
  Journalist seen;
  std::unique_ptr<FlowServer> server;
};

using Skipped = std::map<std::string, std::string>;
using Ids = std::vector<std::string>;
using Times = std::vector<Duration>;

TEST_F(FlowTest, AThrottleMakesEventsWaitTheirTurn) {
  auto& bus = serve({.throttle = Throttle{.limit = 1, .period = 5s}});
  for (const char* id : {"e1", "e2", "e3"}) bus.put_and_settle(flow_event(id));
  EXPECT_EQ(seen.events(), (Ids{"e1"}));
  const auto waiting = runs_in(*world.store, RunState::Waiting);
  ASSERT_EQ(waiting.size(), 2U);
  EXPECT_EQ(waiting[1].stop_reason, "throttle");
  EXPECT_EQ(waiting[1].wakes, start + 5s);

  bus.pass(20s);

  EXPECT_EQ(seen.events(), (Ids{"e1", "e2", "e3"}));
  EXPECT_EQ(seen.times(start), (Times{0s, 5s, 10s}));
  EXPECT_EQ(open(), 0);
  for (const auto& run : runs_in(*world.store, RunState::Succeeded)) EXPECT_EQ(run.attempts, 1);
}

TEST_F(FlowTest, AThrottleIsPerKey) {
  auto& bus = serve({.throttle = Throttle{.limit = 1, .period = 1h, .key = "$.detail.user"}});

  for (const char* id : {"e1", "e2"}) bus.put_and_settle(flow_event(id, R"({"user":"ann"})"));
  bus.put_and_settle(flow_event("e3", R"({"user":"bob"})"));

  EXPECT_EQ(seen.events(), (Ids{"e1", "e3"}));
}

TEST_F(FlowTest, WaitingForItsTurnKillsNoEventHoweverLong) {
  auto& bus = serve({.throttle = Throttle{.limit = 1, .period = std::chrono::days{3}}});
  for (const char* id : {"e1", "e2"}) bus.put_and_settle(flow_event(id));

  bus.pass(std::chrono::days{3}, 1h);

  EXPECT_EQ(seen.events(), (Ids{"e1", "e2"}));
  EXPECT_EQ(dead(), 0);
}

TEST_F(FlowTest, ARateLimitDropsAndSaysSo) {
  auto& bus = serve({.rate_limit = RateLimit{.limit = 1, .period = 4h, .key = "$.detail.company"}});
  bus.put_and_settle(flow_event("e1", R"({"company":"x"})"));
  bus.put_and_settle(flow_event("e2", R"({"company":"x"})"));
  bus.put_and_settle(flow_event("e3", R"({"company":"y"})"));
  bus.pass(4h, 1h);
  bus.put_and_settle(flow_event("e4", R"({"company":"x"})"));

  EXPECT_EQ(seen.events(), (Ids{"e1", "e3", "e4"}));
  EXPECT_EQ(skipped(), (Skipped{{"e2", "rate_limit"}}));
  EXPECT_EQ(open(), 0);
}

TEST_F(FlowTest, ARetryDoesNotCountToARateLimitAgain) {
  int tries = 0;
  auto& bus = serve([&](App& app) {
    app.handler("a", [&](const Event& event, ebagent::Run& run) -> Result<std::string> {
      if (++tries == 1) return fail(ErrorCode::Unavailable, "down");
      seen.see(event, run);
      return std::string("done");
    });
    app.flow("a", {.rate_limit = RateLimit{.limit = 1, .period = 24h}});
  });
  bus.put_and_settle(flow_event("e1"));

  bus.pass(5s, 1s);

  EXPECT_EQ(seen.events(), (Ids{"e1"}));
  EXPECT_TRUE(skipped().empty());
}

TEST_F(FlowTest, ARestartForgetsNoRateLimit) {
  const FlowControl once_a_day{.rate_limit = RateLimit{.limit = 1, .period = 24h}};
  serve(once_a_day).put_and_settle(flow_event("e1"));
  server.reset();

  serve(once_a_day).put_and_settle(flow_event("e2"));

  EXPECT_EQ(seen.events(), (Ids{"e1"}));
  EXPECT_EQ(skipped(), (Skipped{{"e2", "rate_limit"}}));
}

TEST_F(FlowTest, ADebounceRunsTheLastEventOnceNoneCame) {
  auto& bus = serve({.debounce = Debounce{.period = 5s}});
  for (const char* id : {"e1", "e2", "e3"}) {
    bus.put_and_settle(flow_event(id));
    bus.pass(1s, 1s);
  }
  EXPECT_EQ(open(), 1) << "those that were superseded are done with";
  bus.pass(10s);

  EXPECT_EQ(seen.events(), (Ids{"e3"}));
  EXPECT_EQ(seen.times(start), (Times{7s}));
  EXPECT_EQ(skipped(), (Skipped{{"e1", "debounce"}, {"e2", "debounce"}}));
  EXPECT_EQ(open(), 0);
  EXPECT_TRUE(world.store->catalog("flow").value().empty());
}

TEST_F(FlowTest, ADebounceWaitsNoLongerThanItsBound) {
  auto& bus = serve({.debounce = Debounce{.period = 5s, .longest_wait = 8s}});
  for (int i = 0; i < 6; ++i) {
    bus.put_and_settle(flow_event("e" + std::to_string(i)));
    bus.pass(2s, 1s);
  }
  bus.pass(10s);

  EXPECT_EQ(seen.events(), (Ids{"e3", "e5"}));
  EXPECT_EQ(seen.times(start), (Times{8s, 15s}));
}

TEST_F(FlowTest, TheLastEventOfABurstIsTheOneAcceptedLast) {
  auto& bus = serve({.debounce = Debounce{.period = 5s}});
  for (int i = 0; i < 100; ++i) bus.put(flow_event("e" + std::to_string(i)));
  bus.settle();

  bus.pass(10s, 1s);

  EXPECT_EQ(seen.events(), (Ids{"e99"}));
  EXPECT_EQ(skipped().size(), 99U);
  EXPECT_EQ(open(), 0);
}

TEST_F(FlowTest, TheSameEventByTwoRulesDoesNotSupersedeItself) {
  auto& bus = serve({.debounce = Debounce{.period = 5s}});
  bus.put_and_settle(flow_event("e1"));
  ASSERT_TRUE(bus.put(flow_event("e1"), "a", "other-rule", "e1-again"));
  bus.settle();

  bus.pass(10s);

  EXPECT_EQ(seen.events(), (Ids{"e1"}));
  EXPECT_TRUE(skipped().empty());
  EXPECT_EQ(open(), 0);
}

TEST_F(FlowTest, ABatchIsOneRunWithTheEventsThatFillIt) {
  auto& bus = serve({.batch = Batch{.size = 3, .longest_wait = 1h}});
  for (const char* id : {"e1", "e2", "e3", "e4"}) bus.put_and_settle(flow_event(id));

  ASSERT_EQ(seen.events(), (Ids{"e3"}));
  const std::string input = seen.seen()[0].input;
  EXPECT_EQ(input, R"({"events":[)" + to_json(flow_event("e1")) + "," + to_json(flow_event("e2")) + "," +
                       to_json(flow_event("e3")) + "]}");
  EXPECT_EQ(skipped(), (Skipped{{"e1", "batch"}, {"e2", "batch"}}));
  const auto run = runs_in(*world.store, RunState::Succeeded).at(0);
  EXPECT_NE(runs_in(*world.store, RunState::Skipped).at(0).error.find(run.id), std::string::npos);
  EXPECT_EQ(open(), 1) << "the fourth waits for others";
}

TEST_F(FlowTest, ABatchThatIsNotFullBeginsAfterItsLongestWait) {
  auto& bus = serve({.batch = Batch{.size = 100, .longest_wait = 5s, .key = "$.detail.user"}});
  bus.put_and_settle(flow_event("e1", R"({"user":"ann"})"));
  bus.pass(2s, 1s);
  bus.put_and_settle(flow_event("e2", R"({"user":"bob"})"));
  bus.put_and_settle(flow_event("e3", R"({"user":"ann"})"));

  bus.pass(10s);

  const auto runs = seen.seen();
  ASSERT_EQ(runs.size(), 2U);
  EXPECT_EQ(runs[0].at - start, 5s);
  EXPECT_NE(runs[0].input.find("e1"), std::string::npos);
  EXPECT_NE(runs[0].input.find("e3"), std::string::npos);
  EXPECT_EQ(runs[0].input.find("e2"), std::string::npos);
  EXPECT_EQ(runs[1].at - start, 7s);
  EXPECT_EQ(open(), 0);
}

TEST_F(FlowTest, ABatchThatFailsComesAgainWithTheSameEventsAndDiesWithAllOfThem) {
  bool is_down = true;
  auto& bus = serve([&](App& app) {
    app.handler("a", [&](const Event& event, ebagent::Run& run) -> Result<std::string> {
      seen.see(event, run);
      if (is_down) return fail(ErrorCode::InvalidArgument, "bad");
      return std::string("done");
    });
    app.flow("a", {.batch = Batch{.size = 2, .longest_wait = 1h}});
  });
  for (const char* id : {"e1", "e2"}) bus.put_and_settle(flow_event(id));
  const auto letters = world.store->dead_letters(10).value();
  ASSERT_EQ(letters.size(), 1U);
  EXPECT_EQ(letters[0].input, seen.seen()[0].input) << "the dead letter has the whole batch";
  is_down = false;

  ASSERT_TRUE(world.store->redrive(letters[0].seq, world.clock->now()));
  bus.dispatcher().poll();
  bus.settle();

  ASSERT_EQ(seen.seen().size(), 2U);
  EXPECT_EQ(seen.seen()[1].input, seen.seen()[0].input);
  EXPECT_EQ(open(), 0);
}

// An agent whose run blocks at the gate when its detail says so, between two steps.
std::function<void(App&)> blocking_agent(Journalist& seen, std::mutex& mutex, FlowControl flow) {
  return [&seen, &mutex, flow = std::move(flow)](App& app) {
    app.handler("a", [&seen, &mutex](const Event& event, ebagent::Run& run) {
      seen.see(event, run);
      run.step("first", [] {});
      const std::scoped_lock lock{mutex};
      run.step("second", [] {});
    });
    app.flow("a", flow);
  };
}

void wait_for(const Journalist& seen, std::size_t count) {
  while (seen.seen().size() < count) std::this_thread::yield();
}

TEST_F(FlowTest, ASingletonSkipsWhatComesWhileItsRunIsAtWork) {
  std::mutex mutex;
  std::unique_lock held{mutex};
  auto& bus = serve(blocking_agent(seen, mutex, {.singleton = Singleton{.key = "$.detail.user"}}));
  bus.put(flow_event("e1", R"({"user":"ann"})"));
  wait_for(seen, 1);
  bus.put(flow_event("e2", R"({"user":"ann"})"));
  bus.put(flow_event("e3", R"({"user":"bob"})"));
  wait_for(seen, 2);
  while (skipped().empty()) std::this_thread::yield();
  held.unlock();
  bus.settle();
  bus.put_and_settle(flow_event("e4", R"({"user":"ann"})"));

  EXPECT_EQ(seen.events(), (Ids{"e1", "e3", "e4"}));
  EXPECT_EQ(skipped(), (Skipped{{"e2", "singleton"}}));
}

TEST_F(FlowTest, ASingletonThatIsToBeTriedAgainStillSkipsAlsoAfterARestart) {
  bool is_down = true;
  const auto set_up = [&](App& app) {
    app.handler("a", [&](const Event& event, ebagent::Run& run) -> Result<std::string> {
      if (is_down) return fail(ErrorCode::Unavailable, "down");
      seen.see(event, run);
      return std::string("done");
    });
    app.flow("a", {.singleton = Singleton{}});
  };
  auto& bus = serve(set_up);
  bus.put_and_settle(flow_event("e1"));
  bus.put_and_settle(flow_event("e2"));
  server.reset();
  auto& again = serve(set_up);
  again.put_and_settle(flow_event("e3"));
  EXPECT_EQ(skipped(), (Skipped{{"e2", "singleton"}, {"e3", "singleton"}}));

  is_down = false;
  again.pass(20s, 1s);
  again.put_and_settle(flow_event("e4"));

  EXPECT_EQ(seen.events(), (Ids{"e1", "e4"}));
}

TEST_F(FlowTest, ASingletonMayCancelItsRunForALaterEvent) {
  std::mutex mutex;
  std::unique_lock held{mutex};
  auto& bus =
      serve(blocking_agent(seen, mutex, {.singleton = Singleton{.mode = Singleton::Mode::CancelPrevious}}));
  bus.put(flow_event("e1"));
  wait_for(seen, 1);
  bus.put(flow_event("e2"));
  while (runs_in(*world.store, RunState::Cancelled).empty()) std::this_thread::yield();
  held.unlock();
  bus.settle();
  bus.pass(3s, 200ms);

  EXPECT_EQ(seen.events(), (Ids{"e1", "e2"}));
  const auto cancelled = runs_in(*world.store, RunState::Cancelled);
  ASSERT_EQ(cancelled.size(), 1U);
  EXPECT_EQ(cancelled[0].event_id, "e1");
  EXPECT_NE(cancelled[0].error.find("e2"), std::string::npos);
  EXPECT_EQ(world.store->steps(cancelled[0].id).value().size(), 1U) << "it did nothing more";
  EXPECT_EQ(runs_in(*world.store, RunState::Succeeded).at(0).event_id, "e2");
  EXPECT_EQ(open(), 0);
}

TEST_F(FlowTest, ACancelledRunThatWaitedHoldsItsSingletonNoLonger) {
  FlowControl flow{.throttle = Throttle{.limit = 1, .period = 1h, .key = "$.detail.n"},
                   .singleton = Singleton{}};
  flow.cancel_on = {{.pattern = R"({"source":["x"]})"}};
  auto& bus = serve(flow);
  bus.put_and_settle(flow_event("e1", R"({"n":1})"));
  bus.put_and_settle(flow_event("e2", R"({"n":1})"));
  ASSERT_EQ(runs_in(*world.store, RunState::Waiting).size(), 1U);
  bus.put_and_settle(flow_event("c"), "a", "a-cancel-1");

  bus.put_and_settle(flow_event("e3", R"({"n":2})"));

  EXPECT_EQ(seen.events(), (Ids{"e1", "e3"}));
  EXPECT_TRUE(skipped().empty());
}

TEST_F(FlowTest, AnotherEventCancelsTheRunsThatItMeans) {
  FlowControl flow{.throttle = Throttle{.limit = 1, .period = 1h}};
  flow.cancel_on = {{.pattern = R"({"detail-type":["Order Cancelled"]})", .match = "$.detail.order"}};
  auto& bus = serve(flow);
  bus.put_and_settle(flow_event("e1", R"({"order":1})"));
  bus.put_and_settle(flow_event("e2", R"({"order":2})"));
  bus.put_and_settle(flow_event("e3", R"({"order":3})"));
  Event cancels = flow_event("c", R"({"order":2})");
  cancels.detail_type = "Order Cancelled";

  bus.put_and_settle(cancels, "a", "a-cancel-1");
  bus.pass(3h, 1h);

  EXPECT_EQ(seen.events(), (Ids{"e1", "e3"}));
  const auto cancelled = runs_in(*world.store, RunState::Cancelled);
  ASSERT_EQ(cancelled.size(), 1U);
  EXPECT_EQ(cancelled[0].event_id, "e2");
  EXPECT_EQ(open(), 0);
  ASSERT_EQ(bus.app().cancel_rules().size(), 1U);
  EXPECT_EQ(bus.app().cancel_rules()[0].name, "a-cancel-1");
}

TEST_F(FlowTest, AnEventWithoutTheValueCancelsNothing) {
  FlowControl flow{.throttle = Throttle{.limit = 1, .period = 1h}};
  flow.cancel_on = {{.pattern = R"({"source":["x"]})", .match = "$.detail.order"}};
  auto& bus = serve(flow);
  for (const char* id : {"e1", "e2"}) bus.put_and_settle(flow_event(id));

  bus.put_and_settle(flow_event("c"), "a", "a-cancel-1");

  EXPECT_TRUE(runs_in(*world.store, RunState::Cancelled).empty());
}

TEST_F(FlowTest, ConcurrencyBoundsTheRunsOfAKeyAtATime) {
  std::mutex mutex;
  std::unique_lock held{mutex};
  auto& bus =
      serve(blocking_agent(seen, mutex, {.concurrency = Concurrency{.limit = 2, .key = "$.detail.user"}}));
  for (int i = 0; i < 5; ++i) bus.put(flow_event("a" + std::to_string(i), R"({"user":"ann"})"));
  bus.put(flow_event("b0", R"({"user":"bob"})"));
  wait_for(seen, 3);
  while (bus.dispatcher().awaiting_slots() < 3) std::this_thread::yield();

  EXPECT_EQ(seen.seen().size(), 3U);
  held.unlock();
  ASSERT_TRUE(bus.settle());
  EXPECT_EQ(seen.seen().size(), 6U);
  EXPECT_EQ(open(), 0);
}

TEST_F(FlowTest, MechanismsWorkTogether) {
  auto& bus = serve({.concurrency = Concurrency{.limit = 1},
                     .throttle = Throttle{.limit = 1, .period = 10s},
                     .rate_limit = RateLimit{.limit = 3, .period = 1h},
                     .debounce = Debounce{.period = 1s, .key = "$.detail.user"}});
  bus.put_and_settle(flow_event("e1", R"({"user":"ann"})"));
  bus.put_and_settle(flow_event("e2", R"({"user":"ann"})"));
  bus.pass(100ms);
  bus.put_and_settle(flow_event("e3", R"({"user":"bob"})"));
  bus.put_and_settle(flow_event("e4", R"({"user":"bob"})"));

  bus.pass(20s);

  EXPECT_EQ(seen.events(), (Ids{"e2", "e3"}));
  EXPECT_EQ(seen.times(start), (Times{1s, 11s}));
  EXPECT_EQ(skipped(), (Skipped{{"e1", "debounce"}, {"e4", "rate_limit"}}));
}

TEST_F(FlowTest, AnAgentThatIsReachedThroughTheAppHasItsFlowControlToo) {
  auto& bus = serve([&](App& app) {
    noting_agent(seen, {.rate_limit = RateLimit{.limit = 1, .period = 1h}})(app);
    app.handler("free", [&](const Event& event, ebagent::Run& run) { seen.see(event, run); });
    app.on(kOrders, "a").on(kOrders, "free");
  });
  bus.put_and_settle(flow_event("e1"), "eventbridge-agent");
  bus.put_and_settle(flow_event("e2"), "eventbridge-agent");

  const auto events = seen.events();
  EXPECT_EQ(std::ranges::count(events, "e1"), 2);
  EXPECT_EQ(std::ranges::count(events, "e2"), 1);
  EXPECT_EQ(skipped(), (Skipped{{"e2", "rate_limit"}}));
  EXPECT_EQ(open(), 0);
}

TEST_F(FlowTest, ADirectCallRunsAtOnce) {
  auto& bus = serve({.debounce = Debounce{.period = 1h}});

  const auto response = bus.app().process_event_with("a", flow_event("e1"));

  ASSERT_TRUE(response);
  EXPECT_EQ(seen.events(), (Ids{"e1"}));
}

TEST_F(FlowTest, ForgettingGoesWithAClearedStore) {
  auto& bus = serve({.rate_limit = RateLimit{.limit = 1, .period = 24h}});
  bus.put_and_settle(flow_event("e1"));
  ASSERT_TRUE(world.store->clear());

  bus.target().forget();
  bus.put_and_settle(flow_event("e2"));

  EXPECT_EQ(seen.events(), (Ids{"e1", "e2"}));
}

}  // namespace
}  // namespace ebagent::agent
