#pragma once

#include <string>

#include "agent/journal.hpp"
#include "agent/run_context.hpp"
#include "ebagent/model.hpp"

namespace ebagent::agent {

// The agent loop: a model turn, its tool calls, the next turn ... until the model answers. Every turn and
// every call is a journalled step, so a resumed run walks through what was done and goes on where it stopped.
// Returns the model's answer. Errors: the tool's or model's that ended the run. Throws LimitReached naming
// the limit (turns, tool calls, seconds), OutcomeUnknown and JournalBroken.
[[nodiscard]] Result<std::string> run_loop(Journal& journal, const RunContext& context, const Model& model);

}  // namespace ebagent::agent
