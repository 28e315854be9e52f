#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace ebagent {

// What one attempt of a run may use up; past a limit the run fails with the limit's name and the event is
// dead-lettered.
struct Limits {
  int turns = 20;  // model turns; generous for a task, small enough to end a loop soon
  int tool_calls = 50;
  std::chrono::seconds seconds{300};  // wall time of one attempt
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
  std::string instructions = {};        // for models that read them
  Playbook playbook = {};               // for the model "playbook"
  std::vector<std::string> tools = {};  // what the agent may call; nothing else
  Limits limits = {};
};

}  // namespace ebagent
