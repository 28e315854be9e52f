#include "examples/example_run.hpp"

namespace ebagent::operations {
namespace {

namespace json = boost::json;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class OperationsTest : public ebagent::testing::ExampleRun {
 protected:
  OperationsTest() { use_operations(); }
};

// ---- uploads

TEST_F(OperationsTest, LoadsTheUploadOfTheSeedIntoTheTable) {
  const std::string text = answer("operations/events/s3-object-created.json");

  EXPECT_THAT(text, StartsWith("Processing S3 file: s3://my-data-bucket/uploads/data.csv\n"
                               "File size: 1.02 MB\n"
                               "Action: Download, analyze, and store results\n"
                               "Loaded "));
  EXPECT_THAT(text, HasSubstr("Results stored in s3://my-data-bucket/processed/uploads/data.csv.json"));
  const auto summary = json::parse(folder.read("buckets/my-data-bucket/processed/uploads/data.csv.json"));
  EXPECT_EQ(summary.at("size").to_number<int>(), 1'024'000);
  EXPECT_EQ(summary.at("rejected").to_number<int>(), 10);
  EXPECT_GT(number("SELECT count(*) FROM sales"), 10'000);
  EXPECT_EQ(number("SELECT count(*) FROM sales"), summary.at("loaded").to_number<std::int64_t>());
  EXPECT_EQ(number("SELECT count(*) FROM event_log"), 1);
}

TEST_F(OperationsTest, UnderstandsTheUploadThatAwsSendsAndReportsBadRowsByLine) {
  const std::string text = answer("operations/events/aws-s3-object-created.json");

  EXPECT_THAT(text, StartsWith("Processing S3 file: s3://test-bucket/test.csv\nFile size: 1.52 kB\n"));
  EXPECT_THAT(text, HasSubstr("Loaded 8 of 18 rows into the table sales"));
  EXPECT_THAT(text, HasSubstr("Rejected: 10 rows (line 8: column 'email': 'sam.at.example.com' is not an "
                              "email address; line 9: "));
  EXPECT_EQ(number("SELECT count(*) FROM sales"), 8);
  EXPECT_EQ(number("SELECT count(*) FROM sales WHERE note LIKE '%Alles Gute!%'"), 1);
}

TEST_F(OperationsTest, TheSameUploadTwiceIsOneRunAndTheSameRows) {
  const std::string first = answer("operations/events/aws-s3-object-created.json");
  const std::string repeated = answer("operations/events/aws-s3-object-created.json");
  const std::string another = answer(changed("operations/events/aws-s3-object-created.json", "other-id"));

  EXPECT_EQ(first, repeated);
  EXPECT_EQ(first, another);
  EXPECT_EQ(number("SELECT count(*) FROM sales"), 8);
}

TEST_F(OperationsTest, SaysWhichObjectIsMissing) {
  const auto event = changed("operations/events/s3-object-created.json", "m-1",
                             [](json::object& detail) { detail["key"] = "uploads/none.csv"; });

  EXPECT_THAT(answer(event), HasSubstr("There is no object s3://my-data-bucket/uploads/none.csv. The event "
                                       "m-1 says that it was created."));
}

TEST_F(OperationsTest, DoesNotProcessItsOwnResults) {
  answer("operations/events/aws-s3-object-created.json");
  const auto event = changed("operations/events/aws-s3-object-created.json", "r-1", [](json::object& detail) {
    detail["object"].as_object()["key"] = "processed/test.csv.json";
  });

  EXPECT_THAT(answer(event), HasSubstr("Action: None, this is a result of an earlier upload"));
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "buckets/test-bucket/processed/processed"));
}

TEST_F(OperationsTest, LeavesFilesAloneThatAreNoCsv) {
  ASSERT_TRUE(services().objects->put("test-bucket", "picture.png", "png"));
  const auto event = changed("operations/events/s3-object-created.json", "p-1", [](json::object& detail) {
    detail = {{"bucket", "test-bucket"}, {"key", "picture.png"}};
  });

  EXPECT_EQ(answer(event),
            "Processing S3 file: s3://test-bucket/picture.png\nFile size: 3 bytes\nAction: None, only .csv "
            "files are loaded");
}

TEST_F(OperationsTest, RefusesUploadsThatPointOutOfTheBucket) {
  const auto event = changed("operations/events/s3-object-created.json", "t-1",
                             [](json::object& detail) { detail["key"] = "../../services.sqlite"; });

  EXPECT_THAT(answer(event), StartsWith("FAILED: "));
  EXPECT_EQ(number("SELECT count(*) FROM csv_loads"), 0);
}

// ---- alarms

TEST_F(OperationsTest, AnswersTheAlarmOfTheSeed) {
  const std::string text = answer("operations/events/cloudwatch-alarm.json");

  EXPECT_THAT(text, StartsWith("⚠️ ALARM: HighCPUUsage\nMetric: CPUUtilization exceeded 80%\nAction: "
                               "Scaling up instances, notifying team\n"));
  EXPECT_THAT(text, HasSubstr("Scaling: group web from 2 to 3 instances (simulated)\n"));
  EXPECT_THAT(text, HasSubstr("Notification: kept in the outbox for "
                              "arn:aws:sns:us-east-1:000000000000:operations (simulated)\n"));
  EXPECT_EQ(number("SELECT desired FROM scaling_groups WHERE name = 'web'"), 3);
  EXPECT_EQ(number("SELECT count(*) FROM incidents WHERE is_open = 1 AND alarm = 'HighCPUUsage'"), 1);
  EXPECT_EQ(number("SELECT count(*) FROM outbox WHERE channel = 'notification'"), 1);
  EXPECT_EQ(number("SELECT count(*) FROM event_log"), 1);
}

TEST_F(OperationsTest, UnderstandsTheAlarmThatAwsSends) {
  const std::string text = answer("operations/events/aws-cloudwatch-alarm.json");

  EXPECT_THAT(text, StartsWith("⚠️ ALARM: WebServersBusy\nMetric: CPUUtilization exceeded 80%\n"));
  EXPECT_THAT(text, HasSubstr("Reason: Threshold Crossed: 1 out of the last 1 datapoints [97.4"));
  EXPECT_EQ(number("SELECT desired FROM scaling_groups WHERE name = 'web'"), 3);
}

TEST_F(OperationsTest, TwoAlarmsAreOneIncidentAndOneStepOfScaling) {
  answer("operations/events/cloudwatch-alarm.json");
  const std::string second = answer(changed("operations/events/cloudwatch-alarm.json", "again"));

  EXPECT_THAT(second, HasSubstr("Action: None, incident "));
  EXPECT_EQ(number("SELECT count(*) FROM incidents"), 1);
  EXPECT_EQ(number("SELECT desired FROM scaling_groups WHERE name = 'web'"), 3);
  EXPECT_EQ(number("SELECT count(*) FROM outbox"), 1);
}

TEST_F(OperationsTest, ClosesTheIncidentWhenTheAlarmIsOver) {
  answer("operations/events/cloudwatch-alarm.json");
  const std::string text = answer("operations/events/cloudwatch-alarm-ok.json");

  EXPECT_THAT(text, StartsWith("OK: HighCPUUsage\nAction: Closing the incident, notifying team\n"));
  EXPECT_THAT(text, HasSubstr("closed after 900 seconds"));
  EXPECT_EQ(number("SELECT count(*) FROM incidents WHERE is_open = 1"), 0);
  EXPECT_EQ(number("SELECT count(*) FROM incidents"), 1);
}

TEST_F(OperationsTest, AnOkWithoutAnIncidentIsOnlyLogged) {
  EXPECT_EQ(answer("operations/events/cloudwatch-alarm-ok.json"),
            "OK: HighCPUUsage\nAction: None, there is no incident to close");
}

TEST_F(OperationsTest, AnAlarmThatMoreMachinesDoNotHelpOnlyNotifies) {
  const auto event = changed("operations/events/cloudwatch-alarm.json", "disk", [](json::object& detail) {
    detail["metric"] = "FreeStorageSpace";
    detail["state"].as_object()["reason"] =
        "Threshold Crossed: 1 datapoint [5.0] was less than the threshold (80.0).";
  });

  const std::string text = answer(event);

  EXPECT_THAT(
      text,
      StartsWith(
          "⚠️ ALARM: HighCPUUsage\nMetric: FreeStorageSpace fell below 80\nAction: Notifying team\n"));
  EXPECT_EQ(number("SELECT desired FROM scaling_groups WHERE name = 'web'"), 2);
}

TEST_F(OperationsTest, AScalingThatFailsKeepsNobodyFromBeingNotified) {
  const auto event =
      changed("operations/events/aws-cloudwatch-alarm.json", "group", [](json::object& detail) {
        detail.at("configuration")
            .at("metrics")
            .at(0)
            .at("metricStat")
            .at("metric")
            .at("dimensions")
            .as_object()["AutoScalingGroupName"] = "db";
      });

  const std::string text = answer(event);

  EXPECT_THAT(text, HasSubstr("Scaling: failed, There is no Auto Scaling group 'db'."));
  EXPECT_EQ(number("SELECT count(*) FROM outbox"), 1);
  EXPECT_EQ(number("SELECT count(*) FROM incidents WHERE is_open = 1"), 1);
}

TEST_F(OperationsTest, AnAlarmWithoutDataIsLogged) {
  const auto event = changed("operations/events/cloudwatch-alarm.json", "no-data", [](json::object& detail) {
    detail["state"].as_object()["value"] = "INSUFFICIENT_DATA";
  });

  EXPECT_EQ(answer(event), "INSUFFICIENT_DATA: HighCPUUsage\nAction: None, logged only");
}

TEST_F(OperationsTest, AnAlarmWithoutAStateFailsWithAReason) {
  const auto event = changed("operations/events/cloudwatch-alarm.json", "bad",
                             [](json::object& detail) { detail.erase("state"); });

  EXPECT_THAT(answer(event), HasSubstr("detail.state.value must be ALARM, OK or INSUFFICIENT_DATA"));
}

// ---- orders

TEST_F(OperationsTest, ProcessesTheOrderOfTheSeed) {
  const std::string text = answer("operations/events/order-placed.json");

  EXPECT_EQ(text,
            "New order received: order_123\nCustomer: cust_456\nAmount: $99.99\nAction: Send confirmation "
            "email, update inventory\n"
            "Reserved: 3 x assorted (97 left in stock)\nConfirmation: kept in the outbox for "
            "jane.doe@example.com (simulated)\n"
            "CRM: cust_456 has 1 order, $99.99 in all");
  EXPECT_EQ(number("SELECT quantity FROM inventory WHERE sku = 'assorted'"), 97);
  EXPECT_EQ(number("SELECT count(*) FROM outbox WHERE recipient = 'jane.doe@example.com'"), 1);
  EXPECT_EQ(number("SELECT spent_cents FROM customers WHERE customer_id = 'cust_456'"), 9'999);
}

TEST_F(OperationsTest, TheSameOrderInTwoEventsIsReservedOnce) {
  answer("operations/events/order-placed.json");
  answer(changed("operations/events/order-placed.json", "second-event"));

  EXPECT_EQ(number("SELECT quantity FROM inventory WHERE sku = 'assorted'"), 97);
  EXPECT_EQ(number("SELECT orders FROM customers WHERE customer_id = 'cust_456'"), 1);
}

TEST_F(OperationsTest, RejectsAnOrderWithTooLittleStockAndReservesNothingOfIt) {
  const std::string text = answer("operations/events/order-too-large.json");

  EXPECT_THAT(text, StartsWith("New order received: order_124\nCustomer: cust_456\nAmount: "
                               "$24999.00\nAction: Order rejected, customer informed\n"
                               "Rejected: too little stock of server-rack: 4 wanted, 1 in stock, 3 short\n"));
  EXPECT_EQ(number("SELECT quantity FROM inventory WHERE sku = 'keyboard'"), 25);
  EXPECT_EQ(number("SELECT quantity FROM inventory WHERE sku = 'server-rack'"), 1);
  EXPECT_EQ(number("SELECT count(*) FROM orders"), 0);
  EXPECT_EQ(number("SELECT orders FROM customers WHERE customer_id = 'cust_456'"), 0);
}

TEST_F(OperationsTest, RejectsTheIncompleteOrderOfTheSeedAsAResult) {
  EXPECT_EQ(answer("operations/events/order-incomplete.json"),
            "New order received: test_123\nAction: Order rejected as invalid\n"
            "Rejected: customerId is missing; amount is missing; items is missing");
}

TEST_F(OperationsTest, NamesEveryProblemOfAnInvalidOrder) {
  const auto event = changed("operations/events/order-placed.json", "i-1", [](json::object& detail) {
    detail = {{"customerId", 7},
              {"amount", -1},
              {"items", json::array{1, json::object{{"sku", "keyboard"}, {"quantity", 1.5}}}},
              {"email", "nobody"}};
  });

  const std::string text = answer(event);

  EXPECT_THAT(text, StartsWith("New order received: (no orderId)\nAction: Order rejected as "
                               "invalid\nRejected: orderId is missing; "));
  for (const char* problem : {"customerId must be a text", "amount must be 0 to", "items[0] has no sku",
                              "the quantity of items[1] must be a whole number", "email is no address"}) {
    EXPECT_THAT(text, HasSubstr(problem));
  }
}

TEST_F(OperationsTest, ChecksLinesOfOneSkuTogether) {
  const auto event = changed("operations/events/order-placed.json", "s-1", [](json::object& detail) {
    const json::object six{{"sku", "monitor"}, {"quantity", 6}};
    detail["items"] = json::array{six, six};
  });

  EXPECT_THAT(answer(event), HasSubstr("too little stock of monitor: 12 wanted, 10 in stock, 2 short"));
}

TEST_F(OperationsTest, MakesARecordForANewCustomer) {
  const auto event = changed("operations/events/order-placed.json", "n-1", [](json::object& detail) {
    detail["orderId"] = "order_900";
    detail["customerId"] = "cust_new";
  });

  EXPECT_THAT(answer(event),
              HasSubstr("Confirmation: not sent, no address is on record\nCRM: cust_new has 1 order"));
}

// ---- schedules

TEST_F(OperationsTest, MakesTheReportOfTheSeed) {
  answer("operations/events/order-placed.json");
  const std::string text = answer("operations/events/scheduled-event.json");

  EXPECT_THAT(text, StartsWith("Running scheduled task: generate_report\nGenerating hourly sales report...\n"
                               "Report saved to s3://reports/hourly/2026-01-26-16.pdf\n"));
  EXPECT_THAT(text, HasSubstr("Events in the hour: 2"));
  EXPECT_TRUE(folder.read("buckets/reports/hourly/2026-01-26-16.pdf").starts_with("%PDF-"));
}

TEST_F(OperationsTest, TheScheduledEventOfEventBridgeItselfIsTheReport) {
  EXPECT_THAT(answer("operations/events/aws-scheduled-event.json"),
              HasSubstr("Report saved to s3://reports/hourly/2026-01-26-16.pdf"));
}

TEST_F(OperationsTest, BacksUpAndReports) {
  const std::string text = answer("operations/events/scheduled-backup.json");

  EXPECT_THAT(
      text,
      StartsWith("Running scheduled task: backup\nBacking up and verifying 1 databases...\nservices: "));
  EXPECT_THAT(
      text,
      HasSubstr(
          "verified, services-20260126T164000Z.sqlite\nOld copies deleted: 0\nReport: kept in the outbox"));
  EXPECT_TRUE(std::filesystem::exists(folder.path() / "backups/services/services-20260126T164000Z.sqlite"));
}

TEST_F(OperationsTest, ARuleNamedDailySummarisesTheDay) {
  answer("operations/events/order-placed.json");
  const std::string text = answer("operations/events/aws-scheduled-daily-summary.json");

  EXPECT_THAT(text, StartsWith("Running scheduled task: daily_summary\nEvents handled from "));
  EXPECT_THAT(text, HasSubstr("1  myapp.orders, Order Placed"));
  EXPECT_EQ(number("SELECT count(*) FROM outbox WHERE subject = 'Daily summary'"), 1);
}

TEST_F(OperationsTest, AnUnknownTaskFailsWithTheKnownOnes) {
  const auto event = changed("operations/events/scheduled-event.json", "u-1",
                             [](json::object& detail) { detail["task"] = "make_coffee"; });

  EXPECT_THAT(
      answer(event),
      HasSubstr(
          "There is no scheduled task 'make_coffee'; there are generate_report, backup and daily_summary."));
}

// ---- the rest

TEST_F(OperationsTest, AnythingElseGoesToTheGenericAgent) {
  EXPECT_EQ(answer("operations/events/unknown-event.json"),
            "Event received: Storm Forecast from myapp.weather\n"
            "Action: Logged as 6f8ef5a1-0009-4a53-9d3b-5d0f6a1c0009, no agent is responsible for it");
  EXPECT_EQ(number("SELECT count(*) FROM event_log"), 1);
}

TEST_F(OperationsTest, EverythingNamedExists) {
  const auto checked = app.check();

  EXPECT_TRUE(checked) << checked.error().message;
}

}  // namespace
}  // namespace ebagent::operations
