#include "core/time_format.hpp"

#include <gtest/gtest.h>

namespace ebagent::core {
namespace {

TEST(TimeFormat, WritesTheEpoch) {
  EXPECT_EQ(format_utc_seconds(TimePoint{}), "1970-01-01T00:00:00Z");
}

TEST(TimeFormat, ReadsWhatItWrites) {
  const auto parsed = parse_rfc3339("2026-01-26T16:07:09.123Z");

  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(format_utc_millis(parsed.value()), "2026-01-26T16:07:09.123Z");
}

TEST(TimeFormat, AppliesTheOffset) {
  EXPECT_EQ(format_utc_seconds(parse_rfc3339("2026-01-01T00:30:00+01:00").value()), "2025-12-31T23:30:00Z");
}

TEST(TimeFormat, RefusesWhatIsNoInstant) {
  for (const char* text :
       {"", "2026", "2026-01-26", "2026-02-30T00:00:00Z", "2026-01-26T25:00:00Z", "2026-01-26T16:00:00",
        "2026-01-26T16:00:00Zx", "2026-01-26T16:00:00.Z", "yesterday"}) {
    EXPECT_FALSE(parse_rfc3339(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace ebagent::core
