#include <gtest/gtest.h>

#include <thread>

#include "support/temporary_folder.hpp"
#include "tools/event_log.hpp"
#include "tools/incidents.hpp"
#include "tools/outbox.hpp"
#include "tools/scaling.hpp"

namespace ebagent::tools {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

const TimePoint kFour = TimePoint{std::chrono::sys_days{std::chrono::year{2026} / 1 / 26}} + hours{16};

class ServicesTest : public ::testing::Test {
 protected:
  testing::TemporaryFolder folder;
  std::shared_ptr<Database> database = Database::open(folder.path() / "services.sqlite").value();
};

TEST_F(ServicesTest, OutboxGivesTheFirstMessageForARepeatedKey) {
  const auto outbox = LocalOutbox::open(database).value();
  const auto first = outbox->send("key-1", {"email", "a@example.com", "Hello", "one"}, kFour);
  const auto again = outbox->send("key-1", {"email", "b@example.com", "Changed", "two"}, kFour + hours{1});

  ASSERT_TRUE(first);
  ASSERT_TRUE(again);
  EXPECT_EQ(again.value().message_id, first.value().message_id);
  EXPECT_EQ(again.value().message.body, "one");
  EXPECT_TRUE(again.value().is_simulated);
  EXPECT_EQ(outbox->newest(10).value().size(), 1U);
}

TEST_F(ServicesTest, OutboxRefusesWhatNoMailServiceTakes) {
  const auto outbox = LocalOutbox::open(database).value();

  EXPECT_FALSE(outbox->send("a", {"email", "", "s", "b"}, kFour));
  EXPECT_FALSE(outbox->send("b", {"email", "a@b.c", "two\nlines", "b"}, kFour));
  EXPECT_FALSE(outbox->send("c", {"email", "a@b.c", "s", ""}, kFour));
  EXPECT_FALSE(outbox->send("d", {"email", "a@b.c", "s", std::string(300'000, 'x')}, kFour));
  EXPECT_TRUE(outbox->newest(10).value().empty());
}

TEST_F(ServicesTest, OutboxKeepsOneMessageOfManyThreads) {
  const auto outbox = LocalOutbox::open(database).value();
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] { EXPECT_TRUE(outbox->send("same", {"email", "a@b.c", "s", "b"}, kFour)); });
  }
  for (auto& thread : threads) thread.join();

  EXPECT_EQ(outbox->newest(10).value().size(), 1U);
}

TEST_F(ServicesTest, ScalingGrowsToTheMaximumAndNoFurther) {
  const auto scaling = LocalScaling::open(database).value();
  ASSERT_TRUE(scaling->create_group({"web", 1, 4, 2}));

  const auto first = scaling->scale_out("k1", "web", 1, "cpu", kFour);
  const auto again = scaling->scale_out("k1", "web", 1, "cpu", kFour);
  const auto second = scaling->scale_out("k2", "web", 5, "cpu", kFour);
  const auto third = scaling->scale_out("k3", "web", 1, "cpu", kFour);

  EXPECT_EQ(first.value().after.desired, 3);
  EXPECT_EQ(again.value().before, 2);
  EXPECT_EQ(again.value().after.desired, 3);
  EXPECT_EQ(second.value().after.desired, 4);
  EXPECT_TRUE(second.value().is_at_max);
  EXPECT_TRUE(third.value().is_at_max);
  EXPECT_EQ(scaling->describe("web").value().desired, 4);
}

TEST_F(ServicesTest, ScalingRefusesUnknownGroupsAndSenselessSteps) {
  const auto scaling = LocalScaling::open(database).value();
  ASSERT_TRUE(scaling->create_group({"web", 1, 4, 2}));

  EXPECT_EQ(scaling->scale_out("k", "db", 1, "", kFour).error().code, ErrorCode::NotFound);
  EXPECT_EQ(scaling->scale_out("k", "web", 0, "", kFour).error().code, ErrorCode::InvalidArgument);
  EXPECT_EQ(scaling->scale_out("k", "web", -1, "", kFour).error().code, ErrorCode::InvalidArgument);
  EXPECT_EQ(scaling->describe("web").value().desired, 2);
}

TEST_F(ServicesTest, TwoAlarmsAreOneIncidentUntilItIsClosed) {
  const auto incidents = LocalIncidents::open(database).value();

  const auto first = incidents->open_incident("k1", "HighCPUUsage", "{}", kFour).value();
  const auto repeated = incidents->open_incident("k1", "HighCPUUsage", "{}", kFour).value();
  const auto second = incidents->open_incident("k2", "HighCPUUsage", "{}", kFour + minutes{1}).value();
  const auto closed = incidents->close_incident("k3", "HighCPUUsage", kFour + minutes{5}).value();
  const auto closed_again = incidents->close_incident("k3", "HighCPUUsage", kFour + minutes{5}).value();
  const auto nothing = incidents->close_incident("k4", "HighCPUUsage", kFour + minutes{6}).value();

  EXPECT_EQ(first.change, IncidentChange::Opened);
  EXPECT_EQ(repeated.change, IncidentChange::Opened);
  EXPECT_EQ(second.change, IncidentChange::AlreadyOpen);
  EXPECT_EQ(second.incident.id, first.incident.id);
  EXPECT_EQ(closed.change, IncidentChange::Closed);
  EXPECT_EQ(closed_again.change, IncidentChange::Closed);
  EXPECT_EQ(closed_again.incident.id, first.incident.id);
  EXPECT_EQ(nothing.change, IncidentChange::NoneOpen);
  EXPECT_EQ(incidents->of_alarm("HighCPUUsage").value().size(), 1U);
}

TEST_F(ServicesTest, AnAlarmThatArrivesAfterItsOkOpensNothing) {
  const auto incidents = LocalIncidents::open(database).value();
  ASSERT_EQ(incidents->close_incident("k1", "HighCPUUsage", kFour + minutes{5}).value().change,
            IncidentChange::NoneOpen);

  const auto late = incidents->open_incident("k2", "HighCPUUsage", "{}", kFour).value();

  EXPECT_EQ(late.change, IncidentChange::Outdated);
  EXPECT_TRUE(incidents->of_alarm("HighCPUUsage").value().empty());
}

TEST_F(ServicesTest, AnOkFromBeforeTheAlarmClosesNothing) {
  const auto incidents = LocalIncidents::open(database).value();
  ASSERT_EQ(incidents->open_incident("k1", "HighCPUUsage", "{}", kFour).value().change,
            IncidentChange::Opened);

  const auto late = incidents->close_incident("k2", "HighCPUUsage", kFour - minutes{5}).value();

  EXPECT_EQ(late.change, IncidentChange::Outdated);
  EXPECT_TRUE(incidents->of_alarm("HighCPUUsage").value().front().is_open);
}

TEST_F(ServicesTest, EventLogCountsEveryEventOncePerHour) {
  const auto log = LocalEventLog::open(database).value();
  const auto add = [&](std::string_view key, const char* id, TimePoint at) {
    return log->add(key, {id, "aws.s3", "Object Created", at, "{}"}, at).value();
  };

  EXPECT_TRUE(add("k1", "e1", kFour));
  EXPECT_FALSE(add("k1", "e1", kFour));
  EXPECT_TRUE(add("k2", "e1", kFour));
  EXPECT_TRUE(add("k3", "e2", kFour + minutes{59}));
  EXPECT_TRUE(add("k4", "e3", kFour + hours{1}));

  const auto counts = log->between(kFour, kFour + hours{2}).value();
  ASSERT_EQ(counts.size(), 2U);
  EXPECT_EQ(counts[0], (EventCount{"aws.s3", "Object Created", kFour, 2}));
  EXPECT_EQ(counts[1], (EventCount{"aws.s3", "Object Created", kFour + hours{1}, 1}));
}

TEST_F(ServicesTest, AFailedTransactionLeavesNothingBehind) {
  ASSERT_TRUE(database->transaction(
      [](Session& session) { return session.run("CREATE TABLE t (a INTEGER UNIQUE)"); }));

  const auto outcome = database->transaction([](Session& session) -> Result<void> {
    BOOST_OUTCOME_TRY(session.run("INSERT INTO t VALUES (1)"));
    return session.run("INSERT INTO t VALUES (1)");
  });

  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, ErrorCode::Conflict);
  const auto rows = database->transaction([](Session& session) { return session.query("SELECT * FROM t"); });
  EXPECT_TRUE(rows.value().rows.empty());
}

}  // namespace
}  // namespace ebagent::tools
