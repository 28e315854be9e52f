#pragma once

#include <string>
#include <string_view>

#include "ebagent/clock.hpp"
#include "ebagent/result.hpp"

namespace ebagent::core {

// "2026-01-26T16:00:00Z": RFC 3339 in UTC, whole seconds, as an EventBridge envelope carries its time.
[[nodiscard]] std::string format_utc_seconds(TimePoint time);

// "2026-01-26T16:00:00.123Z": the same with milliseconds, for logs and journals.
[[nodiscard]] std::string format_utc_millis(TimePoint time);

// Reads an RFC 3339 instant: date, 'T' or 't', time, optional fraction (cut to milliseconds), 'Z' or a +hh:mm
// offset. Returns Malformed when the text is no such instant or names a day that does not exist. Source:
// https://www.rfc-editor.org/rfc/rfc3339#section-5.6
[[nodiscard]] Result<TimePoint> parse_rfc3339(std::string_view text);

}  // namespace ebagent::core
