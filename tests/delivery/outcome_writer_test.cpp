#include "delivery/outcome_writer.hpp"

#include <gtest/gtest.h>

#include "delivery/deliveries.hpp"
#include "support/faulty_store.hpp"

namespace ebagent::delivery {
namespace {

using namespace std::chrono_literals;

class OutcomeWriterTest : public ::testing::Test {
 protected:
  static std::chrono::steady_clock::time_point soon() { return std::chrono::steady_clock::now() + 10s; }

  ebagent::testing::FaultyStore store{testing::memory_store()};
  std::atomic<int> errors{0};
  OutcomeWriter outcomes{store, [this](const Error&) { ++errors; }};
};

TEST_F(OutcomeWriterTest, WritesEveryOutcomeWhateverTheNumber) {
  constexpr int kEvents = 3'000;
  std::vector<store::Write> marks;
  for (int i = 0; i < kEvents; ++i) {
    for (const auto& delivery : testing::accept(store, "event-" + std::to_string(i), TimePoint{},
                                                {testing::route_to(testing::kAgentArn)})) {
      marks.emplace_back(store::MarkDelivered{delivery.seq, TimePoint{}, 1});
    }
  }

  outcomes.write_all(std::move(marks));

  ASSERT_TRUE(outcomes.wait_idle_until(soon()));
  EXPECT_EQ(store.counts().value().delivered, kEvents);
}

TEST_F(OutcomeWriterTest, KeepsWhatTheStoreRefusesUntilItCanBeWritten) {
  const auto delivery =
      testing::accept(store, "event-1", TimePoint{}, {testing::route_to(testing::kAgentArn)}).front();
  store.fail_commits(true);
  outcomes.write({store::MarkDelivered{delivery.seq, TimePoint{}, 1}});
  EXPECT_EQ(errors, 1);
  EXPECT_FALSE(outcomes.is_idle());

  store.fail_commits(false);
  outcomes.retry();

  ASSERT_TRUE(outcomes.wait_idle_until(soon()));
  EXPECT_EQ(store.counts().value().delivered, 1);
}

TEST_F(OutcomeWriterTest, DoesNotTryAgainByItselfWhileTheStoreRefuses) {
  store.fail_commits(true);

  outcomes.write({store::MarkDelivered{1, TimePoint{}, 1}});

  EXPECT_EQ(store.refused_commits(), 1);
}

store::Run run_of(const std::string& id, const std::string& key) {
  return {.id = id,
          .key = key,
          .agent = "agent",
          .event_id = "event-1",
          .state = store::RunState::Succeeded,
          .expires = TimePoint{} + 24h};
}

Record record_of(store::Run run) {
  Record record;
  record.writes.emplace_back(store::PutRun{std::move(run)});
  return record;
}

TEST_F(OutcomeWriterTest, WritesARecordTogetherWithItsOutcome) {
  const auto delivery =
      testing::accept(store, "event-1", TimePoint{}, {testing::route_to(testing::kAgentArn)}).front();

  outcomes.write({store::MarkDelivered{delivery.seq, TimePoint{}, 1}, record_of(run_of("run-1", "key"))});

  ASSERT_TRUE(outcomes.wait_idle_until(soon()));
  EXPECT_EQ(store.counts().value().delivered, 1);
  EXPECT_TRUE(store.run_by_id("run-1").value().has_value());
}

TEST_F(OutcomeWriterTest, LetsGoOfWhatIsHeldOnlyWhenTheRecordIsOnDisk) {
  auto held = std::make_shared<int>();
  const std::weak_ptr<int> watched = held;
  Record record = record_of(run_of("run-1", "key"));
  record.held.push_back(std::move(held));
  store.fail_commits(true);

  outcomes.write({store::MarkDelivered{1, TimePoint{}, 1}, std::move(record)});
  EXPECT_FALSE(watched.expired());

  store.fail_commits(false);
  outcomes.retry();
  ASSERT_TRUE(outcomes.wait_idle_until(soon()));
  EXPECT_TRUE(watched.expired());
  EXPECT_TRUE(store.run_by_id("run-1").value().has_value());
}

TEST_F(OutcomeWriterTest, TriesADeliveryAgainWhoseRecordTheStoreRefuses) {
  const auto deliveries = testing::accept(
      store, "event-1", TimePoint{},
      {testing::route_to(testing::kAgentArn, "1"), testing::route_to(testing::kAgentArn, "2")});
  store::Transaction earlier;
  earlier.emplace_back(store::PutRun{run_of("run-0", "key")});
  ASSERT_TRUE(store.commit_and_wait(std::move(earlier)));
  store.fail_commits(true);  // so that both are in one group
  outcomes.write(
      {store::MarkDelivered{deliveries[0].seq, TimePoint{}, 1}, record_of(run_of("run-1", "key"))});
  outcomes.write(
      {store::MarkDelivered{deliveries[1].seq, TimePoint{}, 1}, record_of(run_of("run-2", "other"))});
  store.fail_commits(false);

  for (int i = 0; i < 4 && !outcomes.is_idle(); ++i) {
    outcomes.retry();
    ASSERT_TRUE(store.commit_and_wait({}));  // what was tried has been answered
  }

  ASSERT_TRUE(outcomes.wait_idle_until(soon()));
  EXPECT_EQ(store.counts().value().delivered, 1);
  EXPECT_EQ(store.counts().value().pending, 1);
  EXPECT_FALSE(store.run_by_id("run-1").value().has_value());
  EXPECT_TRUE(store.run_by_id("run-2").value().has_value());
}

TEST_F(OutcomeWriterTest, HasNoRoomWhileTheDiskIsBehindAndSaysWhenItHasAgain) {
  int woken = 0;
  outcomes.on_room([&woken] { ++woken; });
  store.fail_commits(true);
  Record large = record_of(run_of("run-1", "key"));
  large.bytes = std::size_t{64} * 1024 * 1024;
  EXPECT_TRUE(outcomes.has_room());

  outcomes.write({store::MarkDelivered{1, TimePoint{}, 1}, std::move(large)});
  EXPECT_FALSE(outcomes.has_room());

  store.fail_commits(false);
  outcomes.retry();
  ASSERT_TRUE(outcomes.wait_idle_until(soon()));
  EXPECT_EQ(woken, 1);
  EXPECT_TRUE(outcomes.has_room());
}

}  // namespace
}  // namespace ebagent::delivery
