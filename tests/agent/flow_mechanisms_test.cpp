#include <gtest/gtest.h>

#include "agent/flow/check.hpp"
#include "agent/flow/collected.hpp"
#include "agent/flow/gcra.hpp"
#include "agent/flow/keys.hpp"
#include "agent/flow/rate_window.hpp"
#include "agent/flow/records.hpp"
#include "agent/flow/singles.hpp"
#include "fixtures.hpp"

namespace ebagent::agent::flow {
namespace {

using namespace std::chrono_literals;

const TimePoint kStart{1'769'443'200s};

std::vector<Duration> starts(const Throttle& throttle, int count) {
  Cells cells;
  std::vector<Duration> starts;
  for (int i = 0; i < count; ++i) starts.push_back(reserve(throttle, cells, kStart) - kStart);
  return starts;
}

TEST(Throttle, SpreadsItsLimitEvenlyOverThePeriod) {
  EXPECT_EQ(starts({.limit = 1, .period = 5s}, 3), (std::vector<Duration>{0s, 5s, 10s}));
  EXPECT_EQ(starts({.limit = 10, .period = 60s}, 3), (std::vector<Duration>{0s, 6s, 12s}));
}

TEST(Throttle, LetsABurstMoreBeginAtOnce) {
  EXPECT_EQ(starts({.limit = 1, .period = 5s, .burst = 2}, 5), (std::vector<Duration>{0s, 0s, 0s, 5s, 10s}));
}

TEST(Throttle, DividesPeriodsThatAreNoWholeMilliseconds) {
  const auto thirds = starts({.limit = 3, .period = 1s}, 301);

  EXPECT_EQ(thirds[1], 334ms);
  EXPECT_EQ(thirds[300], 100s);
}

TEST(Throttle, AQuietPeriodGivesTheBurstBackButNoMore) {
  const Throttle throttle{.limit = 1, .period = 5s, .burst = 1};
  Cells cells;
  for (int i = 0; i < 2; ++i) EXPECT_EQ(reserve(throttle, cells, kStart), kStart);

  const TimePoint later = kStart + 1h;
  EXPECT_TRUE(says_nothing(cells, later));
  EXPECT_EQ(reserve(throttle, cells, later), later);
  EXPECT_EQ(reserve(throttle, cells, later), later);
  EXPECT_EQ(reserve(throttle, cells, later), later + 5s);
  EXPECT_FALSE(says_nothing(cells, later));
}

TEST(RateLimit, AdmitsItsLimitInAPeriodThatBeginsWithTheFirst) {
  const RateLimit limit{.limit = 2, .period = 4h};
  RateWindow window;

  EXPECT_TRUE(admit(limit, window, kStart));
  EXPECT_TRUE(admit(limit, window, kStart + 1h));
  EXPECT_FALSE(admit(limit, window, kStart + 3h));
  EXPECT_FALSE(admit(limit, window, kStart + 4h - 1ms));
  EXPECT_TRUE(admit(limit, window, kStart + 4h));
  EXPECT_FALSE(says_nothing(limit, window, kStart + 7h));
  EXPECT_TRUE(says_nothing(limit, window, kStart + 8h));
}

TEST(Debounce, WaitsForQuietButNoLongerThanItsBound) {
  const Debounce debounce{.period = 30s, .longest_wait = 1min};

  EXPECT_EQ(debounced_until(debounce, kStart, kStart), kStart + 30s);
  EXPECT_EQ(debounced_until(debounce, kStart, kStart + 20s), kStart + 50s);
  EXPECT_EQ(debounced_until(debounce, kStart, kStart + 40s), kStart + 1min);
  EXPECT_EQ(debounced_until({.period = 30s}, kStart, kStart + 1h), kStart + 1h + 30s);
}

TEST(Batch, IsCompleteWhenItIsFullLargeOrOld) {
  const Batch batch{.size = 2, .longest_wait = 5s};
  OpenBatch open{.members = {{"r1", 1}}, .bytes = 10, .until = kStart + 5s};

  EXPECT_FALSE(is_complete(batch, open, kStart));
  EXPECT_TRUE(is_complete(batch, open, kStart + 5s));
  open.bytes = kMaxBatchBytes;
  EXPECT_TRUE(is_complete(batch, open, kStart));
  open = {.members = {{"r1", 1}, {"r2", 2}}, .bytes = 10, .until = kStart + 5s};
  EXPECT_TRUE(is_complete(batch, open, kStart));
}

TEST(Singles, TellWhoHoldsAKeyAndWhoElseIsAtWork) {
  Singles singles;
  singles.hold("k", {"old", "r1", 1});
  singles.begin_work("k", "old");
  singles.hold("k", {"new", "r2", 2});

  EXPECT_TRUE(singles.is_another_working("k", "new"));
  EXPECT_FALSE(singles.is_another_working("k", "old"));
  EXPECT_FALSE(singles.is_another_working("other", "new"));
  singles.release("k", "old");
  ASSERT_NE(singles.find("k"), nullptr) << "only its holder gives it up";
  EXPECT_EQ(singles.find("k")->run_id, "r2");
  singles.end_work("k", "old");
  EXPECT_FALSE(singles.is_another_working("k", "new"));
  singles.release("k", "new");
  EXPECT_EQ(singles.find("k"), nullptr);
}

TEST(FlowKey, IsTheValueAtAPathAndOneForAllEventsWithout) {
  const auto envelope = envelope_of(order_event()).value();
  const auto of = [&](const char* path) { return Key::parse(path).value().of(envelope); };

  EXPECT_EQ(of("$.detail.orderId"), R"("order_123")");
  EXPECT_EQ(of("$.detail.items"), "3");
  EXPECT_EQ(of("$.source"), R"("myapp.orders")");
  EXPECT_EQ(of("$.detail.missing"), "");
  EXPECT_EQ(of(""), "");
  EXPECT_FALSE(Key::parse("$.detail.missing").value().find(envelope));
  EXPECT_TRUE(Key::parse("").value().find(envelope));
  EXPECT_FALSE(Key::parse("$.detail[*]"));
  EXPECT_FALSE(Key::parse("detail"));
}

TEST(FlowRecords, AreReadAsTheyWereWritten) {
  const std::vector<std::pair<std::string, State>> states = {
      {record_name("a", "throttle", "x"), Cells{1'769'443'200'000'123}},
      {record_name("a", "rate_limit", "x"), RateWindow{kStart, 3}},
      {record_name("a", "debounce", "x"), Pending{{"r1", 7}, kStart, kStart + 5s}},
      {record_name("a", "batch", "x"), OpenBatch{{{"r1", 7}, {"r2", 8}}, 99, kStart}}};

  for (const auto& [name, state] : states) {
    const auto read = read_state(name, to_json(state));
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read.value(), state) << name;
  }
  EXPECT_NE(record_name("a", "throttle", "x"), record_name("a", "throttle", "y"));
}

TEST(FlowRecords, RefuseWhatIsDamaged) {
  for (const char* json : {"", "{", "[]", "{}", R"({"members":[{}],"bytes":1,"until":1})",
                           R"({"members":1,"bytes":1,"until":1})"}) {
    EXPECT_FALSE(read_state("a/batch/x", json)) << json;
  }
  EXPECT_FALSE(read_state("a/debounce/x", R"({"last":{"run":"r"},"first":1,"until":2})"));
  EXPECT_FALSE(read_state("a/throttle/x", R"({"next_us":"soon"})"));
  EXPECT_FALSE(read_state("a/luck/x", "{}"));
  EXPECT_FALSE(read_state("a", "{}"));
}

TEST(FlowRecords, SweepingRemovesWhatSaysNothingMore) {
  const auto store = memory_store();
  FlowControl flow;
  flow.rate_limit = {.limit = 1, .period = 1h};
  auto records = Records::load(*store, "a").value();
  Records::Draft draft;
  draft.set("a/rate_limit/old", RateWindow{kStart, 1});
  draft.set("a/rate_limit/young", RateWindow{kStart + 30min, 1});
  draft.set("a/throttle/old", Cells{std::chrono::microseconds{kStart.time_since_epoch()}.count()});
  draft.set("a/debounce/gone", Pending{{"r1", 7}, kStart, kStart});
  ASSERT_TRUE(records.commit(*store, std::move(draft)));

  records.sweep(*store, flow, kStart + 1h);

  EXPECT_EQ(records.size(), 1U);
  EXPECT_NE(records.find<RateWindow>("a/rate_limit/young"), nullptr);
  ASSERT_TRUE(store->commit_and_wait({}));
  EXPECT_EQ(store->catalog("flow").value().size(), 1U);
}

TEST(FlowRecords, OfAgentsAndMechanismsThatAreGoneAreRemoved) {
  const auto store = memory_store();
  auto records = Records::load(*store, "a").value();
  Records::Draft draft;
  for (const char* name : {"a/throttle/x", "a/rate_limit/x", "b/throttle/x"}) draft.set(name, Cells{1});
  ASSERT_TRUE(records.commit(*store, std::move(draft)));

  ASSERT_TRUE(remove_unused(*store, [](std::string_view agent, std::string_view mechanism) {
    return agent == "a" && mechanism == "throttle";
  }));

  const auto left = store->catalog("flow").value();
  ASSERT_EQ(left.size(), 1U);
  EXPECT_EQ(left[0].key, "a/throttle/x");
}

std::string refusal(FlowControl flow) {
  AgentSpec spec{.name = "a"};
  spec.flow = std::move(flow);
  const auto checked = check(spec);
  return checked ? "" : checked.error().message;
}

TEST(FlowCheck, RefusesWhatCannotBeMeantAndSaysWhy) {
  const auto has = [](FlowControl flow, const std::string& words) {
    const std::string why = refusal(std::move(flow));
    EXPECT_NE(why.find(words), std::string::npos) << why;
  };
  has({.concurrency = Concurrency{.limit = 0}}, "the limit of concurrency must be from 1");
  has({.throttle = Throttle{.limit = 1}}, "the period of throttle must be longer than 0");
  has({.throttle = Throttle{.limit = 1, .period = 1s, .burst = -1}}, "burst");
  has({.rate_limit = RateLimit{.limit = 1, .period = std::chrono::days{32}}}, "at most 31 days");
  has({.debounce = Debounce{.period = 5s, .longest_wait = 1s}}, "must not be shorter");
  has({.batch = Batch{.size = 1'001, .longest_wait = 1s}}, "from 1 to 1000");
  has({.singleton = Singleton{.key = "$.detail.*"}}, "wildcard");
  has({.debounce = Debounce{.period = 5s}, .batch = Batch{.size = 2, .longest_wait = 1s}},
      "cannot be combined");
  has({.concurrency = Concurrency{.key = "$.detail.a"}, .batch = Batch{.size = 2, .longest_wait = 1s}},
      "either its key or none");
  has({.cancel_on = {{.pattern = "{"}}}, "the pattern of cancel_on");
}

TEST(FlowCheck, TakesWhatCanBeCombined) {
  EXPECT_EQ(refusal({.concurrency = Concurrency{.limit = 2, .key = "$.detail.a"},
                     .throttle = Throttle{.limit = 1, .period = 1s},
                     .rate_limit = RateLimit{.limit = 5, .period = 1h},
                     .debounce = Debounce{.period = 5s, .longest_wait = 1min},
                     .singleton = Singleton{},
                     .cancel_on = {{.pattern = R"({"source":["x"]})", .match = "$.detail.id"}}}),
            "");
  EXPECT_EQ(refusal({.concurrency = Concurrency{.key = "$.detail.a"},
                     .throttle = Throttle{.limit = 1, .period = 1s},
                     .batch = Batch{.size = 2, .longest_wait = 1s, .key = "$.detail.a"}}),
            "");
}

}  // namespace
}  // namespace ebagent::agent::flow
