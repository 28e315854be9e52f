#pragma once

#include <vector>

#include "agent/journal.hpp"
#include "agent/meter.hpp"
#include "agent/run_context.hpp"
#include "ebagent/model.hpp"

namespace ebagent::agent {

// Who asks for calls, which decides what they are told.
enum class CallerKind {
  Model,     // of doubt and failures too: they are outcomes that it goes on with; time-outs are enforced
  Playbook,  // fixed calls: an unknown outcome ends the run, the last failure is tried again
  Handler    // as a playbook
};

// The tool calls of one run: allowed or not, counted, approved, journalled, made. One object an attempt, so that it knows what
// the model has read before.
class ToolCalls {
 public:
  ToolCalls(Journal& journal, const RunContext& context, Meter& meter, CallerKind caller)
      : journal_(journal),
        context_(context),
        meter_(meter),
        caller_(caller),
        is_tainted_(!context.spec.trusts_events) {}

  // Makes the calls of one turn side by side; outcomes in their order. A call's name is its step's, or its tool's. Errors: NotFound for a tool
  // that is not allowed, Malformed for arguments that are no object, Denied, otherwise the tool's. Throws what ends an attempt
  // (stops.hpp) and OutcomeUnknown.
  std::vector<Result<boost::json::value>> make(const std::vector<ToolCall>& calls);

 private:
  struct Prepared;
  [[nodiscard]] Prepared prepare(const ToolCall& call);
  [[nodiscard]] const boost::json::value& scope();
  void record_refused(Prepared& call);
  void ask_for_approval(std::vector<Prepared>& calls);
  void perform(std::vector<Prepared*>& calls);
  [[nodiscard]] Result<boost::json::value> perform_here(const Prepared& call);
  [[nodiscard]] bool goes_on_threads(const std::vector<Prepared*>& calls) const;
  [[nodiscard]] CallThreads::Call thread_call(const Prepared& call) const;

  Journal& journal_;
  const RunContext& context_;
  Meter& meter_;
  const CallerKind caller_;
  bool is_tainted_;
  boost::json::value scope_ = nullptr;  // made when it is first wanted
};

}  // namespace ebagent::agent
