#pragma once

#include <boost/json/value.hpp>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "ebagent/flow_control.hpp"

namespace ebagent {

// What a run may use up; past a limit it fails with the limit's name as its stop reason and the event is dead-lettered.
// Turns, calls, tokens and cost are the whole run's, whatever the number of attempts; time is one attempt's.
struct Limits {
  int turns = 20;  // model turns; generous for a task, small enough to end a loop soon
  int tool_calls = 50;
  std::chrono::seconds seconds{300};    // wall time of one attempt
  std::int64_t tokens = 1'000'000;      // of all turns, input and output
  std::optional<double> cost_usd = {};  // needs a price of the model; see AppSettings::prices
  int same_calls = 3;                   // how often one tool may be called with the same arguments
};

// Who decides before a tool is called.
enum class Approval {
  Never,        // nobody: the call is made
  WhenTainted,  // a person, once the model has read something that is not to be trusted
  Required,     // a person, always
};

// Where an argument comes from that the model does not choose (and does not see). Exactly one is set.
struct Binding {
  // A path into {"event", "input"}: $.event.detail.bucket.name, or short $.detail.bucket.name; or
  std::string from = {};
  boost::json::value value = nullptr;  // a constant of the configuration (of any type but null)
};

// What an argument that the model chooses must satisfy. What is not set does not bind; the text of a value that is no
// string is its JSON.
struct Constraint {
  std::string prefix = {};                // it begins with this
  std::string pattern = {};               // a regular expression (RE2's syntax) that matches all of it
  std::vector<std::string> allowed = {};  // it is one of these
};

// A tool as one agent may use it.
struct ToolUse {
  std::string name = {};
  std::map<std::string, Binding> bind = {};            // by argument
  std::map<std::string, Constraint> constraints = {};  // by argument
  std::optional<Approval> approval = {};               // absent: the tool's own
  std::optional<std::chrono::milliseconds> timeout = {};

  ToolUse() = default;
  ToolUse(const char* tool) : name(tool) {}  // NOLINT(google-explicit-constructor): .tools = {"a", "b"}
  ToolUse(std::string tool) : name(std::move(tool)) {}  // NOLINT(google-explicit-constructor)
};

enum class OnError {
  Fail,      // the run fails with the tool's error (and is retried if that may help)
  Continue,  // the error is visible to later entries as steps.NAME.error
};

// One tool call of a playbook.
struct PlaybookEntry {
  std::string name = {};  // the step's name, unique in its playbook: letters, digits, '_' and '-'
  std::string tool = {};
  std::string when = {};  // an EventPattern over {"event", "input", "steps"}; empty: always
  std::string input =
      {};  // an InputTransformer template of a JSON object with <$.event...> and <$.steps.NAME.output...>
  OnError on_error = OnError::Fail;
};

// One way to word the agent's answer: plain text with <$.path> placeholders. The first whose `when` matches
// is used.
struct PlaybookAnswer {
  std::string when = {};  // empty: always
  std::string text = {};
};

// The model that needs no LLM: a fixed list of tool calls with conditions, looked at from top to bottom once.
struct Playbook {
  std::vector<PlaybookEntry> calls = {};
  std::vector<PlaybookAnswer> respond = {};  // none matches: the names of the steps that were done
};

// A named unit that handles an event: a model, its instructions, the tools it may call, its limits.
struct AgentSpec {
  std::string name = {};  // letters, digits, '_' and '-', at most 64: it is also the name in a function's ARN
  std::string description = {};
  std::string model = "playbook";
  std::string instructions = {};    // for models that read them
  Playbook playbook = {};           // for the model "playbook"
  std::vector<ToolUse> tools = {};  // what the agent may call; nothing else
  Limits limits = {};
  // A JSON schema that the answer satisfies: the answer is then its JSON text. Null: the answer is text.
  boost::json::value output_schema = nullptr;
  // Whether events are written by someone whom the agent may obey. Where they are not (the default), the model is told so,
  // the run is tainted from its beginning, and the check of lethal combinations applies.
  bool trusts_events = false;
  FlowControl flow = {};
  std::chrono::seconds approval_timeout{3'600};  // then a call that waits for a person is denied
};

}  // namespace ebagent
