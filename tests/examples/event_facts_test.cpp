#include "operations/event_facts.hpp"

#include <gtest/gtest.h>

#include "operations/order.hpp"
#include "operations/samples.hpp"

namespace ebagent::operations {
namespace {

TEST(SizeText, UsesDecimalUnitsWithTwoDigits) {
  EXPECT_EQ(size_text(0), "0 bytes");
  EXPECT_EQ(size_text(999), "999 bytes");
  EXPECT_EQ(size_text(1'000), "1.00 kB");
  EXPECT_EQ(size_text(1'024'000), "1.02 MB");
  EXPECT_EQ(size_text(999'999), "1.00 MB");
  EXPECT_EQ(size_text(5'000'000'000'000), "5.00 TB");
}

AlarmFacts alarm_of(const std::string& metric, std::optional<double> threshold) {
  AlarmFacts facts;
  facts.metric = metric;
  facts.threshold = threshold;
  return facts;
}

TEST(MetricText, SaysPercentOnlyOfPercentages) {
  EXPECT_EQ(metric_text(alarm_of("CPUUtilization", 80.0)), "CPUUtilization exceeded 80%");
  EXPECT_EQ(metric_text(alarm_of("CPUUtilization", 72.5)), "CPUUtilization exceeded 72.5%");
  EXPECT_EQ(metric_text(alarm_of("Latency", 2.0)), "Latency exceeded 2");
  EXPECT_EQ(metric_text(alarm_of("Latency", std::nullopt)), "Latency exceeded its threshold");
  EXPECT_EQ(metric_text(AlarmFacts{}), "not named in the event");
}

TEST(TaskOf, FollowsTheDetailBeforeTheRule) {
  Event event;
  event.resources = {"arn:aws:events:us-east-1:123456789012:rule/Nightly-Backup"};
  EXPECT_EQ(task_of(event).value(), Task::Backup);
  event.detail = R"({"task":"daily_summary"})";
  EXPECT_EQ(task_of(event).value(), Task::DailySummary);
  event.detail = "{}";
  event.resources = {"arn:aws:events:us-east-1:123456789012:rule/hourly-report"};
  EXPECT_EQ(task_of(event).value(), Task::GenerateReport);
  event.resources.clear();
  EXPECT_EQ(task_of(event).value(), Task::GenerateReport);
}

TEST(AlarmFacts, BearsDetailsOfAnyShape) {
  for (const char* detail : {"{}", R"({"alarmName":7})", R"({"alarmName":"a","state":"ALARM"})",
                             R"({"alarmName":"a","state":{"value":"?"}})"}) {
    Event event;
    event.detail = detail;
    EXPECT_FALSE(alarm_facts(event)) << detail;
  }
  for (const char* extra :
       {R"("configuration":[])", R"("configuration":{"metrics":{}})", R"("configuration":{"metrics":[1,{}]})",
        R"("threshold":"80")", R"("metric":{})"}) {
    Event event;
    event.detail =
        std::string{R"({"alarmName":"a","state":{"value":"ALARM","reasonData":"{broken"},)"} + extra + "}";
    EXPECT_TRUE(alarm_facts(event)) << extra;
  }
}

TEST(Money, HasTwoDigitsAndItsCurrency) {
  EXPECT_EQ(money_text(9'999, "USD"), "$99.99");
  EXPECT_EQ(money_text(5, "EUR"), "EUR 0.05");
}

TEST(SampleCsv, HasExactlyTheSizeAskedFor) {
  EXPECT_EQ(sample_csv_of_size(1'024'000).size(), 1'024'000U);
  EXPECT_EQ(sample_csv_of_size(1'024'000), sample_csv_of_size(1'024'000));
  EXPECT_TRUE(sample_csv_of_size(10'000).starts_with(sample_csv()));
}

}  // namespace
}  // namespace ebagent::operations
