#include "scheduler/schedules.hpp"

#include <gtest/gtest.h>

#include "scheduler/fixture.hpp"

namespace ebagent::scheduler::testing {
namespace {

const bus::Scope kScope{"123456789012", "us-west-2"};

class SchedulesTest : public SchedulerFixture {
 protected:
  std::string refusal(Schedule made) {
    const auto created = schedules->create(std::move(made));
    return created ? "created" : created.error().message;
  }
  std::vector<std::string> names(const ScheduleQuery& query) {
    std::vector<std::string> names;
    const auto page = value_of(schedules->list(kScope, query));
    for (const auto& item : page.items) names.push_back(item.name);
    return names;
  }
};

TEST_F(SchedulesTest, KeepsWhatWasSaid) {
  Schedule made = schedule("nightly", "cron(0 3 * * ? *)");
  made.zone = "Europe/Berlin";
  made.description = "at night";
  made.window = minutes{15};
  made.start = clock.now() + hours{1};
  made.end = clock.now() + hours{100};
  made.deletes_itself = true;
  EXPECT_EQ(create(made), "arn:aws:scheduler:us-west-2:123456789012:schedule/default/nightly");

  const Schedule found = get("nightly");

  EXPECT_EQ(found.zone, "Europe/Berlin");
  EXPECT_EQ(found.description, "at night");
  EXPECT_EQ(found.window, minutes{15});
  EXPECT_EQ(found.start, made.start);
  EXPECT_EQ(found.end, made.end);
  EXPECT_TRUE(found.deletes_itself);
  EXPECT_EQ(found.target, made.target);
  EXPECT_EQ(found.created, clock.now());
}

TEST_F(SchedulesTest, RefusesANameThatIsTakenUnlessItIsTheSameRequest) {
  Schedule made = schedule("nightly", "rate(1 hour)");
  made.asked = {"token", "digest"};
  create(made);

  EXPECT_TRUE(schedules->create(made));
  made.asked.digest = "another";
  const auto other = schedules->create(made);
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, ErrorCode::AlreadyExists);
  EXPECT_EQ(other.error().message, "Schedule nightly already exists.");
  EXPECT_EQ(refusal(schedule("nightly", "rate(1 hour)")), "Schedule nightly already exists.");
}

TEST_F(SchedulesTest, RefusesWhatItCannotUnderstand) {
  Schedule unknown_zone = schedule("x", "cron(0 3 * * ? *)");
  unknown_zone.zone = "Mars/Olympus";
  Schedule outside = unknown_zone;
  outside.zone = "../../etc/passwd";

  EXPECT_EQ(refusal(schedule("x", "every hour")), "Invalid Schedule Expression every hour.");
  EXPECT_EQ(refusal(unknown_zone), "Invalid ScheduleExpressionTimezone Mars/Olympus.");
  EXPECT_EQ(refusal(outside), "Invalid ScheduleExpressionTimezone ../../etc/passwd.");
  for (const char* no_zone :
       {"zone.tab", "tzdata.zi", "Europe", "Europe/", "/Europe/Berlin", "Europe//Berlin"}) {
    outside.zone = no_zone;
    EXPECT_NE(refusal(outside), "created") << no_zone;
  }
}

TEST_F(SchedulesTest, RefusesDatesThatCannotBe) {
  Schedule made = schedule("x", "rate(1 hour)");
  made.start = clock.now() - minutes{6};
  EXPECT_EQ(refusal(made), "The StartDate you specify cannot be earlier than 5 minutes ago.");
  made.start = clock.now() + hours{2};
  made.end = clock.now() + hours{1};
  EXPECT_EQ(refusal(made), "The EndDate you specify must come after the StartDate.");
  made.start.reset();
  made.end = clock.now();
  EXPECT_EQ(refusal(made), "The EndDate you specify cannot be earlier than the current time.");
  made.expression = "at(2026-02-01T00:00:00)";
  EXPECT_EQ(refusal(made), "created");
}

TEST_F(SchedulesTest, RefusesTargetsThatCouldNotBeCalled) {
  Schedule made = schedule("x", "rate(1 hour)");
  made.target["Arn"] = "agent";
  EXPECT_EQ(refusal(made), "Provided Arn is not in correct format.");
  made.target = target(R"(,"Input":"no JSON")");
  EXPECT_NE(refusal(made).find("must be well-formed JSON"), std::string::npos);
  made.target = target(R"(,"Input":"{\"n\":<aws.scheduler.attempt-number>}")");
  EXPECT_EQ(refusal(made), "created");
  made.name = "y";
  made.target["Arn"] = "arn:aws:events:us-west-2:123456789012:event-bus/default";
  EXPECT_EQ(refusal(made), "A target of this kind needs the member EventBridgeParameters.");
  made.target["Arn"] = "arn:aws:sqs:us-west-2:123456789012:queue";
  made.target["Input"] = "any text";
  EXPECT_EQ(refusal(made), "created");
}

TEST_F(SchedulesTest, UpdatesWhatIsThereOnly) {
  const auto missing = schedules->update(schedule("nightly", "rate(1 hour)"));

  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::NotFound);
  EXPECT_EQ(missing.error().message, "Schedule nightly does not exist.");
}

TEST_F(SchedulesTest, KeepsItsNextFiringWhenAnUpdateSaysTheSameAboutTime) {
  create(schedule("every", "rate(10 minutes)"));
  tick();
  clock.advance(minutes{3});
  Schedule described = schedule("every", "rate(10 minutes)");
  described.description = "described";
  value_of(schedules->update(described));

  EXPECT_EQ(tick(), Times{});
  clock.advance(minutes{7});
  EXPECT_EQ(tick(), Times{"2026-01-26T16:10:00Z"});
  EXPECT_EQ(get("every").created, at("2026-01-26T16:00:00Z"));
  EXPECT_EQ(get("every").modified, at("2026-01-26T16:03:00Z"));
}

TEST_F(SchedulesTest, IsPlannedAnewWhenAnUpdateChangesItsTime) {
  create(schedule("every", "rate(10 minutes)"));
  tick();
  clock.advance(minutes{3});
  value_of(schedules->update(schedule("every", "rate(1 hour)")));

  EXPECT_EQ(tick(), Times{"2026-01-26T16:03:00Z"});
}

TEST_F(SchedulesTest, FiresAOneTimeScheduleNotAgainWhenItIsDescribed) {
  create(schedule("once", "at(2026-01-26T16:00:00)"));
  EXPECT_EQ(tick().size(), 1U);
  Schedule described = schedule("once", "at(2026-01-26T16:00:00)");
  described.description = "done";
  value_of(schedules->update(described));

  EXPECT_EQ(tick(), Times{});
}

TEST_F(SchedulesTest, AreListedByGroupPrefixAndState) {
  value_of(schedules->groups().create(kScope, "g", {}, {}));
  Schedule in_group = schedule("b2", "rate(1 hour)");
  in_group.group = "g";
  in_group.is_enabled = false;
  create(in_group);
  for (const char* name : {"a", "b", "b1"}) create(schedule(name, "rate(1 hour)"));

  EXPECT_EQ(names({}), (std::vector<std::string>{"a", "b", "b1", "b2"}));
  EXPECT_EQ(names({.group = "g"}), std::vector<std::string>{"b2"});
  EXPECT_EQ(names({.name_prefix = "b"}), (std::vector<std::string>{"b", "b1", "b2"}));
  EXPECT_EQ(names({.is_enabled = false}), std::vector<std::string>{"b2"});
  EXPECT_FALSE(schedules->list(kScope, {.group = "none"}));
}

TEST_F(SchedulesTest, AreListedPageByPage) {
  for (int i = 0; i < 5; ++i) create(schedule("n" + std::to_string(i), "rate(1 hour)"));

  ScheduleQuery query{.page = {.limit = 2}};
  std::vector<std::string> all;
  do {
    const auto page = value_of(schedules->list(kScope, query));
    for (const auto& item : page.items) all.push_back(item.name);
    query.page.next_token = page.next_token;
  } while (!query.page.next_token.empty());

  EXPECT_EQ(all, (std::vector<std::string>{"n0", "n1", "n2", "n3", "n4"}));
  EXPECT_FALSE(schedules->list(kScope, {.page = {.next_token = "nonsense"}}));
}

TEST_F(SchedulesTest, BelongToTheirAccountAndRegion) {
  create(schedule("nightly", "rate(1 hour)"));

  EXPECT_FALSE(schedules->get({"123456789012", "eu-west-1"}, kDefaultGroup, "nightly"));
  EXPECT_TRUE(value_of(schedules->list({"999999999999", "us-west-2"}, {})).items.empty());
}

TEST_F(SchedulesTest, NeedAGroupThatIsThere) {
  Schedule made = schedule("x", "rate(1 hour)");
  made.group = "none";

  EXPECT_EQ(refusal(made), "Schedule group none does not exist.");
}

TEST_F(SchedulesTest, GoWithTheirGroup) {
  value_of(schedules->groups().create(kScope, "g", {}, {}));
  for (int i = 0; i < 1'200; ++i) {
    Schedule made = schedule("n" + std::to_string(i), "rate(1 hour)");
    made.group = "g";
    create(made);
  }

  value_of(schedules->groups().remove(kScope, "g"));

  EXPECT_TRUE(names({}).empty());
  EXPECT_FALSE(schedules->groups().get(kScope, "g"));
  EXPECT_EQ(tick(), Times{});
}

TEST_F(SchedulesTest, ADeletionThatWasInterruptedIsFinishedAtTheNextStart) {
  value_of(schedules->groups().create(kScope, "g", {}, {}));
  Schedule made = schedule("x", "rate(1 hour)");
  made.group = "g";
  create(made);
  auto record = value_of(store.catalog("schedule-group")).front();
  auto json = core::parse_json(record.json).value().get_object();
  json["Deleting"] = true;
  record.json = core::write_json(json);
  value_of(store.commit_and_wait({store::PutCatalog{record}}));

  start({});

  EXPECT_FALSE(schedules->groups().get(kScope, "g"));
  EXPECT_TRUE(names({}).empty());
}

TEST_F(SchedulesTest, TheDefaultGroupStays) {
  const auto removed = schedules->groups().remove(kScope, "default");

  ASSERT_FALSE(removed);
  EXPECT_EQ(removed.error().code, ErrorCode::InvalidArgument);
  EXPECT_TRUE(schedules->groups().get(kScope, "default"));
}

TEST_F(SchedulesTest, GroupsAreMadeOnceAndSurviveARestartWithTheirTags) {
  value_of(schedules->groups().create(kScope, "g", {{"team", "a"}}, {"token", "digest"}));
  const std::string arn = group_arn(kScope, "g");
  value_of(schedules->groups().tag(kScope, arn, {{"cost", "1"}}));
  value_of(schedules->groups().untag(kScope, arn, {"team", "none"}));
  start({});

  EXPECT_EQ(value_of(schedules->groups().tags_of(kScope, arn)), (bus::Tags{{"cost", "1"}}));
  EXPECT_FALSE(schedules->groups().tags_of({"999999999999", "us-west-2"}, arn));
  EXPECT_TRUE(schedules->groups().create(kScope, "g", {}, {"token", "digest"}));
  const auto again = schedules->groups().create(kScope, "g", {}, {});
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().message, "Schedule group g already exists.");
}

TEST_F(SchedulesTest, GroupsAreListedWithTheDefaultOne) {
  for (const char* name : {"a", "z"}) value_of(schedules->groups().create(kScope, name, {}, {}));

  const auto first = value_of(schedules->groups().list(kScope, "", {.limit = 2}));
  const auto second = value_of(schedules->groups().list(kScope, "", {.next_token = first.next_token}));

  ASSERT_EQ(first.items.size(), 2U);
  EXPECT_EQ(first.items[0].name, "a");
  EXPECT_EQ(first.items[1].name, "default");
  ASSERT_EQ(second.items.size(), 1U);
  EXPECT_EQ(second.items[0].name, "z");
}

TEST_F(SchedulesTest, AreForgottenAfterAReset) {
  value_of(schedules->groups().create(kScope, "g", {}, {}));
  create(schedule("every", "rate(1 hour)"));
  value_of(store.clear());
  schedules->forget();

  EXPECT_EQ(tick(), Times{});
  EXPECT_FALSE(schedules->groups().get(kScope, "g"));
  create(schedule("every", "rate(1 hour)"));
  EXPECT_EQ(tick().size(), 1U);
}

}  // namespace
}  // namespace ebagent::scheduler::testing
