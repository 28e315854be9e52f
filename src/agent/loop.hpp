#pragma once

#include <string>

#include "agent/journal.hpp"
#include "agent/meter.hpp"
#include "agent/run_context.hpp"
#include "ebagent/model.hpp"

namespace ebagent::agent {

// The agent loop: a model turn, its tool calls, the next turn ... until the model answers. Every turn and
// every call is a journalled step, so a resumed run walks through what was done and goes on where it stopped: what a model is
// told follows from the journal alone.
// Returns the model's answer: text, or JSON text that satisfies the agent's output schema. Errors: the tool's or model's that
// ended the run. Throws what ends an attempt (stops.hpp) and OutcomeUnknown.
[[nodiscard]] Result<std::string> run_loop(Journal& journal, const RunContext& context, const Model& model,
                                           Meter& meter);

}  // namespace ebagent::agent
