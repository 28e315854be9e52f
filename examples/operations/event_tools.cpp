#include "operations/event_tools.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>

#include "operations/event_facts.hpp"
#include "tools/csv_tools.hpp"

namespace ebagent::operations {
namespace {

namespace json = boost::json;

constexpr std::string_view kDefaultGroup =
    "web";  // scaled when the alarm's metric names no Auto Scaling group

// Load on the machines, which more machines share.
constexpr std::array<std::string_view, 4> kScalingMetrics{"CPUUtilization", "MemoryUtilization",
                                                          "RequestCountPerTarget", "TargetResponseTime"};

std::string kind_of(std::string_view key) {
  if (key.starts_with(tools::kProcessedPrefix)) return "result";
  return key.ends_with(".csv") || key.ends_with(".CSV") ? "csv" : "other";
}

Result<json::object> describe_upload(tools::ObjectStore& objects, const ToolContext& context) {
  BOOST_OUTCOME_TRY(const auto facts, upload_facts(context.event()));
  const auto object = objects.head(facts.bucket, facts.key);
  if (!object) {
    return fail(object.error().code, fmt::format("{} The event {} says that it was created.",
                                                 object.error().message, context.event().id));
  }
  const std::uint64_t size = facts.size.value_or(object.value().size);
  return json::object{{"bucket", facts.bucket},
                      {"key", facts.key},
                      {"location", fmt::format("s3://{}/{}", facts.bucket, facts.key)},
                      {"size", size},
                      {"size_text", size_text(size)},
                      {"stored_size", object.value().size},
                      {"etag", object.value().etag},
                      {"kind", kind_of(facts.key)}};
}

Result<json::object> diagnose_alarm(const ToolContext& context) {
  BOOST_OUTCOME_TRY(const auto facts, alarm_facts(context.event()));
  json::object diagnosis{{"alarm", facts.alarm},
                         {"state", facts.state},
                         {"previous_state", facts.previous_state},
                         {"metric", facts.metric},
                         {"metric_text", metric_text(facts)},
                         {"reason", facts.reason.empty() ? "not given in the event" : facts.reason},
                         {"group", facts.group.empty() ? kDefaultGroup : std::string_view{facts.group}}};
  if (facts.threshold) diagnosis["threshold"] = *facts.threshold;
  diagnosis["scaling_helps"] = facts.state == "ALARM" && !facts.is_below &&
                               std::ranges::find(kScalingMetrics, facts.metric) != kScalingMetrics.end();
  return diagnosis;
}

Result<json::object> plan_task(const ToolContext& context) {
  BOOST_OUTCOME_TRY(const auto task, task_of(context.event()));
  return json::object{{"task", to_string(task)},
                      {"rule", context.event().resources.empty() ? "" : context.event().resources.front()}};
}

}  // namespace

std::vector<Tool> event_reading_tools(std::shared_ptr<tools::ObjectStore> objects) {
  std::vector<Tool> family;
  family.push_back(Tool::from(
      "describe_upload", "Which S3 object the event is about, its size and what kind of file it is",
      [objects](const ToolContext& context) { return describe_upload(*objects, context); },
      {.effect = Effect::Read}));
  family.push_back(Tool::from(
      "diagnose_alarm", "State, metric, threshold and reason of the alarm that the event is about",
      [](const ToolContext& context) { return diagnose_alarm(context); }, {.effect = Effect::Read}));
  family.push_back(Tool::from("plan_task", "Which task the scheduled event asks for",
                              [](const ToolContext& context) { return plan_task(context); },
                              {.effect = Effect::Read}));
  return family;
}

}  // namespace ebagent::operations
