#include "operations/event_facts.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <string_view>

#include "core/json.hpp"

namespace ebagent::operations {
namespace {

namespace json = boost::json;

// The value under a JSON pointer, or null.
const json::value* at(const json::value& root, std::string_view pointer) {
  boost::system::error_code error;
  return root.find_pointer(pointer, error);
}

std::string text_at(const json::value& root, std::string_view pointer) {
  const json::value* found = at(root, pointer);
  return found != nullptr && found->is_string() ? std::string{found->as_string()} : std::string{};
}

std::optional<double> number_at(const json::value& root, std::string_view pointer) {
  const json::value* found = at(root, pointer);
  if (found == nullptr || !found->is_number()) return std::nullopt;
  return found->to_number<double>();
}

std::string first_of(std::string one, std::string other) {
  return one.empty() ? std::move(other) : std::move(one);
}

std::string lower(std::string_view text) {
  std::string folded{text};
  std::ranges::transform(folded, folded.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return folded;
}

// Adds what AWS says about the metric: of several the first, the one that the alarm watches.
void read_configuration(const json::value& detail, AlarmFacts& facts) {
  const json::value* metrics = at(detail, "/configuration/metrics");
  if (metrics == nullptr || !metrics->is_array()) return;
  for (const json::value& entry : metrics->as_array()) {
    const std::string name = text_at(entry, "/metricStat/metric/name");
    if (name.empty()) continue;
    facts.metric = first_of(facts.metric, name);
    facts.group = first_of(facts.group, text_at(entry, "/metricStat/metric/dimensions/AutoScalingGroupName"));
  }
}

void read_reason(const json::value& detail, AlarmFacts& facts) {
  facts.reason = text_at(detail, "/state/reason");
  facts.is_below = facts.reason.find("less than") != std::string::npos;
  const std::string reason_text = text_at(detail, "/state/reasonData");
  if (reason_text.empty()) return;
  const auto reason = core::parse_json(reason_text);
  if (!reason || facts.threshold) return;
  facts.threshold = number_at(reason.value(), "/threshold");
}

}  // namespace

Result<UploadFacts> upload_facts(const Event& event) {
  const json::value detail = event.detail_object();
  UploadFacts facts;
  facts.bucket = first_of(text_at(detail, "/bucket"), text_at(detail, "/bucket/name"));
  facts.key = first_of(text_at(detail, "/key"), text_at(detail, "/object/key"));
  if (facts.bucket.empty()) {
    return fail(ErrorCode::InvalidArgument,
                "The event names no bucket: detail.bucket (text) or detail.bucket.name is needed.");
  }
  if (facts.key.empty()) {
    return fail(ErrorCode::InvalidArgument,
                "The event names no object: detail.key or detail.object.key is needed.");
  }
  for (const std::string_view pointer : {"/size", "/object/size"}) {
    const auto size = number_at(detail, pointer);
    if (size && *size >= 0 && *size < 1e18) facts.size = static_cast<std::uint64_t>(*size);
  }
  return facts;
}

Result<AlarmFacts> alarm_facts(const Event& event) {
  const json::value detail = event.detail_object();
  AlarmFacts facts;
  facts.alarm = text_at(detail, "/alarmName");
  facts.state = text_at(detail, "/state/value");
  facts.previous_state = text_at(detail, "/previousState/value");
  facts.metric = text_at(detail, "/metric");
  facts.threshold = number_at(detail, "/threshold");
  if (facts.alarm.empty())
    return fail(ErrorCode::InvalidArgument, "The event names no alarm: detail.alarmName is needed.");
  constexpr std::array<std::string_view, 3> kStates{"ALARM", "OK", "INSUFFICIENT_DATA"};
  if (std::ranges::find(kStates, facts.state) == kStates.end()) {
    return fail(
        ErrorCode::InvalidArgument,
        fmt::format(
            "The state of alarm '{}' is '{}': detail.state.value must be ALARM, OK or INSUFFICIENT_DATA.",
            facts.alarm, facts.state));
  }
  read_configuration(detail, facts);
  read_reason(detail, facts);
  return facts;
}

std::string_view to_string(Task task) {
  switch (task) {
    case Task::GenerateReport:
      return "generate_report";
    case Task::Backup:
      return "backup";
    case Task::DailySummary:
      return "daily_summary";
  }
  return "unknown";
}

Result<Task> task_of(const Event& event) {
  const json::value detail = event.detail_object();
  const std::string name = text_at(detail, "/task");
  for (const Task task : {Task::GenerateReport, Task::Backup, Task::DailySummary}) {
    if (name == to_string(task)) return task;
  }
  if (!name.empty()) {
    return fail(
        ErrorCode::InvalidArgument,
        fmt::format("There is no scheduled task '{}'; there are generate_report, backup and daily_summary.",
                    name));
  }
  const std::string arn = event.resources.empty() ? "" : lower(event.resources.front());
  const std::string rule = arn.substr(arn.rfind('/') + 1);
  if (rule.find("backup") != std::string::npos) return Task::Backup;
  if (rule.find("daily") != std::string::npos) return Task::DailySummary;
  return Task::GenerateReport;
}

std::string size_text(std::uint64_t bytes) {
  if (bytes < 1'000) return fmt::format("{} bytes", bytes);
  constexpr std::array<std::string_view, 5> kUnits{"kB", "MB", "GB", "TB", "PB"};
  double size = static_cast<double>(bytes) / 1'000;
  std::size_t unit = 0;
  // 999.995 would be written as 1000.00.
  while (size >= 999.995 && unit + 1 < kUnits.size()) {
    size /= 1'000;
    ++unit;
  }
  return fmt::format("{:.2f} {}", size, kUnits[unit]);
}

std::string metric_text(const AlarmFacts& facts) {
  if (facts.metric.empty()) return "not named in the event";
  const char* verb = facts.is_below ? "fell below" : "exceeded";
  if (!facts.threshold) return fmt::format("{} {} its threshold", facts.metric, verb);
  const bool is_percentage = facts.metric.ends_with("Utilization") || facts.metric.ends_with("Percent");
  return fmt::format("{} {} {}{}", facts.metric, verb, core::write_json(json::value(*facts.threshold)),
                     is_percentage ? "%" : "");
}

}  // namespace ebagent::operations
