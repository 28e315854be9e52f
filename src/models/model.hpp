#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "ebagent/agent.hpp"
#include "ebagent/event.hpp"
#include "ebagent/result.hpp"

namespace ebagent::models {

// A tool call that a model asks for.
struct ToolCall {
  std::string name;  // of the step: unique in the run
  std::string tool;
  boost::json::value input;
  OnError on_error = OnError::Continue;
};

// One answer of a model: tool calls to be made before it is asked again, or, when there are none, its final
// text.
struct Turn {
  std::vector<ToolCall> calls;
  std::string answer;
};

// A tool call that was made and what came of it.
struct ToolOutcome {
  ToolCall call;
  Result<boost::json::value> output;
};

// All a model decides by. Derived from the journal, so that it is the same after a crash.
struct Conversation {
  const Event& event;
  const std::string& input;  // what the agent was given: the envelope's text, or a reshaping target's input
  std::vector<ToolOutcome> outcomes;
};

// What decides the next tool call of an agent.
// Thread safety: next() may be called from several threads at once.
class Model {
 public:
  virtual ~Model() = default;

  // The next turn. Errors: what is wrong with the model's own working (a template that does not fit the
  // event, a service that does not answer); a failed tool call is part of the conversation instead.
  virtual Result<Turn> next(const Conversation& conversation) const = 0;

  // As people read it in the journal.
  [[nodiscard]] virtual std::string_view name() const = 0;

  // True when next() costs nothing and depends on the conversation alone: its turn need not be durable before
  // the next tool call's intent is.
  [[nodiscard]] virtual bool is_repeatable() const = 0;
};

}  // namespace ebagent::models
