#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "builders.hpp"

namespace ebagent::store {
namespace {

constexpr const char* kScope = "123456789012/us-west-2";

class ScheduleTest : public EachStore {
 protected:
  void SetUp() override {
    store = EachStore::open();
    route = value_of(store->put_route(route_named("schedule")));
  }

  StoredSchedule schedule_named(const std::string& name, std::optional<TimePoint> due,
                                const std::string& group = "default") {
    return {.id = ++last_id,
            .scope = kScope,
            .group = group,
            .name = name,
            .route = route,
            .planned = due,
            .due = due,
            .json = R"({"name":")" + name + R"("})"};
  }
  StoredSchedule put(const std::string& name, std::optional<TimePoint> due,
                     const std::string& group = "default") {
    const StoredSchedule schedule = schedule_named(name, due, group);
    value_of(store->commit_and_wait({PutSchedule{schedule, std::nullopt}}));
    return schedule;
  }
  std::optional<StoredSchedule> find(const std::string& name) {
    return value_of(store->schedule(kScope, "default", name));
  }
  FireSchedule firing_of(const StoredSchedule& schedule, const std::string& event_id,
                         std::optional<TimePoint> next) {
    return {.id = schedule.id,
            .due = *schedule.due,
            .event = event_to(event_id, {route}),
            .planned = next,
            .next_due = next};
  }
  std::vector<std::string> due_names(TimePoint until, SchedulePlace after = {}, std::size_t limit = 100) {
    return names_of(value_of(store->schedules_due(after, until, limit)));
  }
  static std::vector<std::string> names_of(const std::vector<StoredSchedule>& schedules) {
    std::vector<std::string> names;
    for (const auto& schedule : schedules) names.push_back(schedule.name);
    return names;
  }
  SchedulePage page_of(ScheduleFilter filter) {
    filter.scope = kScope;
    return value_of(store->schedules(filter));
  }

  std::unique_ptr<Store> store;
  std::shared_ptr<const Route> route;
  std::int64_t last_id = 0;
};
INSTANTIATE_TEST_SUITE_P(, ScheduleTest, each_store, kind_of);

using Names = std::vector<std::string>;

TEST_P(ScheduleTest, IsFoundByItsNameAsItWasPut) {
  const auto due = start_time() + minutes{5};
  put("nightly", due);

  const auto found = find("nightly");

  ASSERT_TRUE(found);
  EXPECT_EQ(found->due, due);
  EXPECT_EQ(found->json, R"({"name":"nightly"})");
  EXPECT_EQ(found->route->target_arn, route->target_arn);
  EXPECT_EQ(found->route->id, route->id);
  EXPECT_FALSE(find("weekly"));
}

TEST_P(ScheduleTest, IsRefusedWhenItsNameIsTaken) {
  put("nightly", start_time());

  const auto again =
      store->commit_and_wait({PutSchedule{schedule_named("nightly", start_time()), std::nullopt}});

  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, ErrorCode::AlreadyExists);
}

TEST_P(ScheduleTest, IsReplacedOnlyAsItWasSeen) {
  const auto first = put("nightly", start_time());
  const auto second = schedule_named("nightly", start_time() + hours{1});

  const auto unseen =
      store->commit_and_wait({PutSchedule{second, PutSchedule::Replaced{first.id, start_time() + hours{9}}}});
  const auto seen = store->commit_and_wait({PutSchedule{second, PutSchedule::Replaced{first.id, first.due}}});

  ASSERT_FALSE(unseen);
  EXPECT_EQ(unseen.error().code, ErrorCode::Conflict);
  EXPECT_TRUE(seen);
  EXPECT_EQ(find("nightly")->due, start_time() + hours{1});
}

TEST_P(ScheduleTest, ThatHasNoNextTimeIsReplacedTheSameWay) {
  const auto done = put("once", std::nullopt);

  EXPECT_TRUE(store->commit_and_wait(
      {PutSchedule{schedule_named("once", start_time()), PutSchedule::Replaced{done.id, std::nullopt}}}));
}

TEST_P(ScheduleTest, IsDeletedByItsName) {
  put("nightly", start_time());

  EXPECT_TRUE(store->commit_and_wait({DeleteSchedule{kScope, "default", "nightly"}}));

  EXPECT_FALSE(find("nightly"));
  const auto again = store->commit_and_wait({DeleteSchedule{kScope, "default", "nightly"}});
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, ErrorCode::NotFound);
}

TEST_P(ScheduleTest, ComesDueInTheOrderOfTime) {
  put("second", start_time() + minutes{2});
  put("first", start_time() + minutes{1});
  put("never", std::nullopt);
  put("third", start_time() + minutes{3});

  EXPECT_EQ(due_names(start_time() + minutes{2}), (Names{"first", "second"}));
  EXPECT_EQ(due_names(start_time() + hours{1}, {}, 1), Names{"first"});
}

TEST_P(ScheduleTest, IsReadFromThePlaceBehindTheLastOne) {
  const auto first = put("first", start_time());
  put("at the same time", start_time());

  EXPECT_EQ(due_names(start_time(), {*first.due, first.id}), Names{"at the same time"});
}

TEST_P(ScheduleTest, FiresWithItsNextTimeInOneTransaction) {
  const auto hourly = put("hourly", start_time());

  const auto made =
      value_of(store->commit_and_wait({firing_of(hourly, "event-1", start_time() + hours{1})})).deliveries;

  EXPECT_EQ(ids_of(made), Names{"event-1"});
  EXPECT_EQ(find("hourly")->due, start_time() + hours{1});
}

TEST_P(ScheduleTest, DoesNotFireTwiceForOneTime) {
  const auto hourly = put("hourly", start_time());
  value_of(store->commit_and_wait({firing_of(hourly, "event-1", start_time() + hours{1})}));

  const auto again =
      value_of(store->commit_and_wait({firing_of(hourly, "event-2", start_time() + hours{1})})).deliveries;

  EXPECT_TRUE(again.empty());
  EXPECT_FALSE(value_of(store->event_by_id("event-2")));
}

TEST_P(ScheduleTest, DoesNotFireForWhatItSaidBefore) {
  const auto before = put("hourly", start_time());
  value_of(store->commit_and_wait(
      {PutSchedule{schedule_named("hourly", before.due), PutSchedule::Replaced{before.id, before.due}}}));

  EXPECT_TRUE(
      value_of(store->commit_and_wait({firing_of(before, "event-1", std::nullopt)})).deliveries.empty());
  EXPECT_EQ(find("hourly")->due, before.due);
}

TEST_P(ScheduleTest, DoesNotFireOnceItIsDeleted) {
  const auto hourly = put("hourly", start_time());
  value_of(store->commit_and_wait({DeleteSchedule{kScope, "default", "hourly"}}));

  EXPECT_TRUE(
      value_of(store->commit_and_wait({firing_of(hourly, "event-1", std::nullopt)})).deliveries.empty());
}

TEST_P(ScheduleTest, StaysWithoutTimeAfterItsLastOrGoes) {
  const auto stays = put("stays", start_time());
  const auto goes = put("goes", start_time());
  FireSchedule last = firing_of(goes, "event-2", std::nullopt);
  last.is_deleted = true;

  value_of(store->commit_and_wait({firing_of(stays, "event-1", std::nullopt), last}));

  EXPECT_FALSE(find("stays")->due);
  EXPECT_FALSE(find("goes"));
  EXPECT_EQ(value_of(store->counts()).accepted, 2);
}

TEST_P(ScheduleTest, MayPassATimeOverWithoutAnEvent) {
  const auto broken = put("broken", start_time());

  value_of(store->commit_and_wait({FireSchedule{.id = broken.id, .due = *broken.due}}));

  EXPECT_FALSE(find("broken")->due);
  EXPECT_EQ(value_of(store->counts()).accepted, 0);
}

TEST_P(ScheduleTest, LeavesADeadLetterWhenTheVerdictComesWithTheEvent) {
  const auto late = put("late", start_time());
  FireSchedule firing = firing_of(late, "event-1", std::nullopt);
  MarkDead verdict;
  verdict.at = start_time();
  verdict.error_code = "TIMEOUT";
  firing.event->to.front().verdict = std::make_shared<const MarkDead>(verdict);

  const auto made = value_of(store->commit_and_wait({firing})).deliveries;

  EXPECT_TRUE(made.empty());
  EXPECT_TRUE(value_of(store->lease_due(start_time() + hours{1}, 10)).empty());
  const auto letters = value_of(store->dead_letters(10));
  ASSERT_EQ(letters.size(), 1U);
  EXPECT_EQ(letters.front().error_code, "TIMEOUT");
  EXPECT_EQ(value_of(store->counts()).pending, 0);
  EXPECT_EQ(value_of(store->counts()).dead, 1);
}

TEST_P(ScheduleTest, IsListedByGroupAndNamePageByPage) {
  for (const char* name : {"b", "a", "c"}) put(name, std::nullopt);
  put("0", std::nullopt, "later");

  const auto first = page_of({.limit = 2});
  ASSERT_TRUE(first.next);
  const auto second = page_of({.after = first.next, .limit = 2});

  EXPECT_EQ(names_of(first.schedules), (Names{"a", "b"}));
  EXPECT_EQ(names_of(second.schedules), (Names{"c", "0"}));
  EXPECT_FALSE(second.next);
}

TEST_P(ScheduleTest, IsListedByGroupPrefixAndState) {
  for (const char* name : {"ab", "abc", "ac", "b", "a", "aa"}) put(name, std::nullopt);
  put("abd", std::nullopt, "z");
  StoredSchedule disabled = schedule_named("abe", std::nullopt);
  disabled.is_enabled = false;
  value_of(store->commit_and_wait({PutSchedule{disabled, std::nullopt}}));

  EXPECT_EQ(names_of(page_of({.group = "default", .name_prefix = "ab"}).schedules),
            (Names{"ab", "abc", "abe"}));
  EXPECT_EQ(names_of(page_of({.name_prefix = "ab"}).schedules), (Names{"ab", "abc", "abe", "abd"}));
  EXPECT_EQ(names_of(page_of({.name_prefix = "ab", .is_enabled = false}).schedules), Names{"abe"});
  EXPECT_EQ(names_of(page_of({.group = "z"}).schedules), Names{"abd"});
}

TEST_P(ScheduleTest, IsListedInBoundedStepsWhenLittleMatches) {
  Transaction many;
  for (int i = 0; i < 12'000; ++i) {
    many.emplace_back(
        PutSchedule{schedule_named("n" + std::to_string(100'000 + i), std::nullopt), std::nullopt});
  }
  many.emplace_back(PutSchedule{schedule_named("zebra", std::nullopt), std::nullopt});
  value_of(store->commit_and_wait(std::move(many)));

  ScheduleFilter filter{.name_prefix = "zebra"};
  int pages = 0;
  Names found;
  do {
    const auto page = page_of(filter);
    for (const auto& name : names_of(page.schedules)) found.push_back(name);
    filter.after = page.next;
    ++pages;
  } while (filter.after && pages < 100);

  EXPECT_EQ(found, Names{"zebra"});
  EXPECT_GT(pages, 1);
  EXPECT_LT(pages, 5);
}

TEST_P(ScheduleTest, IsDeletedWithItsGroupALittleAtATime) {
  for (int i = 0; i < 5; ++i) put(std::to_string(i), std::nullopt, "g");
  put("other", std::nullopt);

  EXPECT_EQ(value_of(store->delete_schedules(kScope, "g", 3)), 3U);
  EXPECT_EQ(value_of(store->delete_schedules(kScope, "g", 3)), 2U);

  EXPECT_EQ(names_of(page_of({}).schedules), Names{"other"});
}

TEST_P(ScheduleTest, LeavesItsNumberBehind) {
  put("first", std::nullopt);
  put("second", std::nullopt);
  value_of(store->commit_and_wait({DeleteSchedule{kScope, "default", "second"}}));

  EXPECT_EQ(value_of(store->last_schedule_id()), 2);
}

TEST_P(ScheduleTest, IsForgottenWithEverythingElse) {
  put("nightly", start_time());

  value_of(store->clear());

  EXPECT_FALSE(find("nightly"));
  EXPECT_TRUE(due_names(start_time() + hours{1}).empty());
}

TEST_P(ScheduleTest, IsRefusedWithoutARoute) {
  StoredSchedule schedule = schedule_named("nightly", start_time());
  schedule.route = nullptr;

  const auto put = store->commit_and_wait({PutSchedule{schedule, std::nullopt}});

  ASSERT_FALSE(put);
  EXPECT_EQ(put.error().code, ErrorCode::InvalidArgument);
}

TEST(ScheduleOnDisk, IsThereAgainWithItsNextTime) {
  const testing::TemporaryFolder folder;
  const auto due = start_time() + hours{1};
  {
    const auto store = open_at(folder.path());
    const auto route = value_of(store->put_route(route_named("schedule")));
    value_of(store->commit_and_wait({PutSchedule{{.id = 7,
                                                  .scope = kScope,
                                                  .group = "default",
                                                  .name = "nightly",
                                                  .route = route,
                                                  .planned = due,
                                                  .due = due},
                                                 std::nullopt}}));
  }

  const auto store = open_at(folder.path());

  EXPECT_EQ(value_of(store->schedule(kScope, "default", "nightly"))->due, due);
  EXPECT_EQ(value_of(store->last_schedule_id()), 7);
}

}  // namespace
}  // namespace ebagent::store
