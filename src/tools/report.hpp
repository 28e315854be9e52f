#pragma once

#include <string>
#include <vector>

#include "ebagent/clock.hpp"
#include "ebagent/result.hpp"
#include "tools/event_log.hpp"

namespace ebagent::tools {

// How many hours a report's bar chart shows, the reported one included.
inline constexpr int kReportHours = 24;

// The beginning of the UTC hour that `moment` lies in.
[[nodiscard]] TimePoint hour_of(TimePoint moment);

// "hourly/2026-01-26-16.pdf": where the report of an hour is kept.
[[nodiscard]] std::string hourly_report_key(TimePoint hour);

// The hourly report as a PDF document: a table of the events handled by source and detail-type (in the hour
// and in the last kReportHours), and a bar chart of the events by hour. The bytes depend on the arguments
// alone. `counts` are those of the hours before and including `hour`; others are left out.
[[nodiscard]] Result<std::string> hourly_report(TimePoint hour, const std::vector<EventCount>& counts);

}  // namespace ebagent::tools
