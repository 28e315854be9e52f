#pragma once

#include <optional>
#include <string>
#include <variant>

#include "agent/journal.hpp"
#include "ebagent/agent.hpp"
#include "ebagent/clock.hpp"
#include "ebagent/result.hpp"

namespace ebagent::agent {

// Asks a person before a call, durably: the question is a step of kind "approval" that waits, and whoever answers completes it,
// once (Store::answer_step). After its time it counts as denied.
struct Question {
  std::string step;  // of the call
  std::string tool;
  std::string arguments;  // JSON text, as the person reads them
  Approval why = Approval::Required;
};

// Whether a person decides about a call.
[[nodiscard]] bool needs_approval(Approval approval, bool is_tainted);

struct StillWaiting {
  TimePoint until;
};
// success(): approved; an error (Denied, with who and why): denied; or it waits.
[[nodiscard]] std::variant<Result<void>, StillWaiting> ask(Journal& journal, const Clock& clock,
                                                           std::chrono::seconds timeout,
                                                           const Question& question);

}  // namespace ebagent::agent
