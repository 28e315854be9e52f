#include "cli/demo_events.hpp"

namespace ebagent::cli {
namespace {

constexpr DemoEvent kEvents[] = {
    {.title = "A CSV file lands in a bucket",
     .rule = "s3-upload-processor",
     .pattern =
         R"({"source":["aws.s3"],"detail-type":["Object Created"],"detail":{"bucket":["my-data-bucket"]}})",
     .source = "aws.s3",
     .detail_type = "Object Created",
     .detail = R"({"bucket":"my-data-bucket","key":"uploads/data.csv","size":1024000})"},
    {.title = "A CloudWatch alarm goes off",
     .rule = "alarm-responder",
     .pattern =
         R"({"source":["aws.cloudwatch"],"detail-type":["CloudWatch Alarm State Change"],"detail":{"state":{"value":["ALARM"]}}})",
     .source = "aws.cloudwatch",
     .detail_type = "CloudWatch Alarm State Change",
     .detail =
         R"({"alarmName":"HighCPUUsage","state":{"value":"ALARM"},"metric":"CPUUtilization","threshold":80})"},
    {.title = "An order is placed",
     .rule = "order-processor",
     .pattern = R"({"source":["myapp.orders"],"detail-type":["Order Placed"]})",
     .source = "myapp.orders",
     .detail_type = "Order Placed",
     .detail = R"({"orderId":"order_123","customerId":"cust_456","amount":99.99,"items":3})"},
    {.title = "A schedule comes due",
     .rule = "hourly-report",
     .pattern = R"({"source":["aws.events"],"detail-type":["Scheduled Event"]})",
     .source = "aws.events",
     .detail_type = "Scheduled Event",
     .detail = R"json({"schedule":"rate(1 hour)","task":"generate_report"})json"},
};

}  // namespace

std::span<const DemoEvent> demo_events() {
  return kEvents;
}

}  // namespace ebagent::cli
