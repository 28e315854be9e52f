#include "builders.hpp"

namespace ebagent::store {
namespace {

class DeadLetters : public EachStore {
 protected:
  // Accepts an event and lets its delivery die; returns the delivery's number.
  static std::int64_t bury(Store& store, const std::string& id) {
    const auto route = value_of(store.put_route(route_named("1")));
    AcceptEvent event = event_to(id, {route});
    event.to[0].input = "{}";
    const auto made = value_of(store.commit_and_wait({event}));
    const std::int64_t seq = made.deliveries.at(0).seq;
    value_of(store.commit_and_wait({MarkDead{.seq = seq,
                                             .at = start_time() + hours{1},
                                             .attempts = 4,
                                             .error_code = "TIMEOUT",
                                             .error_message = "no answer in 30 s",
                                             .exhausted_condition = "MaximumRetryAttempts"}}));
    return seq;
  }
};
INSTANTIATE_TEST_SUITE_P(, DeadLetters, each_store, kind_of);

TEST_P(DeadLetters, TellWhatDiedAndWhy) {
  const auto store = open();

  const std::int64_t seq = bury(*store, "event-1");

  const auto letter = value_of(store->dead_letter(seq));
  ASSERT_TRUE(letter);
  EXPECT_EQ(letter->event_id, "event-1");
  EXPECT_EQ(letter->event, R"({"id":"event-1"})");
  EXPECT_EQ(letter->input, "{}");
  EXPECT_EQ(letter->attempts, 4);
  EXPECT_EQ(letter->accepted, start_time());
  EXPECT_EQ(letter->died, start_time() + hours{1});
  EXPECT_EQ(letter->error_code, "TIMEOUT");
  EXPECT_EQ(letter->error_message, "no answer in 30 s");
  EXPECT_EQ(letter->exhausted_condition, "MaximumRetryAttempts");
  EXPECT_EQ(letter->route.rule_arn, route_named("1").rule_arn);
  EXPECT_EQ(letter->route.max_age, hours{1});
  EXPECT_EQ(letter->route.dead_letter_arn, route_named("1").dead_letter_arn);
  const auto counts = value_of(store->counts());
  EXPECT_EQ(counts.dead, 1);
  EXPECT_EQ(counts.pending, 0);
}

TEST_P(DeadLetters, AreListedNewestFirst) {
  const auto store = open();
  bury(*store, "event-1");
  bury(*store, "event-2");
  bury(*store, "event-3");

  const auto letters = value_of(store->dead_letters(2));

  ASSERT_EQ(letters.size(), 2U);
  EXPECT_EQ(letters[0].event_id, "event-3");
  EXPECT_EQ(letters[1].event_id, "event-2");
}

TEST_P(DeadLetters, BecomePendingAgainWhenRedriven) {
  const auto store = open();
  const std::int64_t seq = bury(*store, "event-1");
  const TimePoint now = start_time() + hours{48};

  value_of(store->redrive(seq, now));

  EXPECT_FALSE(value_of(store->dead_letter(seq)).has_value());
  EXPECT_EQ(value_of(store->next_due()), now);
  const auto leased = value_of(store->lease_due(now, 10));
  ASSERT_EQ(leased.size(), 1U);
  EXPECT_EQ(leased[0].seq, seq);
  EXPECT_EQ(leased[0].attempts, 0);
  EXPECT_EQ(leased[0].input, "{}");
  EXPECT_EQ(leased[0].accepted, now) << "its age counts from here, or it would die of age at once";
  EXPECT_EQ(value_of(store->counts()).dead, 0);
  EXPECT_EQ(value_of(store->counts()).pending, 1);
}

TEST_P(DeadLetters, CannotBeRedrivenTwice) {
  const auto store = open();
  const std::int64_t seq = bury(*store, "event-1");
  value_of(store->redrive(seq, start_time()));

  const auto again = store->redrive(seq, start_time());

  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, ErrorCode::NotFound);
}

TEST_P(DeadLetters, MayDieOnceMoreAfterARedrive) {
  const auto store = open();
  const std::int64_t seq = bury(*store, "event-1");
  value_of(store->redrive(seq, start_time()));
  value_of(store->lease_due(start_time(), 1));

  value_of(store->commit_and_wait({MarkDead{seq, start_time() + hours{2}, 1, "NO_RESOURCE", "gone", ""}}));

  const auto letter = value_of(store->dead_letter(seq));
  ASSERT_TRUE(letter);
  EXPECT_EQ(letter->error_code, "NO_RESOURCE");
  EXPECT_EQ(letter->accepted, start_time());
}

}  // namespace
}  // namespace ebagent::store
