#include "tools/report_tools.hpp"

#include <fmt/core.h>

#include <boost/json.hpp>
#include <map>

#include "core/time_format.hpp"
#include "tools/report.hpp"

namespace ebagent::tools {
namespace {

namespace json = boost::json;
using std::chrono::hours;

Result<json::object> generate(EventStatistics& statistics, ObjectStore& objects, const std::string& bucket,
                              const ToolContext& context) {
  const TimePoint hour = hour_of(context.event().time);
  BOOST_OUTCOME_TRY(const auto counts, statistics.between(hour - hours{kReportHours - 1}, hour + hours{1}));
  BOOST_OUTCOME_TRY(const auto pdf, hourly_report(hour, counts));
  const std::string key = hourly_report_key(hour);
  BOOST_OUTCOME_TRY(const auto stored, objects.put(bucket, key, pdf));
  std::int64_t in_hour = 0;
  for (const EventCount& count : counts) in_hour += count.hour == hour ? count.count : 0;
  return json::object{
      {"bucket", bucket},     {"key", key},        {"location", fmt::format("s3://{}/{}", bucket, key)},
      {"bytes", stored.size}, {"events", in_hour}, {"hour", core::format_utc_seconds(hour)}};
}

// The kinds of event of the hours up to the event's, one line each.
Result<json::object> summarize(EventStatistics& statistics, std::int64_t span, const ToolContext& context) {
  constexpr std::int64_t kMaxHours = 24 * 31;
  if (span < 1 || span > kMaxHours) {
    return fail(ErrorCode::InvalidArgument,
                fmt::format("A summary covers 1 to {} hours, not {}.", kMaxHours, span));
  }
  const TimePoint end = hour_of(context.event().time) + hours{1};
  const TimePoint begin = end - hours{span};
  BOOST_OUTCOME_TRY(const auto counts, statistics.between(begin, end));
  std::map<std::string, std::int64_t> kinds;
  std::int64_t total = 0;
  for (const EventCount& count : counts) {
    kinds[fmt::format("{}, {}", count.source, count.detail_type)] += count.count;
    total += count.count;
  }
  std::string text = fmt::format("Events handled from {} to {}: {}\n", core::format_utc_seconds(begin),
                                 core::format_utc_seconds(end), total);
  json::object by_kind;
  for (const auto& [kind, count] : kinds) {
    text += fmt::format("{:>8}  {}\n", count, kind);
    by_kind[kind] = count;
  }
  return json::object{{"events", total}, {"kinds", std::move(by_kind)}, {"text", std::move(text)}};
}

}  // namespace

std::vector<Tool> report_tools(std::shared_ptr<EventStatistics> statistics,
                               std::shared_ptr<ObjectStore> objects, std::string reports_bucket) {
  std::vector<Tool> tools;
  tools.push_back(Tool::from(
      "generate_report",
      "Makes the hourly PDF report of the events handled, up to the hour of the event, and stores it in S3",
      [statistics, objects, reports_bucket](const ToolContext& context) {
        return generate(*statistics, *objects, reports_bucket, context);
      },
      {.effect = Effect::Idempotent}));
  tools.push_back(Tool::from(
      "summarize_events", "Counts the events handled in the last hours, by kind, up to the hour of the event",
      [statistics](Arg<"hours", std::optional<std::int64_t>, "How many hours; none: 24"> span,
                   const ToolContext& context) {
        return summarize(*statistics, span->value_or(24), context);
      },
      {.effect = Effect::Read}));
  return tools;
}

}  // namespace ebagent::tools
