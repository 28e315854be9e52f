#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "ebagent/event.hpp"
#include "ebagent/result.hpp"

// What an event says, whichever of two shapes it has: the short one that people write by hand, or the one
// that AWS sends. Pure functions; what an event lacks is named in an InvalidArgument error.
namespace ebagent::operations {

struct UploadFacts {
  std::string bucket;
  std::string key;
  std::optional<std::uint64_t> size;  // bytes; the short form may leave it out
};

// Short: detail.bucket, detail.key, detail.size. AWS: detail.bucket.name, detail.object.key,
// detail.object.size. Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
[[nodiscard]] Result<UploadFacts> upload_facts(const Event& event);

struct AlarmFacts {
  std::string alarm;
  std::string state;           // ALARM, OK or INSUFFICIENT_DATA
  std::string previous_state;  // may be empty
  std::string metric;          // may be empty, e.g. of composite alarms
  std::optional<double> threshold;
  std::string reason;     // may be empty
  std::string group;      // Auto Scaling group in the metric's dimensions; may be empty
  bool is_below = false;  // the metric fell below the threshold instead of exceeding it
};

// Short: detail.alarmName, state.value, metric, threshold. AWS: configuration.metrics[].metricStat.metric,
// state.reason, and the threshold in state.reasonData, which is JSON inside a string. Source:
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html
[[nodiscard]] Result<AlarmFacts> alarm_facts(const Event& event);

enum class Task { GenerateReport, Backup, DailySummary };

// "generate_report", "backup" or "daily_summary".
[[nodiscard]] std::string_view to_string(Task task);

// detail.task when there is one; otherwise what the name of the rule in resources says: backup or daily in it
// mean these, anything else the hourly report. EventBridge's own scheduled events have an empty detail.
[[nodiscard]] Result<Task> task_of(const Event& event);

// "1.02 MB": decimal units, two digits behind the point from kB on.
[[nodiscard]] std::string size_text(std::uint64_t bytes);

// "CPUUtilization exceeded 80%".
[[nodiscard]] std::string metric_text(const AlarmFacts& facts);

}  // namespace ebagent::operations
