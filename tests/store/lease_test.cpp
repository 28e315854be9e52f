#include "builders.hpp"

namespace ebagent::store {
namespace {

constexpr std::size_t kAll = 100;

class Lease : public EachStore {};
INSTANTIATE_TEST_SUITE_P(, Lease, each_store, kind_of);

TEST_P(Lease, AnAcceptedDeliveryIsAlreadyInHand) {
  const auto store = open();
  const auto route = value_of(store->put_route(route_named("1")));

  const auto made = value_of(store->commit_and_wait({event_to("event-1", {route})}));

  EXPECT_EQ(made.deliveries.size(), 1U);
  EXPECT_TRUE(value_of(store->lease_due(start_time() + hours{1}, kAll)).empty());
  EXPECT_EQ(value_of(store->next_due()), std::nullopt);
}

TEST_P(Lease, DeliveriesPastTheCallersAppetiteWaitForLeaseDue) {
  const auto store = open({.max_ready = 2});
  const auto route = value_of(store->put_route(route_named("1")));

  const auto made = value_of(store->commit_and_wait({event_to("event-1", {route, route, route})}));
  const auto later = value_of(store->commit_and_wait({event_to("event-2", {route})}));

  EXPECT_EQ(made.deliveries.size(), 2U);
  EXPECT_TRUE(later.deliveries.empty());
  EXPECT_EQ(value_of(store->next_due()), start_time());
  EXPECT_EQ(ids_of(value_of(store->lease_due(start_time(), kAll))),
            (std::vector<std::string>{"event-1", "event-2"}));
}

TEST_P(Lease, MarkingADeliveryMakesRoomForTheNext) {
  const auto store = open({.max_ready = 1});
  const auto route = value_of(store->put_route(route_named("1")));
  const auto made = value_of(store->commit_and_wait({event_to("event-1", {route})}));

  value_of(store->commit_and_wait({MarkDelivered{made.deliveries.at(0).seq, start_time(), 1}}));
  const auto next = value_of(store->commit_and_wait({event_to("event-2", {route})}));

  EXPECT_EQ(next.deliveries.size(), 1U);
}

TEST_P(Lease, ARescheduledDeliveryComesBackWhenItIsDue) {
  const auto store = open();
  const auto route = value_of(store->put_route(route_named("1")));
  AcceptEvent event = event_to("event-1", {route});
  event.hops = 3;
  event.trace = "a chain";
  event.to[0].input = R"({"only":"this"})";
  const auto made = value_of(store->commit_and_wait({event}));
  const TimePoint due = start_time() + minutes{5};

  value_of(store->commit_and_wait({Reschedule{made.deliveries.at(0).seq, due, 1, "refused"}}));

  EXPECT_EQ(value_of(store->next_due()), due);
  EXPECT_TRUE(value_of(store->lease_due(due - seconds{1}, kAll)).empty());
  const auto leased = value_of(store->lease_due(due, kAll));
  ASSERT_EQ(leased.size(), 1U);
  EXPECT_EQ(leased[0].seq, made.deliveries[0].seq);
  EXPECT_EQ(leased[0].attempts, 1);
  EXPECT_EQ(leased[0].hops, 3);
  EXPECT_EQ(leased[0].trace, "a chain");
  EXPECT_EQ(leased[0].input, R"({"only":"this"})");
  EXPECT_EQ(leased[0].accepted, start_time());
  EXPECT_EQ(leased[0].due, due);
  EXPECT_EQ(*leased[0].event, R"({"id":"event-1"})");
  EXPECT_EQ(leased[0].route->target_id, "1");
  EXPECT_TRUE(value_of(store->lease_due(due, kAll)).empty()) << "no one else may get it";
}

TEST_P(Lease, GivesTheOldestDueFirstAndNoMoreThanAskedFor) {
  const auto store = open({.max_ready = 0});
  const auto route = value_of(store->put_route(route_named("1")));
  value_of(store->commit_and_wait({event_to("late", {route}, start_time() + minutes{2}),
                                   event_to("early", {route}, start_time()),
                                   event_to("middle", {route}, start_time() + minutes{1})}));

  const auto first = value_of(store->lease_due(start_time() + hours{1}, 2));
  const auto rest = value_of(store->lease_due(start_time() + hours{1}, 2));

  EXPECT_EQ(ids_of(first), (std::vector<std::string>{"early", "middle"}));
  EXPECT_EQ(ids_of(rest), (std::vector<std::string>{"late"}));
}

TEST_P(Lease, MarkingWhatIsNotOpenChangesNothing) {
  const auto store = open();
  const auto route = value_of(store->put_route(route_named("1")));
  const auto made = value_of(store->commit_and_wait({event_to("event-1", {route})}));
  const std::int64_t seq = made.deliveries.at(0).seq;
  value_of(store->commit_and_wait({MarkDelivered{seq, start_time(), 1}}));

  value_of(store->commit_and_wait(
      {MarkDelivered{seq, start_time(), 1}, MarkDead{seq, start_time(), 1, "TIMEOUT", "", ""},
       Reschedule{seq, start_time(), 1, ""}, MarkDelivered{999, start_time(), 1}}));

  const auto counts = value_of(store->counts());
  EXPECT_EQ(counts.delivered, 1);
  EXPECT_EQ(counts.pending, 0);
  EXPECT_EQ(counts.dead, 0);
}

TEST(LeaseEpoch, WhatAnEarlierOwnerHadInHandIsFreeAgain) {
  const testing::TemporaryFolder folder;
  {
    const auto store = open_at(folder.path(), {.max_ready = 1});
    const auto route = value_of(store->put_route(route_named("1")));
    value_of(store->commit_and_wait({event_to("accepted", {route}), event_to("leased", {route})}));
    EXPECT_EQ(value_of(store->lease_due(start_time(), kAll)).size(), 1U);
    EXPECT_EQ(value_of(store->next_due()), std::nullopt);
  }

  const auto store = open_at(folder.path());

  const auto leased = value_of(store->lease_due(start_time(), kAll));
  EXPECT_EQ(ids_of(leased), (std::vector<std::string>{"accepted", "leased"}));
  EXPECT_EQ(leased.at(0).route, leased.at(1).route) << "deliveries share one copy of their route";
}

TEST_P(Lease, ClearForgetsWhatIsInHandAndMakesRoom) {
  const auto store = open({.max_ready = 1});
  const auto route = value_of(store->put_route(route_named("1")));
  const auto before = value_of(store->commit_and_wait({event_to("event-1", {route})}));

  value_of(store->clear());
  value_of(store->commit_and_wait({MarkDelivered{before.deliveries.at(0).seq, start_time(), 1}}));
  const auto after = value_of(store->commit_and_wait({event_to("event-1", {route})}));

  EXPECT_EQ(after.deliveries.size(), 1U);
  EXPECT_GT(after.deliveries.at(0).seq, before.deliveries.at(0).seq);
  const EventCounts counts = value_of(store->counts());
  EXPECT_EQ(counts.accepted, 1);
  EXPECT_EQ(counts.delivered, 0);
  EXPECT_EQ(counts.pending, 1);
}

}  // namespace
}  // namespace ebagent::store
