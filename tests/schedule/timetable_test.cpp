#include "schedule/timetable.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/time_format.hpp"

namespace ebagent::schedule {
namespace {

TimePoint at(std::string_view text) {
  return core::parse_rfc3339(text).value();
}

std::shared_ptr<const TimeZone> zone(const std::string& name) {
  if (name == "UTC") return std::make_shared<const TimeZone>();
  std::ifstream stream{std::filesystem::path{"/usr/share/zoneinfo"} / name, std::ios::binary};
  return std::make_shared<const TimeZone>(
      TimeZone::parse(std::string{std::istreambuf_iterator<char>{stream}, {}}).value());
}

struct Setting {
  std::string zone = "UTC";
  std::string start = "2026-01-01T00:00:00Z";
  std::optional<std::string> end = {};
};

Timetable timetable(std::string_view expression, const Setting& setting = {}) {
  Timetable::Bounds bounds{.start = at(setting.start), .end = {}};
  if (setting.end) bounds.end = at(*setting.end);
  return {parse_zoned(expression).value(), zone(setting.zone), bounds};
}

using Times = std::vector<std::string>;

// The next `count` times after `after`, as text; "never" where it fires no more.
Times fires(const Timetable& timetable, std::string_view after, int count) {
  Times times;
  auto next = timetable.next_after(at(after));
  for (int i = 0; i < count; ++i) {
    times.push_back(next ? core::format_utc_seconds(*next) : "never");
    if (!next) break;
    next = timetable.next_after(*next);
  }
  return times;
}

TEST(At, FiresOnceOnTheClocksOfItsZone) {
  EXPECT_EQ(
      fires(timetable("at(2026-07-01T09:30:15)", {.zone = "America/New_York"}), "2026-01-01T00:00:00Z", 2),
      (Times{"2026-07-01T13:30:15Z", "never"}));
}

TEST(At, NeverFiresWhenClocksSkipItsTime) {
  EXPECT_EQ(fires(timetable("at(2026-03-29T02:30:00)", {.zone = "Europe/Berlin"}), "2026-01-01T00:00:00Z", 1),
            Times{"never"});
}

TEST(At, TakesNoNoticeOfStartAndEnd) {
  const Setting around{.start = "2026-05-01T00:00:00Z", .end = "2026-05-02T00:00:00Z"};

  EXPECT_EQ(fires(timetable("at(2026-02-01T00:00:00)", around), "2026-01-01T00:00:00Z", 1),
            Times{"2026-02-01T00:00:00Z"});
  EXPECT_EQ(fires(timetable("at(2026-06-01T00:00:00)", around), "2026-01-01T00:00:00Z", 1),
            Times{"2026-06-01T00:00:00Z"});
}

TEST(At, IsRefusedUnlessItIsATimeThereIs) {
  for (const char* expression :
       {"at()", "at(2026-01-01)", "at(2026-01-01T00:00)", "at(2026-01-01T00:00:00Z)",
        "at(2026-1-01T00:00:00)", "at(2026-02-29T00:00:00)", "at(2026-01-01T24:00:00)",
        "at(2026-01-01T00:60:00)", "at(2026-01-01 00:00:00)", " at(2026-01-01T00:00:00)",
        "at(2026-01-01T00:00:00) ", "at(1969-12-31T00:00:00)", "at(2200-01-01T00:00:00)",
        "AT(2026-01-01T00:00:00)"}) {
    EXPECT_FALSE(parse_zoned(expression)) << expression;
  }
  EXPECT_TRUE(parse_zoned("at(2028-02-29T23:59:59)"));
}

TEST(ZonedRate, FiresFirstAtItsStart) {
  EXPECT_EQ(fires(timetable("rate(5 minutes)", {.start = "2026-01-01T10:00:07Z"}), "2026-01-01T00:00:00Z", 3),
            (Times{"2026-01-01T10:00:07Z", "2026-01-01T10:05:07Z", "2026-01-01T10:10:07Z"}));
}

TEST(ZonedRate, MeansTwentyFourHoursByADay) {
  const Setting berlin{.zone = "Europe/Berlin", .start = "2026-03-28T12:00:00Z"};

  EXPECT_EQ(fires(timetable("rate(1 day)", berlin), "2026-03-28T12:00:00Z", 2),
            (Times{"2026-03-29T12:00:00Z", "2026-03-30T12:00:00Z"}));
}

TEST(ZonedRate, EndsWithItsEnd) {
  const Setting hour{.start = "2026-01-01T10:00:00Z", .end = "2026-01-01T11:00:00Z"};

  EXPECT_EQ(fires(timetable("rate(30 minutes)", hour), "2026-01-01T00:00:00Z", 4),
            (Times{"2026-01-01T10:00:00Z", "2026-01-01T10:30:00Z", "2026-01-01T11:00:00Z", "never"}));
}

TEST(ZonedRate, TakesEitherWord) {
  EXPECT_TRUE(parse_zoned("rate(1 minutes)"));
  EXPECT_TRUE(parse_zoned("rate(1 minute)"));
  for (const char* expression :
       {"rate(10 seconds)", "rate(10 years)", "rate()", "rate(10)", "rate(10 minutess)", "rate(foo minutes)",
        "rate(0 minutes)", "rate(-10 minutes)", "rate(10 MINUTES)", "rate( 10 minutes )", " rate(10 minutes)",
        "rate(1  minute)"}) {
    EXPECT_FALSE(parse_zoned(expression)) << expression;
  }
}

TEST(ZonedCron, FollowsTheClocksOfItsZone) {
  const Setting berlin{.zone = "Europe/Berlin"};

  EXPECT_EQ(fires(timetable("cron(0 9 28-30 3 ? 2026)", berlin), "2026-01-01T00:00:00Z", 3),
            (Times{"2026-03-28T08:00:00Z", "2026-03-29T07:00:00Z", "2026-03-30T07:00:00Z"}));
}

TEST(ZonedCron, PassesOverATimeThatClocksSkip) {
  const Setting new_york{.zone = "America/New_York"};

  EXPECT_EQ(fires(timetable("cron(30 2 7-9 3 ? 2026)", new_york), "2026-01-01T00:00:00Z", 3),
            (Times{"2026-03-07T07:30:00Z", "2026-03-09T06:30:00Z", "never"}));
}

TEST(ZonedCron, FiresOnceAtATimeThatClocksShowTwice) {
  const Setting new_york{.zone = "America/New_York"};

  EXPECT_EQ(fires(timetable("cron(30 1 1 11 ? 2026)", new_york), "2026-01-01T00:00:00Z", 2),
            (Times{"2026-11-01T05:30:00Z", "never"}));
  EXPECT_EQ(fires(timetable("cron(0/30 * * * ? *)", new_york), "2026-11-01T04:45:00Z", 4),
            (Times{"2026-11-01T05:00:00Z", "2026-11-01T05:30:00Z", "2026-11-01T07:00:00Z",
                   "2026-11-01T07:30:00Z"}));
}

TEST(ZonedCron, FiresWithinItsBoundsOnly) {
  const Setting two_days{.start = "2026-01-02T09:00:00Z", .end = "2026-01-03T08:59:59Z"};

  EXPECT_EQ(fires(timetable("cron(0 9 * * ? *)", two_days), "2026-01-01T00:00:00Z", 2),
            (Times{"2026-01-02T09:00:00Z", "never"}));
}

TEST(Timetable, FindsTheLatestOfManyThatWereMissed) {
  const auto latest = [](std::string_view expression, std::string_view first, std::string_view last) {
    return core::format_utc_seconds(timetable(expression).latest(at(first), at(last)));
  };

  EXPECT_EQ(latest("rate(1 minute)", "2026-01-01T00:00:00Z", "2029-05-05T05:05:30Z"), "2029-05-05T05:05:00Z");
  EXPECT_EQ(latest("cron(0 9 * * ? *)", "2026-01-01T09:00:00Z", "2027-06-01T08:00:00Z"),
            "2027-05-31T09:00:00Z");
  EXPECT_EQ(latest("cron(0 9 1 1 ? *)", "2026-01-01T09:00:00Z", "2031-06-01T08:00:00Z"),
            "2031-01-01T09:00:00Z");
  EXPECT_EQ(latest("cron(0 9 1 1 ? *)", "2026-01-01T09:00:00Z", "2026-01-01T09:00:00Z"),
            "2026-01-01T09:00:00Z");
}

}  // namespace
}  // namespace ebagent::schedule
