#pragma once

#include <boost/json/value.hpp>
#include <string_view>

#include "ebagent/model.hpp"
#include "ebagent/result.hpp"

namespace ebagent::models {

// A turn as it stands in journals and cassettes: a JSON object with the members text, calls, end, usage, model and content;
// those that say nothing are left out.
[[nodiscard]] boost::json::value to_record(const Turn& turn);

// Reads it back. Malformed for what to_record() does not write.
[[nodiscard]] Result<Turn> turn_from_record(const boost::json::value& record);

// "answer", "tool_calls", "max_tokens", "context_full", "refusal", "guardrail", "paused".
[[nodiscard]] std::string_view to_string(TurnEnd end);

}  // namespace ebagent::models
