#include <atomic>
#include <future>
#include <latch>
#include <thread>

#include "builders.hpp"

namespace ebagent::store {
namespace {

class GroupCommit : public EachStore {};
INSTANTIATE_TEST_SUITE_P(, GroupCommit, each_store, kind_of);

TEST_P(GroupCommit, KeepsAnEventAndItsDeliveriesTogether) {
  const auto store = open();
  const auto first = value_of(store->put_route(route_named("1")));
  const auto second = value_of(store->put_route(route_named("2")));

  const auto committed = value_of(store->commit_and_wait({event_to("event-1", {first, second})}));

  ASSERT_EQ(committed.deliveries.size(), 2U);
  EXPECT_EQ(committed.deliveries[0].route->target_id, "1");
  EXPECT_EQ(committed.deliveries[1].route->target_id, "2");
  EXPECT_NE(committed.deliveries[0].seq, committed.deliveries[1].seq);
  EXPECT_EQ(*committed.deliveries[0].event, R"({"id":"event-1"})");
  EXPECT_EQ(value_of(store->event_by_id("event-1")), R"({"id":"event-1"})");
  const auto counts = value_of(store->counts());
  EXPECT_EQ(counts.accepted, 1);
  EXPECT_EQ(counts.pending, 2);
}

TEST_P(GroupCommit, MakesNothingOfAnEventAcceptedBefore) {
  const auto store = open();
  const auto route = value_of(store->put_route(route_named("1")));
  value_of(store->commit_and_wait({event_to("event-1", {route})}));

  AcceptEvent again = event_to("event-1", {route});
  again.json = std::make_shared<const std::string>("{}");
  const auto committed = value_of(store->commit_and_wait({again}));

  EXPECT_TRUE(committed.deliveries.empty());
  EXPECT_EQ(value_of(store->event_by_id("event-1")), R"({"id":"event-1"})");
  EXPECT_EQ(value_of(store->counts()).accepted, 1);
  EXPECT_EQ(value_of(store->counts()).pending, 1);
}

TEST_P(GroupCommit, KeepsNothingOfATransactionThatFails) {
  const auto store = open();
  const auto route = value_of(store->put_route(route_named("1")));
  value_of(store->commit_and_wait({PutRun{run_of("run-1", "key-1")}}));

  const auto refused =
      store->commit_and_wait({event_to("event-1", {route}), PutRun{run_of("run-2", "key-1")}});

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::AlreadyExists);
  EXPECT_EQ(value_of(store->event_by_id("event-1")), std::nullopt);
  EXPECT_EQ(value_of(store->counts()).pending, 0);
}

TEST_P(GroupCommit, OneBadTransactionDoesNotHarmTheOthersOfItsBatch) {
  const auto store = open();
  const auto route = value_of(store->put_route(route_named("1")));
  value_of(store->commit_and_wait({PutRun{run_of("run-1", "key-1")}}));
  // The first callback holds the writer's thread until all others are queued, so that they share a batch.
  std::latch all_queued{1};
  std::latch all_done{22};
  std::atomic<int> good = 0;
  std::atomic<int> bad = 0;
  store->commit({PutCatalog{{"rule", "first", "{}"}}}, [&](Result<Committed>) {
    all_queued.wait();
    all_done.count_down();
  });

  for (int i = 0; i < 20; ++i) {
    store->commit({event_to("event-" + std::to_string(i), {route})}, [&](Result<Committed> result) {
      good += result && result.value().deliveries.size() == 1 ? 1 : 0;
      all_done.count_down();
    });
    if (i != 10) continue;
    store->commit({event_to("event-bad", {route}), PutRun{run_of("run-2", "key-1")}},
                  [&](Result<Committed> result) {
                    bad += !result && result.error().code == ErrorCode::AlreadyExists ? 1 : 0;
                    all_done.count_down();
                  });
  }
  all_queued.count_down();
  all_done.wait();

  EXPECT_EQ(good, 20);
  EXPECT_EQ(bad, 1);
  EXPECT_EQ(value_of(store->event_by_id("event-bad")), std::nullopt);
  EXPECT_EQ(value_of(store->counts()).accepted, 20);
  EXPECT_EQ(value_of(store->counts()).pending, 20);
}

TEST_P(GroupCommit, RefusesADeliveryWhoseRouteWasNeverPut) {
  const auto store = open();

  const auto refused =
      store->commit_and_wait({event_to("event-1", {std::make_shared<const Route>(route_named("1"))})});

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::InvalidArgument);
}

TEST_P(GroupCommit, TakesCommitsFromManyThreads) {
  const auto store = open();
  const auto route = value_of(store->put_route(route_named("1")));
  std::vector<std::thread> threads;

  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 100; ++i) {
        EXPECT_TRUE(store->commit_and_wait({event_to(std::to_string(t) + "-" + std::to_string(i), {route})}));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();

  EXPECT_EQ(value_of(store->counts()).accepted, 400);
}

TEST_P(GroupCommit, ACallbackMayCommitAndRead) {
  const auto store = open();
  std::promise<bool> is_there;

  store->commit({PutCatalog{{"rule", "a", "{}"}}}, [&](Result<Committed>) {
    is_there.set_value(value_of(store->catalog("rule")).size() == 1);
    store->commit({PutCatalog{{"rule", "b", "{}"}}}, [](Result<Committed>) {});
  });
  const bool seen = is_there.get_future().get();
  value_of(store->commit_and_wait({}));

  EXPECT_TRUE(seen);
  EXPECT_EQ(value_of(store->catalog("rule")).size(), 2U);
}

TEST_P(GroupCommit, RefusesAnOfferAtOnceWhileTheQueueIsNearlyFullAndStillTakesCommits) {
  const auto store = open();
  std::latch writer_held{1};
  std::latch all_queued{1};
  std::atomic<int> written = 0;
  std::atomic<int> refused = 0;
  const PutCatalog record{{"rule", "a", std::string(1'000'000, 'x')}};
  store->commit({PutCatalog{{"rule", "first", "{}"}}}, [&](Result<Committed>) {
    writer_held.count_down();
    all_queued.wait();
  });
  writer_held.wait();

  // More than the queue may hold in bytes, of which the writer's thread takes none while it is held.
  for (int i = 0; i < 60; ++i) {
    store->offer({record}, [&](Result<Committed> result) {
      EXPECT_TRUE(result || result.error().code == ErrorCode::Overloaded);
      ++(result ? written : refused);
    });
  }
  const int refused_at_once = refused;
  for (int i = 0; i < 5; ++i)
    store->commit({record}, [&](Result<Committed> result) { written += result ? 1 : 0; });
  all_queued.count_down();
  value_of(store->commit_and_wait({}));

  EXPECT_GE(refused_at_once, 9);
  EXPECT_EQ(refused, refused_at_once);
  EXPECT_EQ(written, 60 - refused_at_once + 5);
}

TEST_P(GroupCommit, WritesWhatIsQueuedBeforeItEnds) {
  std::atomic<int> answered = 0;
  {
    const auto store = open();
    for (int i = 0; i < 1'000; ++i) {
      store->commit({PutCatalog{{"rule", std::to_string(i), "{}"}}},
                    [&](Result<Committed> result) { answered += result ? 1 : 0; });
    }
  }

  EXPECT_EQ(answered, 1'000);
}

TEST_P(GroupCommit, InternsEqualRoutesOnce) {
  const auto store = open();

  const auto first = value_of(store->put_route(route_named("1")));
  const auto again = value_of(store->put_route(route_named("1")));
  const auto other = value_of(store->put_route(route_named("2")));

  EXPECT_EQ(first, again);
  EXPECT_NE(first->id, other->id);
}

TEST_P(GroupCommit, KeepsTextAsItIs) {
  const auto store = open();
  AcceptEvent event = event_to("event-1", {});
  const std::string text{"{\"a\":\"\0 \xF0\x9F\x90\x9D\"}", 13};
  event.json = std::make_shared<const std::string>(text);

  value_of(store->commit_and_wait({event}));

  EXPECT_EQ(value_of(store->event_by_id("event-1")), text);
}

TEST(Reopening, KeepsEverything) {
  const testing::TemporaryFolder folder;
  std::int64_t route_id = 0;
  std::int64_t last_seq = 0;
  {
    const auto store = open_at(folder.path());
    const auto route = value_of(store->put_route(route_named("1")));
    route_id = route->id;
    const auto made = value_of(store->commit_and_wait({event_to("event-1", {route, route, route})}));
    last_seq = made.deliveries[2].seq;
    value_of(store->commit_and_wait({MarkDelivered{made.deliveries[2].seq, start_time(), 1}}));
  }

  const auto store = open_at(folder.path());

  EXPECT_EQ(value_of(store->put_route(route_named("1")))->id, route_id);
  EXPECT_EQ(value_of(store->event_by_id("event-1")), R"({"id":"event-1"})");
  EXPECT_EQ(value_of(store->counts()).pending, 2);
  EXPECT_EQ(value_of(store->counts()).delivered, 1);
  const auto route = value_of(store->put_route(route_named("1")));
  const auto made = value_of(store->commit_and_wait({event_to("event-2", {route})}));
  EXPECT_GT(made.deliveries[0].seq, last_seq) << "a number is never given twice";
}

}  // namespace
}  // namespace ebagent::store
