#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ebagent/app.hpp"
#include "ebagent/event.hpp"
#include "ebagent/result.hpp"
#include "store/store.hpp"
#include "testing/recorded_tools.hpp"

namespace ebagent::testing {

// How a call of the changed agent is to those on record.
enum class CallChange {
  Same,   // the tool with the same arguments: answered from the record
  Other,  // the tool with other arguments than it was called with
  New,    // the tool was not called, or not so often
  Gone    // on record, and not called now
};

struct ShadowCall {
  CallChange change = CallChange::Same;
  std::string tool = {};
  boost::json::value before = nullptr;  // arguments on record, but for New
  boost::json::value after = nullptr;   // arguments now, but for Gone
};

// What a changed agent would do with the event of a run on record, beside what was done.
struct ShadowReport {
  std::string run_id = {};  // empty: an archived event, of which nothing is on record
  std::string event_id = {};
  std::string agent = {};
  int turns_before = 0;
  int turns_after = 0;
  std::vector<ShadowCall> calls = {};  // in the order in which they are made now; the gone last
  std::string state_before = {}, state_after = {};
  std::string answer_before = {}, answer_after = {};  // or the error

  [[nodiscard]] bool differs() const;
};

// Has the agent of `app` work on the event of the run without calling a tool: what the journal knows is answered from it, all else
// is told {"shadow": "not executed"}. Errors: as rehearse(), and those of case_of() for runs that cannot be gone through again.
[[nodiscard]] Result<ShadowReport> shadow(App& app, const store::Run& run,
                                          const std::vector<store::Step>& steps);
// The same for an event of which there is no run.
[[nodiscard]] Result<ShadowReport> shadow(App& app, const std::string& agent, const Event& event);

}  // namespace ebagent::testing
