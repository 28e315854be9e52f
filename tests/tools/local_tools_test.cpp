#include "tools/local_services.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "support/manual_clock.hpp"
#include "support/temporary_folder.hpp"

namespace ebagent::tools {
namespace {

namespace json = boost::json;

class LocalToolsTest : public ::testing::Test {
 protected:
  LocalToolsTest() {
    LocalServicesOptions options;
    options.data_dir = folder.path();
    options.statements = {{"open_incidents", "SELECT alarm FROM incidents WHERE is_open = ?1"},
                          {"sabotage", "DELETE FROM incidents"}};
    services = LocalServices::open(options).value();
    EXPECT_TRUE(services->scaling->create_group({"web", 1, 3, 2}));
    EXPECT_TRUE(services->objects->create_bucket("my-data-bucket"));
    add_local_tools(app, *services);
    event.id = "e-1";
    event.source = "aws.test";
    event.detail_type = "Test";
    event.time = clock.now();
  }

  // Calls a tool as a run would; calls with the same key are repetitions.
  Result<json::value> call(std::string_view name, const char* arguments, std::string key = "key-1") {
    const ToolContext context{
        {.run_id = "r", .agent = "a", .step = "s", .idempotency_key = std::move(key)}, event, clock};
    for (const Tool& tool : app.tools()) {
      if (tool.name() == name) return tool.invoke(json::parse(arguments), context);
    }
    return fail(ErrorCode::NotFound, "no such tool");
  }

  testing::TemporaryFolder folder;
  testing::ManualClock clock;
  std::shared_ptr<LocalServices> services;
  Event event;
  App app{"test"};
};

TEST_F(LocalToolsTest, EveryToolDeclaresAnEffectThatMayBeRepeated) {
  EXPECT_GE(app.tools().size(), 16U);
  for (const Tool& tool : app.tools()) {
    EXPECT_NE(tool.effect(), Effect::Once) << tool.name();
    EXPECT_FALSE(tool.description().empty()) << tool.name();
  }
}

TEST_F(LocalToolsTest, ObjectsCanBePutReadAndListed) {
  ASSERT_TRUE(call("s3_put", R"({"bucket":"my-data-bucket","key":"a/b.txt","text":"hi"})"));

  const auto got = call("s3_get", R"({"bucket":"my-data-bucket","key":"a/b.txt"})");
  const auto head = call("s3_head", R"({"bucket":"my-data-bucket","key":"a/b.txt"})");
  const auto list = call("s3_list", R"({"bucket":"my-data-bucket"})");

  EXPECT_EQ(got.value().at("text").as_string(), "hi");
  EXPECT_EQ(head.value().at("size").to_number<int>(), 2);
  EXPECT_EQ(list.value().at("objects").as_array().size(), 1U);
  EXPECT_EQ(call("s3_get", R"({"bucket":"my-data-bucket","key":"../services.sqlite"})").error().code,
            ErrorCode::InvalidArgument);
  EXPECT_EQ(call("s3_get", R"({"bucket":"my-data-bucket"})").error().code, ErrorCode::InvalidArgument);
}

TEST_F(LocalToolsTest, LoadsACsvFileAndStoresItsSummary) {
  ASSERT_TRUE(services->objects->put("my-data-bucket", "uploads/data.csv", "id\n1\nx\n"));

  const auto loaded =
      call("load_csv", R"({"bucket":"my-data-bucket","key":"uploads/data.csv","table":"numbers",
                                           "schema":{"columns":[{"name":"id","type":"integer"}]}})");

  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ(loaded.value().at("loaded").to_number<int>(), 1);
  const auto summary = json::parse(folder.read("buckets/my-data-bucket/processed/uploads/data.csv.json"));
  EXPECT_EQ(summary.at("rejected").to_number<int>(), 1);
}

TEST_F(LocalToolsTest, DoesNotLoadItsOwnResults) {
  const auto loaded =
      call("load_csv", R"({"bucket":"my-data-bucket","key":"processed/uploads/data.csv","table":"numbers",
                                           "schema":{"columns":[{"name":"id"}]}})");

  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().code, ErrorCode::InvalidArgument);
}

TEST_F(LocalToolsTest, MessagesAreSimulatedAndSentOncePerKey) {
  const char* arguments = R"({"message":"CPU is high","topic_arn":"arn:aws:sns:us-east-1:123456789012:ops"})";

  const auto first = call("send_notification", arguments);
  const auto again = call("send_notification", arguments);
  const auto email = call("send_email", R"({"to":"a@example.com","subject":"Hi","body":"There"})", "key-2");

  ASSERT_TRUE(first) << first.error().message;
  EXPECT_TRUE(first.value().at("simulated").as_bool());
  EXPECT_EQ(first.value().at("subject").as_string(), "Agent Alert");
  EXPECT_EQ(first.value(), again.value());
  EXPECT_TRUE(email.value().at("simulated").as_bool());
  EXPECT_EQ(services->outbox->newest(10).value().size(), 2U);
  EXPECT_FALSE(call("send_notification", R"({"message":"x","topic_arn":"ops"})", "key-3"));
  EXPECT_FALSE(call("send_email", R"({"to":"a@b.c,d@e.f","subject":"Hi","body":"There"})", "key-4"));
}

TEST_F(LocalToolsTest, ScalingIsSimulatedAndBounded) {
  const auto before = call("describe_capacity", R"({"group":"web"})");
  const auto first = call("scale_out", R"({"group":"web","by":1})");
  const auto again = call("scale_out", R"({"group":"web","by":1})");
  const auto more = call("scale_out", R"({"group":"web"})", "key-2");

  EXPECT_EQ(before.value().at("desired").to_number<int>(), 2);
  EXPECT_TRUE(first.value().at("simulated").as_bool());
  EXPECT_EQ(first.value(), again.value());
  EXPECT_EQ(more.value().at("desired").to_number<int>(), 3);
  EXPECT_TRUE(more.value().at("is_at_max").as_bool());
}

TEST_F(LocalToolsTest, IncidentsAreOpenedAndClosed) {
  EXPECT_EQ(call("open_incident", R"({"alarm":"High","details":{}})").value().at("change").as_string(),
            "opened");
  event.time += std::chrono::minutes{2};
  EXPECT_EQ(call("open_incident", R"({"alarm":"High","details":{}})", "k2").value().at("change").as_string(),
            "already_open");
  EXPECT_EQ(call("sql_query", R"({"statement":"open_incidents","parameters":[1]})")
                .value()
                .at("count")
                .to_number<int>(),
            1);
  const auto closed = call("close_incident", R"({"alarm":"High"})", "k3");
  EXPECT_EQ(closed.value().at("change").as_string(), "closed");
  EXPECT_EQ(closed.value().at("seconds").to_number<int>(), 120);
}

TEST_F(LocalToolsTest, OnlyDeclaredReadingStatementsRun) {
  EXPECT_EQ(call("sql_query", R"({"statement":"SELECT 1"})").error().code, ErrorCode::NotFound);
  EXPECT_EQ(call("sql_query", R"({"statement":"sabotage"})").error().code, ErrorCode::InvalidArgument);
  EXPECT_EQ(call("sql_query", R"({"statement":"open_incidents"})").error().code, ErrorCode::InvalidArgument);
  EXPECT_EQ(call("sql_query", R"({"statement":"open_incidents","parameters":[{}]})").error().code,
            ErrorCode::InvalidArgument);
}

TEST_F(LocalToolsTest, TheReportIsNamedByTheHourOfTheEvent) {
  ASSERT_TRUE(call("log_event", R"({"event_id":"e-1","details":{"done":true}})"));

  const auto report = call("generate_report", "{}");
  const auto summary = call("summarize_events", R"({"hours":24})");

  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report.value().at("location").as_string(), "s3://reports/hourly/2026-01-26-16.pdf");
  EXPECT_EQ(report.value().at("events").to_number<int>(), 1);
  EXPECT_TRUE(folder.read("buckets/reports/hourly/2026-01-26-16.pdf").starts_with("%PDF-"));
  EXPECT_EQ(summary.value().at("events").to_number<int>(), 1);
}

TEST_F(LocalToolsTest, BacksTheServicesUp) {
  const auto report = call("backup", R"({"keep":2})");

  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report.value().at("count").to_number<int>(), 1);
  EXPECT_TRUE(std::filesystem::exists(folder.path() / "backups/services/services-20260126T160000Z.sqlite"));
  EXPECT_FALSE(call("backup", R"({"keep":0})"));
}

TEST_F(LocalToolsTest, PuttingAnEventNeedsABus) {
  EXPECT_EQ(call("put_event", R"({"source":"a","detail_type":"b","detail":{}})").error().code,
            ErrorCode::Unsupported);
}

}  // namespace
}  // namespace ebagent::tools
