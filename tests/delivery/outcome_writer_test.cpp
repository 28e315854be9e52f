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
  outcomes.write(store::MarkDelivered{delivery.seq, TimePoint{}, 1});
  EXPECT_EQ(errors, 1);
  EXPECT_FALSE(outcomes.is_idle());

  store.fail_commits(false);
  outcomes.retry();

  ASSERT_TRUE(outcomes.wait_idle_until(soon()));
  EXPECT_EQ(store.counts().value().delivered, 1);
}

TEST_F(OutcomeWriterTest, DoesNotTryAgainByItselfWhileTheStoreRefuses) {
  store.fail_commits(true);

  outcomes.write(store::MarkDelivered{1, TimePoint{}, 1});

  EXPECT_EQ(store.refused_commits(), 1);
}

}  // namespace
}  // namespace ebagent::delivery
