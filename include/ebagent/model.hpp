#pragma once

#include <boost/json/value.hpp>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ebagent/agent.hpp"
#include "ebagent/clock.hpp"
#include "ebagent/event.hpp"
#include "ebagent/result.hpp"

namespace ebagent {

// A tool as a model sees it: without the arguments that are bound.
struct ToolView {
  std::string name = {};
  std::string description = {};
  boost::json::value input_schema = {};  // a closed JSON schema of an object
};

// A tool call that a model asks for.
struct ToolCall {
  std::string id = {};    // the model's own name of the call, to be given back with its result; may be empty
  std::string name = {};  // of the step; made unique in the run. Empty: the tool's
  std::string tool = {};
  boost::json::value input = {};
  OnError on_error = OnError::Continue;
  std::string malformed = {};  // arguments that are no JSON object, as they came; empty when they are one
};

// Why a model ended its turn.
enum class TurnEnd {
  Answer,       // its text is the answer
  ToolCalls,    // it waits for the results of its calls
  MaxTokens,    // the turn was cut at its token limit
  ContextFull,  // the conversation does not fit into the model's context
  Refusal,      // the model or its service will not answer: safety, content filter
  Guardrail,    // a guardrail intervened
  Paused,       // it wants to be asked again to go on
};

// Tokens that a turn cost, as the service counted them. `input` is what was not read from or written to a cache.
struct Usage {
  std::int64_t input = 0;
  std::int64_t output = 0;
  std::int64_t cache_read = 0;
  std::int64_t cache_write = 0;

  [[nodiscard]] std::int64_t total() const { return input + output + cache_read + cache_write; }
  Usage& operator+=(const Usage& other) {
    input += other.input;
    output += other.output;
    cache_read += other.cache_read;
    cache_write += other.cache_write;
    return *this;
  }
  bool operator==(const Usage&) const = default;
};

// One answer of a model: tool calls to be made before it is asked again, or, when there are none, its final text.
struct Turn {
  std::vector<ToolCall> calls = {};
  std::string text = {};  // may accompany calls
  TurnEnd end = TurnEnd::Answer;
  Usage usage = {};
  std::string model = {};  // as the service names what answered; may be empty
  // What the service wants back word for word in the next request (signed thinking, for example); null when text and calls
  // say it all.
  boost::json::value content = nullptr;
};

// A turn, what came of its calls, and what the runtime said to it.
struct Exchange {
  Turn turn = {};
  std::vector<Result<boost::json::value>> outcomes = {};  // one a call, in order
  std::string feedback = {};                              // a message of the runtime; empty: none
  bool is_trimmed = false;  // to save room its results are left out; models say so in their place
};

// All a model decides by. Derived from the journal, so that it is the same after a crash.
struct Conversation {
  const Event& event;
  const std::string& input;  // what the agent was given: the envelope's text, or a reshaping target's input
  std::string instructions = {};
  std::string task = {};  // the first message: what to do, in the runtime's words
  std::string data = {};  // behind it: the event, delimited and said to be data. Not to be trusted
  std::vector<ToolView> tools = {};
  std::vector<Exchange> exchanges = {};
};

// How one turn is asked for.
struct TurnRequest {
  TimePoint deadline = TimePoint::max();
  // Called with pieces of text as they come, on the caller's thread, when the model streams.
  std::function<void(std::string_view)> on_text = {};
  // Called when what on_text was given is void: the turn failed in its middle and is tried again from its beginning.
  std::function<void()> on_restart = {};
  std::function<bool()> is_cancelled = {};  // looked at now and then; ends the turn with Conflict
};

// What decides the next tool call of an agent.
// Thread safety: next() may be called from several threads at once.
class Model {
 public:
  virtual ~Model() = default;

  // The next turn. Blocks until it is there or the deadline. Errors: what is wrong with the model's own working. Unavailable,
  // Overloaded and TimedOut are worth another try later, all others are not: InvalidArgument for a request that the service
  // refuses, Unsupported, Malformed for an answer that is none. A failed tool call is part of the conversation instead.
  virtual Result<Turn> next(const Conversation& conversation, const TurnRequest& request) const = 0;

  // As people read it in the journal.
  [[nodiscard]] virtual std::string_view name() const = 0;

  // True when next() costs nothing and depends on the conversation alone: its turn need not be durable before
  // the next tool call's intent is.
  [[nodiscard]] virtual bool is_repeatable() const { return false; }
};

}  // namespace ebagent
