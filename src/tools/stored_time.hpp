#pragma once

#include <string>

#include "core/time_format.hpp"
#include "ebagent/clock.hpp"
#include "tools/database.hpp"

namespace ebagent::tools {

// Instants stand in tables as RFC 3339 text in UTC with milliseconds: they sort by time and people can read
// them.
[[nodiscard]] inline std::string stored_form(TimePoint time) {
  return core::format_utc_millis(time);
}

// The instant in a cell; 1970 when the cell has none.
[[nodiscard]] inline TimePoint stored_time(const Cell& cell) {
  const auto time = core::parse_rfc3339(text_of(cell));
  return time ? time.value() : TimePoint{};
}

}  // namespace ebagent::tools
