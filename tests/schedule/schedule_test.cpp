#include "schedule/schedule.hpp"

#include <gtest/gtest.h>

#include "core/time_format.hpp"
#include "support/fixed_random.hpp"

namespace ebagent::schedule {
namespace {

TimePoint at(std::string_view text) {
  return core::parse_rfc3339(text).value();
}

// The next `count` times at which `expression` fires after `after`, as text; "never" where it fires no more.
std::vector<std::string> fires(std::string_view expression, std::string_view after, int count = 1,
                               std::string_view anchor = "2026-01-01T00:00:00Z") {
  const Schedule schedule = parse(expression).value();
  std::vector<std::string> times;
  auto next = schedule.next_after(at(after), at(anchor));
  for (int i = 0; i < count; ++i) {
    times.push_back(next ? core::format_utc_seconds(*next) : "never");
    if (!next) break;
    next = schedule.next_after(*next, at(anchor));
  }
  return times;
}

using Times = std::vector<std::string>;

bool accepted(std::string_view expression) {
  return parse(expression).has_value();
}

TEST(Rate, CountsFromTheAnchorAndNotFromNow) {
  EXPECT_EQ(fires("rate(1 hour)", "2026-01-26T16:00:00Z", 2, "2026-01-01T00:07:30Z"),
            (Times{"2026-01-26T16:07:30Z", "2026-01-26T17:07:30Z"}));
}

TEST(Rate, FiresFirstOnePeriodAfterItsAnchor) {
  EXPECT_EQ(fires("rate(5 minutes)", "2026-01-01T00:00:00Z"), Times{"2026-01-01T00:05:00Z"});
  EXPECT_EQ(fires("rate(5 minutes)", "2025-06-01T00:00:00Z"), Times{"2026-01-01T00:05:00Z"});
}

TEST(Rate, IsStrictlyAfterTheGivenInstant) {
  EXPECT_EQ(fires("rate(1 minute)", "2026-01-01T00:01:00Z"), Times{"2026-01-01T00:02:00Z"});
  EXPECT_EQ(fires("rate(1 minute)", "2026-01-01T00:01:59.999Z"), Times{"2026-01-01T00:02:00Z"});
}

TEST(Rate, CountsADayAs24Hours) {
  EXPECT_EQ(fires("rate(7 days)", "2026-01-01T00:00:00Z", 2),
            (Times{"2026-01-08T00:00:00Z", "2026-01-15T00:00:00Z"}));
}

TEST(Rate, SurvivesInstantsAtTheEdgesOfTime) {
  const Schedule schedule = parse("rate(36525 days)").value();

  EXPECT_EQ(schedule.next_after(TimePoint::max(), TimePoint{}), std::nullopt);
  EXPECT_EQ(schedule.next_after(TimePoint{}, TimePoint::max()), std::nullopt);
  EXPECT_EQ(schedule.next_after(TimePoint::min(), TimePoint::min()), TimePoint{std::chrono::days{36525}});
  EXPECT_EQ(schedule.next_after(kEndOfSchedules - Duration{1}, TimePoint{}), std::nullopt);
}

TEST(Rate, RefusesOtherUnitsNumbersCasesAndSpaces) {
  for (const auto* expression :
       {"rate(30 seconds)", "rate(2 weeks)",  "rate(1 minutes)", "rate(1 days)",   "rate(3 minute)",
        "rate(3 hour)",     "rate()",         "rate(7)",         "rate(7 )",       "rate( )",
        "rate(minutes)",    "rate(x hours)",  "rate(0 hours)",   "rate(-1 days)",  "rate(1.5 hours)",
        "rate(+5 hours)",   "rate(5 Hours)",  "rate(5  hours)",  "rate( 5 hours)", "rate(5 hours )",
        " rate(5 hours)",   "rate(5 hours) ", "rate (5 hours)",  "rate(5 hourss)"}) {
    EXPECT_FALSE(accepted(expression)) << expression;
  }
}

TEST(Rate, RefusesMoreThanAHundredYears) {
  EXPECT_TRUE(accepted("rate(36525 days)"));
  EXPECT_FALSE(accepted("rate(36526 days)"));
  EXPECT_FALSE(accepted("rate(99999999999999999999 days)"));
  EXPECT_FALSE(accepted("rate(9223372036854775807 minutes)"));
}

TEST(Rate, SaysWhichWordBelongsToTheNumber) {
  EXPECT_EQ(parse("rate(1 hours)").error().message, "A rate of 1 is written with \"hour\".");
  EXPECT_EQ(parse("rate(2 hour)").error().message, "A rate of 2 is written with \"hours\".");
}

TEST(Cron, FiresDailyAtNine) {
  EXPECT_EQ(fires("cron(0 9 * * ? *)", "2026-01-26T09:00:00Z", 2),
            (Times{"2026-01-27T09:00:00Z", "2026-01-28T09:00:00Z"}));
  EXPECT_EQ(fires("cron(0 9 * * ? *)", "2026-01-26T08:59:59.999Z"), Times{"2026-01-26T09:00:00Z"});
}

TEST(Cron, TakesNoNoticeOfTheAnchor) {
  EXPECT_EQ(fires("cron(0 9 * * ? *)", "2026-01-26T10:00:00Z", 1, "2026-01-20T11:11:11Z"),
            Times{"2026-01-27T09:00:00Z"});
}

TEST(Cron, CountsSundayAsTheFirstDayOfTheWeek) {
  EXPECT_EQ(fires("cron(0 0 ? * 1 *)", "2026-01-26T00:00:00Z"), Times{"2026-02-01T00:00:00Z"});
  EXPECT_EQ(fires("cron(0 0 ? * SUN *)", "2026-01-26T00:00:00Z"), Times{"2026-02-01T00:00:00Z"});
}

TEST(Cron, ReadsNamesInAnyCase) {
  EXPECT_EQ(
      parse("cron(0 18 ? jan-Mar mon-FRI *)").value().next_after(at("2026-01-26T00:00:00Z"), TimePoint{}),
      at("2026-01-26T18:00:00Z"));
}

TEST(Cron, FiresOnTheLastDayOfEachMonthAlsoInLeapYears) {
  EXPECT_EQ(fires("cron(0 0 L 2 ? *)", "2023-12-01T00:00:00Z", 2),
            (Times{"2024-02-29T00:00:00Z", "2025-02-28T00:00:00Z"}));
  EXPECT_EQ(fires("cron(0 0 L * ? *)", "2026-03-31T00:00:00Z", 2),
            (Times{"2026-04-30T00:00:00Z", "2026-05-31T00:00:00Z"}));
}

TEST(Cron, WaitsForTheNextLeapYearAlsoOverTheYear2100) {
  EXPECT_EQ(fires("cron(0 0 29 2 ? *)", "2024-02-29T00:00:00Z"), Times{"2028-02-29T00:00:00Z"});
  EXPECT_EQ(fires("cron(0 0 29 2 ? *)", "2096-02-29T00:00:00Z"), Times{"2104-02-29T00:00:00Z"});
}

TEST(Cron, SkipsMonthsWithoutTheDay) {
  EXPECT_EQ(fires("cron(0 0 31 * ? *)", "2026-01-31T00:00:00Z", 2),
            (Times{"2026-03-31T00:00:00Z", "2026-05-31T00:00:00Z"}));
}

TEST(Cron, MovesANearestWeekdayFromSaturdayToFridayAndFromSundayToMonday) {
  EXPECT_EQ(fires("cron(0 0 15W * ? *)", "2026-07-31T00:00:00Z"), Times{"2026-08-14T00:00:00Z"});
  EXPECT_EQ(fires("cron(0 0 15W * ? *)", "2026-01-31T00:00:00Z"), Times{"2026-02-16T00:00:00Z"});
  EXPECT_EQ(fires("cron(0 0 15W * ? *)", "2026-01-01T00:00:00Z"), Times{"2026-01-15T00:00:00Z"});
}

TEST(Cron, KeepsANearestWeekdayInsideItsMonth) {
  EXPECT_EQ(fires("cron(0 0 1W * ? *)", "2026-07-31T00:00:00Z"), Times{"2026-08-03T00:00:00Z"});
  EXPECT_EQ(fires("cron(0 0 31W * ? *)", "2026-05-01T00:00:00Z"), Times{"2026-05-29T00:00:00Z"});
  EXPECT_EQ(fires("cron(0 0 31W * ? *)", "2026-06-01T00:00:00Z"), Times{"2026-07-31T00:00:00Z"});
}

TEST(Cron, FiresOnTheLastWeekdayOfTheMonth) {
  EXPECT_EQ(fires("cron(0 0 LW * ? *)", "2026-01-01T00:00:00Z", 5),
            (Times{"2026-01-30T00:00:00Z", "2026-02-27T00:00:00Z", "2026-03-31T00:00:00Z",
                   "2026-04-30T00:00:00Z", "2026-05-29T00:00:00Z"}));
}

TEST(Cron, FiresOnTheThirdFriday) {
  EXPECT_EQ(fires("cron(0 0 ? * 6#3 *)", "2026-01-26T00:00:00Z", 2),
            (Times{"2026-02-20T00:00:00Z", "2026-03-20T00:00:00Z"}));
  EXPECT_EQ(fires("cron(0 0 ? * FRI#3 *)", "2026-01-26T00:00:00Z"), Times{"2026-02-20T00:00:00Z"});
}

TEST(Cron, SkipsMonthsWithoutAFifthFriday) {
  EXPECT_EQ(fires("cron(0 0 ? * 6#5 *)", "2026-01-30T00:00:00Z"), Times{"2026-05-29T00:00:00Z"});
}

TEST(Cron, FiresOnTheLastFridayAndTakesABareLAsSaturday) {
  EXPECT_EQ(fires("cron(15 10 ? * 6L *)", "2026-01-26T00:00:00Z"), Times{"2026-01-30T10:15:00Z"});
  EXPECT_EQ(fires("cron(0 0 ? * L *)", "2026-01-26T00:00:00Z"), Times{"2026-01-31T00:00:00Z"});
}

TEST(Cron, StepsFromTheGivenStart) {
  EXPECT_EQ(fires("cron(1/20 8 * * ? *)", "2026-01-26T00:00:00Z", 4),
            (Times{"2026-01-26T08:01:00Z", "2026-01-26T08:21:00Z", "2026-01-26T08:41:00Z",
                   "2026-01-27T08:01:00Z"}));
}

TEST(Cron, GoesOverTheEndOfAFieldWhenARangeEndsBeforeItBegins) {
  EXPECT_EQ(fires("cron(0 22-1 * * ? *)", "2026-01-26T12:00:00Z", 5),
            (Times{"2026-01-26T22:00:00Z", "2026-01-26T23:00:00Z", "2026-01-27T00:00:00Z",
                   "2026-01-27T01:00:00Z", "2026-01-27T22:00:00Z"}));
  EXPECT_FALSE(accepted("cron(0 0 * * ? 2030-2029)"));
}

TEST(Cron, NeverFiresAgainAfterItsLastYear) {
  EXPECT_EQ(fires("cron(15 10 ? * 6L 2002-2005)", "2005-12-30T10:15:00Z"), Times{"never"});
  EXPECT_EQ(fires("cron(59 23 31 12 ? *)", "2199-12-31T23:58:59Z", 2),
            (Times{"2199-12-31T23:59:00Z", "never"}));
}

TEST(Cron, NeverFiresOnADayThatDoesNotExist) {
  EXPECT_EQ(fires("cron(0 0 30 2 ? *)", "2026-01-01T00:00:00Z"), Times{"never"});
}

TEST(Cron, BeginsWithTheYear1970) {
  EXPECT_EQ(parse("cron(0 0 1 1 ? *)").value().next_after(TimePoint::min(), TimePoint{}), TimePoint{});
  EXPECT_EQ(parse("cron(0 0 1 1 ? *)").value().next_after(TimePoint::max(), TimePoint{}), std::nullopt);
}

TEST(Cron, AcceptsEveryWildcardInItsField) {
  for (const auto* expression :
       {"cron(7,37 6 * * ? *)", "cron(0-10/2 6 ? * 2-6 *)", "cron(3/9 4-7 ? FEB MON-THU 2031)",
        "cron(* * ? * TUE#2 *)", "cron(0 3 ? * WED *)", "cron(45 11 ? * 5L 2010-2014)",
        "cron(0 3 ? * FRIL *)", "cron(0 3 LW * ? *)", "cron(0 3 10W * ? *)", "cron(0 3 L 1/3 ? 2030/2)",
        "cron(0  3 1 *  ? *)"}) {
    EXPECT_TRUE(accepted(expression)) << expression;
  }
}

TEST(Cron, RequiresTheQuestionMarkInExactlyOneDayField) {
  EXPECT_FALSE(accepted("cron(0 9 * * * *)"));
  EXPECT_FALSE(accepted("cron(0 9 ? * ? *)"));
  EXPECT_FALSE(accepted("cron(0 9 1 * MON *)"));
  EXPECT_FALSE(accepted("cron(0 9 ?,1 * ? *)"));
  EXPECT_FALSE(accepted("cron(? 9 1 * ? *)"));
}

TEST(Cron, RefusesMalformedFieldsWithoutCrashing) {
  for (const auto* expression : {"",
                                 "cron",
                                 "cron(",
                                 "cron()",
                                 "cron)",
                                 "cron(0 9 * * ?)",
                                 "cron(0 9 * * ? * *)",
                                 "cron( 0 9 * * ? *)",
                                 "cron(0 9 * * ? * )",
                                 "cron(60 9 * * ? *)",
                                 "cron(0 24 * * ? *)",
                                 "cron(0 9 0 * ? *)",
                                 "cron(0 9 32 * ? *)",
                                 "cron(0 9 * 0 ? *)",
                                 "cron(0 9 * 13 ? *)",
                                 "cron(0 9 ? * 0 *)",
                                 "cron(0 9 ? * 8 *)",
                                 "cron(0 9 * * ? 1969)",
                                 "cron(0 9 * * ? 2200)",
                                 "cron(0/0 9 * * ? *)",
                                 "cron(0/ 9 * * ? *)",
                                 "cron(/5 9 * * ? *)",
                                 "cron(0/60 9 * * ? *)",
                                 "cron(-5 9 * * ? *)",
                                 "cron(5- 9 * * ? *)",
                                 "cron(1,,2 9 * * ? *)",
                                 "cron(1, 9 * * ? *)",
                                 "cron(0 9 W * ? *)",
                                 "cron(0 9 32W * ? *)",
                                 "cron(0 9 1-5W * ? *)",
                                 "cron(0 9 ? * 6#6 *)",
                                 "cron(0 9 ? * 6#0 *)",
                                 "cron(0 9 ? * #3 *)",
                                 "cron(0 9 ? * 6# *)",
                                 "cron(0 9 ? * 3#1,6#3 *)",
                                 "cron(0 9 ? * 8L *)",
                                 "cron(0 9 ? * 2W *)",
                                 "cron(0 9 6#3 * ? *)",
                                 "cron(L 9 1 * ? *)",
                                 "cron(0 9 1 L ? *)",
                                 "cron(0 9 1 * ? L)",
                                 "cron(+1 9 * * ? *)",
                                 "cron(1.5 9 * * ? *)",
                                 "cron(99999999999999999999 9 * * ? *)",
                                 "at(2026-01-01T00:00:00)",
                                 "Rate(1 hour)",
                                 "cron(0\t9 * * ? *)"}) {
    EXPECT_FALSE(accepted(expression)) << expression;
  }
  EXPECT_FALSE(accepted("cron(" + std::string(10'000, '1') + ")"));
  EXPECT_FALSE(accepted("cron(0" + std::string(1, '\0') + " 9 * * ? *)"));
}

TEST(Cron, SaysWhichFieldIsWrongAndWhatItTakes) {
  EXPECT_EQ(parse("cron(71 8 1 * ? *)").error().message,
            "The minutes field of the cron expression has \"71\": values are 0 to 59.");
  EXPECT_EQ(parse("cron(0 8 ? * NOT *)").error().message,
            "The day-of-week field of the cron expression has \"NOT\": values are 1 to 7, SUN to SAT.");
}

TEST(Schedule, NeitherCrashesNorGoesBackInTimeOnAnyText) {
  constexpr std::string_view kPieces[] = {"*", "?", "L", "W",  "#",    "-",   ",",    "/",
                                          "0", "1", "5", "31", "2026", "MON", "rate("};
  testing::FixedRandom random;
  const TimePoint now = at("2026-01-26T16:00:00Z");
  for (int n = 0; n < 20'000; ++n) {
    std::string fields;
    for (int field = 0; field < 6; ++field) {
      fields += field == 0 ? "" : " ";
      for (auto pieces = 1 + random.next() % 3 / 2; pieces > 0; --pieces)
        fields += kPieces[random.next() % std::size(kPieces)];
    }
    const auto schedule = parse("cron(" + fields + ")");
    if (!schedule) continue;
    const auto next = schedule.value().next_after(now, now);
    EXPECT_TRUE(!next || *next > now) << fields;
  }
}

TEST(Schedule, RemembersItsExpression) {
  EXPECT_EQ(parse("rate(1 hour)").value().expression(), "rate(1 hour)");
}

}  // namespace
}  // namespace ebagent::schedule
