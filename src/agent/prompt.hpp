#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <vector>

#include "agent/run_context.hpp"
#include "ebagent/model.hpp"

namespace ebagent::agent {

// What a model is told at the beginning of a run: the agent's instructions, the task, and the event as data between marks that
// its text cannot forge. A function of its arguments alone, so that a resumed run says the same.
[[nodiscard]] Conversation begin_conversation(const RunContext& context);

// The tool by which a model gives an answer that must satisfy the agent's output schema.
inline constexpr std::string_view kAnswerTool = "final_answer";

// A result as a model reads it: what is longer than it should read is cut, and says so.
[[nodiscard]] Result<boost::json::value> as_told(Result<boost::json::value> outcome);

// Leaves the results of the older exchanges out; the newest two stay. False when there is nothing more to leave out.
[[nodiscard]] bool trim(std::vector<Exchange>& exchanges);

}  // namespace ebagent::agent
