#include "store/retention.hpp"

#include "builders.hpp"

namespace ebagent::store {
namespace {

class RetentionTest : public EachStore {
 protected:
  void SetUp() override { store = open(); }

  // Accepts an event with a delivery to each of `targets`, and delivers as many of them as is said.
  std::vector<Delivery> put(const std::string& id, std::size_t targets, std::size_t delivered) {
    const auto route = value_of(store->put_route(route_named("1")));
    const std::vector<std::shared_ptr<const Route>> routes(targets, route);
    auto made = value_of(store->commit_and_wait({event_to(id, routes, clock.now())})).deliveries;
    for (std::size_t i = 0; i < delivered; ++i) {
      value_of(store->commit_and_wait({MarkDelivered{made.at(i).seq, clock.now(), 1}}));
    }
    return made;
  }
  void put_run(const std::string& id, std::optional<TimePoint> ended, TimePoint expires) {
    store::Run run = run_of(id, "key of " + id);
    run.started = clock.now();
    run.ended = ended;
    run.state = ended ? RunState::Succeeded : RunState::Running;
    run.expires = expires;
    Step step;
    step.run_id = id;
    step.name = "step";
    step.kind = "tool";
    value_of(store->commit_and_wait({PutRun{run}, PutStep{step}}));
  }
  Sweep sweep(RetentionSettings settings) {
    return value_of(Retention{*store, clock, settings}.run([] { return false; }));
  }
  bool has(const std::string& id) { return value_of(store->event_by_id(id)).has_value(); }

  testing::ManualClock clock;
  std::unique_ptr<Store> store;
};
INSTANTIATE_TEST_SUITE_P(, RetentionTest, each_store, kind_of);

TEST_P(RetentionTest, RemovesWhatWasDeliveredLongAgoOnly) {
  put("old", 2, 2);
  put("for nobody", 0, 0);
  clock.advance(hours{2});
  put("young", 1, 1);

  const Sweep swept = sweep({.keep = hours{1}});

  EXPECT_EQ(swept.events_removed, 2U);
  EXPECT_FALSE(has("old"));
  EXPECT_FALSE(has("for nobody"));
  EXPECT_TRUE(has("young"));
  EXPECT_EQ(value_of(store->counts()).delivered, 3);
}

TEST_P(RetentionTest, KeepsWhatIsOpenOrDead) {
  put("open", 2, 1);
  const auto dead = put("dead", 2, 1);
  value_of(store->commit_and_wait({MarkDead{dead.at(1).seq, clock.now(), 3, "NO_RESOURCE", "gone", ""}}));
  clock.advance(hours{2});

  EXPECT_EQ(sweep({.keep = hours{1}}).events_removed, 0U);

  EXPECT_TRUE(has("open"));
  EXPECT_EQ(value_of(store->dead_letters(10)).size(), 1U);
  value_of(store->redrive(dead.at(1).seq, clock.now()));
  EXPECT_EQ(ids_of(value_of(store->lease_due(clock.now(), 10))), std::vector<std::string>{"dead"});
}

TEST_P(RetentionTest, RemovesRunsThatEndedAndAnswerForNothing) {
  put_run("ended", clock.now(), clock.now() + minutes{10});
  put_run("answers", clock.now(), clock.now() + hours{24});
  put_run("running", std::nullopt, clock.now() + minutes{10});
  clock.advance(hours{2});

  EXPECT_EQ(sweep({.keep = hours{1}}).runs_removed, 1U);

  EXPECT_FALSE(value_of(store->run_by_id("ended")));
  EXPECT_TRUE(value_of(store->steps("ended")).empty());
  EXPECT_TRUE(value_of(store->run_by_id("answers")));
  EXPECT_TRUE(value_of(store->run_by_id("running")));
}

TEST_P(RetentionTest, LeavesItsEventToARunThatStaysLonger) {
  put("event-1", 1, 1);
  store::Run run = run_of("answers", "key");
  run.state = RunState::Succeeded;
  run.ended = clock.now();
  run.expires = clock.now() + hours{24};
  run.event.clear();
  run.is_event_accepted = true;
  value_of(store->commit_and_wait({PutRun{run}}));
  clock.advance(hours{2});

  EXPECT_EQ(sweep({.keep = hours{1}}).events_removed, 1U);

  EXPECT_EQ(value_of(store->run_by_id("answers"))->event, R"({"id":"event-1"})");
}

TEST_P(RetentionTest, GoesThroughMoreThanOneStep) {
  for (int i = 0; i < 1000; ++i) put("event-" + std::to_string(i), 1, i % 10 == 0 ? 0U : 1U);
  clock.advance(hours{2});

  EXPECT_EQ(sweep({.keep = hours{1}}).events_removed, 900U);
  EXPECT_EQ(value_of(store->counts()).pending, 100);
}

TEST_P(RetentionTest, RemovesTheOldestEarlierWhenTheStoreIsTooLarge) {
  for (int i = 0; i < 2000; ++i) {
    const auto route = value_of(store->put_route(route_named("1")));
    AcceptEvent event = event_to("event-" + std::to_string(i), {route}, clock.now());
    event.json = std::make_shared<const std::string>(std::string(4000, 'x'));
    const auto made = value_of(store->commit_and_wait({event})).deliveries;
    value_of(store->commit_and_wait({MarkDelivered{made.at(0).seq, clock.now(), 1}}));
    clock.advance(seconds{1});
  }
  const std::uint64_t before = value_of(store->used_bytes());

  const Sweep swept = sweep({.keep = hours{24}, .max_bytes = before / 2});

  EXPECT_GT(swept.events_removed, 500U);
  EXPECT_LT(swept.events_removed, 1900U);
  EXPECT_LE(value_of(store->used_bytes()), before / 2);
  EXPECT_FALSE(has("event-0"));
  EXPECT_TRUE(has("event-1999"));
}

TEST_P(RetentionTest, EndsWhenItIsToldTo) {
  for (int i = 0; i < 1000; ++i) put("event-" + std::to_string(i), 0, 0);
  clock.advance(hours{2});

  const Sweep swept = value_of(Retention{*store, clock, {.keep = hours{1}}}.run([] { return true; }));

  EXPECT_GT(swept.events_removed, 0U);
  EXPECT_LT(swept.events_removed, 1000U);
}

}  // namespace
}  // namespace ebagent::store
