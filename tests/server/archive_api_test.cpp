#include "api_fixture.hpp"
#include "bus/replayer.hpp"

namespace ebagent::server {
namespace {

class ArchiveApiTest : public testing::AwsApiTest {
 protected:
  void create_archive() {
    ok("CreateArchive", R"({"ArchiveName":"orders","EventPattern":"{\"source\":[\"shop\"]}","RetentionDays":3,
        "Description":"of the shop","EventSourceArn":"arn:aws:events:us-east-1:000000000000:event-bus/default"})");
  }
  void put_event() {
    ok("PutEvents", R"({"Entries":[{"Source":"shop","DetailType":"Order","Detail":"{}"}]})");
  }
  static std::string replay(const std::string& name, const std::string& from = "1769443200",
                            const std::string& until = "1769446799.5") {
    return R"({"ReplayName":")" + name + R"(","EventStartTime":)" + from + R"(,"EventEndTime":)" + until +
           R"(,"EventSourceArn":"arn:aws:events:us-east-1:000000000000:archive/orders",
           "Destination":{"Arn":"arn:aws:events:us-east-1:000000000000:event-bus/default"}})";
  }
};

TEST_F(ArchiveApiTest, ShowsAnArchiveAsAwsDoes) {
  create_archive();
  put_event();

  const auto shown = ok("DescribeArchive", R"({"ArchiveName":"orders"})");

  EXPECT_EQ(shown.at("ArchiveArn").as_string(), "arn:aws:events:us-east-1:000000000000:archive/orders");
  EXPECT_EQ(shown.at("EventSourceArn").as_string(),
            "arn:aws:events:us-east-1:000000000000:event-bus/default");
  EXPECT_EQ(shown.at("EventPattern").as_string(), R"({"source":["shop"]})");
  EXPECT_EQ(shown.at("State").as_string(), "ENABLED");
  EXPECT_EQ(shown.at("RetentionDays").as_int64(), 3);
  EXPECT_EQ(shown.at("EventCount").as_int64(), 1);
  EXPECT_GT(shown.at("SizeBytes").as_int64(), 100);
  EXPECT_EQ(shown.at("Description").as_string(), "of the shop");
  EXPECT_FALSE(shown.contains("StateReason"));
  const auto listed = ok("ListArchives", R"({"NamePrefix":"ord"})").at("Archives").as_array();
  ASSERT_EQ(listed.size(), 1U);
  EXPECT_FALSE(listed[0].as_object().contains("ArchiveArn"));
}

TEST_F(ArchiveApiTest, ShowsAReplayAsAwsDoes) {
  create_archive();

  const auto started = ok("StartReplay", replay("again"));
  EXPECT_EQ(started.at("ReplayArn").as_string(), "arn:aws:events:us-east-1:000000000000:replay/again");
  EXPECT_EQ(started.at("State").as_string(), "STARTING");
  const auto shown = ok("DescribeReplay", R"({"ReplayName":"again"})");
  EXPECT_EQ(shown.at("EventStartTime").to_number<double>(), 1769443200.0);
  EXPECT_EQ(shown.at("EventEndTime").to_number<double>(), 1769446799.5);
  EXPECT_FALSE(shown.contains("ReplayEndTime"));
  EXPECT_FALSE(shown.at("Destination").as_object().contains("FilterArns"));
  EXPECT_EQ(ok("CancelReplay", R"({"ReplayName":"again"})").at("State").as_string(), "CANCELLING");
  EXPECT_EQ(refusal("CancelReplay", R"({"ReplayName":"again"})"),
            "IllegalStatusException: Replay again is not in a valid state for this operation.");
  EXPECT_EQ(ok("ListReplays", R"({"State":"CANCELLING"})").at("Replays").as_array().size(), 1U);
}

TEST_F(ArchiveApiTest, RefusesWhatTheModelRefuses) {
  EXPECT_EQ(
      refusal("CreateArchive", R"({"ArchiveName":"a b","EventSourceArn":"bus","RetentionDays":-1})"),
      R"(ValidationException: 3 validation errors detected: Value 'a b' at 'archiveName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\.\-_A-Za-z0-9]+; Value 'bus' at 'eventSourceArn' failed to satisfy constraint: Member must satisfy regular expression pattern: ^arn:aws([a-z]|\-)*:events:([a-z]|\d|\-)*:([0-9]{12})?:.+\/.+$; Value '-1' at 'retentionDays' failed to satisfy constraint: Member must have value greater than or equal to 0)");
  EXPECT_EQ(refusal("DescribeArchive", R"({"ArchiveName":")" + std::string(49, 'a') + R"("})"),
            "ValidationException: 1 validation error detected: Value '" + std::string(49, 'a') +
                "' at 'archiveName' failed to satisfy constraint: Member must have length less than or equal "
                "to 48");
  EXPECT_EQ(refusal("StartReplay", replay("again", "\"noon\"")),
            "SerializationException: EventStartTime must be a number of seconds since 1970, not a string.");
  EXPECT_EQ(
      refusal("ListReplays", R"({"State":"LATE"})"),
      "ValidationException: 1 validation error detected: Value 'LATE' at 'state' failed to satisfy "
      "constraint: "
      "Member must satisfy enum value set: [STARTING, RUNNING, CANCELLING, COMPLETED, CANCELLED, FAILED]");
}

TEST_F(ArchiveApiTest, RefusesAPatternThatIsNone) {
  EXPECT_EQ(refusal("CreateArchive",
                    R"({"ArchiveName":"x","EventPattern":"{\"source\":\"shop\"}",
                    "EventSourceArn":"arn:aws:events:us-east-1:000000000000:event-bus/default"})")
                .find("InvalidEventPatternException: Event pattern is not valid. Reason: "),
            0U);
}

TEST_F(ArchiveApiTest, TimesBeyondAllReasonAreNoHarm) {
  create_archive();

  EXPECT_TRUE(ok("StartReplay", replay("again", "-1e300", "1e300")).contains("ReplayArn"));
}

}  // namespace
}  // namespace ebagent::server
