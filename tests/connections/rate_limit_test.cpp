#include "connections/rate_limit.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <vector>

#include "support/manual_clock.hpp"

namespace ebagent::connections {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using enum RateLimit::Comes;

class RateLimitTest : public ::testing::Test {
 protected:
  const TimePoint start = testing::ManualClock{}.now();
};

TEST_F(RateLimitTest, AdmitsAsManyInASecondAsItSaysAndTellsTheOthersWhenToCome) {
  RateLimit limit{2};

  EXPECT_FALSE(limit.admit(start, ForTheFirstTime));
  EXPECT_FALSE(limit.admit(start, ForTheFirstTime));
  EXPECT_EQ(limit.admit(start, ForTheFirstTime), start + seconds{1});
  EXPECT_EQ(limit.admit(start, ForTheFirstTime), start + milliseconds{1500});

  EXPECT_FALSE(limit.admit(start + seconds{1}, Again));
  EXPECT_FALSE(limit.admit(start + milliseconds{1500}, Again));
}

TEST_F(RateLimitTest, WhoComesForTheFirstTimeStandsBehindWhoWaits) {
  RateLimit limit{1};
  EXPECT_FALSE(limit.admit(start, ForTheFirstTime));
  EXPECT_EQ(limit.admit(start, ForTheFirstTime), start + seconds{1});
  EXPECT_EQ(limit.admit(start, ForTheFirstTime), start + seconds{2});

  EXPECT_EQ(limit.admit(start + seconds{1}, ForTheFirstTime), start + seconds{3});
  EXPECT_FALSE(limit.admit(start + seconds{1}, Again));
}

TEST_F(RateLimitTest, ManyGetThroughAtTheRateAndNeverMoreInAnySecond) {
  constexpr int kRate = 300;
  constexpr int kCount = 1500;
  RateLimit limit{kRate};
  std::multimap<TimePoint, RateLimit::Comes> waiting;
  for (int i = 0; i < kCount; ++i) waiting.emplace(start, ForTheFirstTime);
  std::vector<TimePoint> admitted;
  int asked = 0;
  while (!waiting.empty()) {
    const TimePoint now = waiting.begin()->first;
    const auto comes = waiting.begin()->second;
    waiting.erase(waiting.begin());
    ++asked;
    if (const auto later = limit.admit(now, comes)) {
      ASSERT_GT(*later, now);
      waiting.emplace(*later, Again);
    } else {
      admitted.push_back(now);
    }
  }

  for (std::size_t i = 0; i + kRate < admitted.size(); ++i) {
    ASSERT_GE(admitted[i + kRate] - admitted[i], seconds{1});
  }
  EXPECT_LT(admitted.back() - start, seconds{kCount / kRate + 1});
  EXPECT_LT(asked, 3 * kCount) << "who waits is told a time at which it is turned away again";
}

TEST_F(RateLimitTest, AHighRateIsNoLimit) {
  RateLimit limit{RateLimit::kUnlimited};

  for (int i = 0; i < 100'000; ++i) ASSERT_FALSE(limit.admit(start, ForTheFirstTime));
}

}  // namespace
}  // namespace ebagent::connections
