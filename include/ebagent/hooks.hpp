#pragma once

#include <boost/json/value.hpp>
#include <functional>
#include <string>

#include "ebagent/event.hpp"
#include "ebagent/model.hpp"
#include "ebagent/result.hpp"
#include "ebagent/tool.hpp"

namespace ebagent {

// The run that a hook looks at.
struct HookContext {
  const std::string& run_id;
  const std::string& agent;
  const Event& event;
  const std::string& step;  // the turn's or call's
};

// Code that looks at, and may forbid, what agents do. Hooks run on the run's thread (those of calls on the call's), only for
// what is really done and not when it is read back from the journal; they must bear being called from several threads.
// What a hook throws counts as an error. Null hooks are passed over.
struct Hooks {
  // An error ends the run with it.
  std::function<Result<void>(const HookContext&, const Conversation&)> before_turn = {};
  std::function<void(const HookContext&, const Turn&)> after_turn = {};
  // An error forbids the call: the model is told the error's message, and the tool is not called.
  std::function<Result<void>(const HookContext&, const Tool&, const boost::json::value& arguments)>
      before_call = {};
  std::function<void(const HookContext&, const Tool&, const Result<boost::json::value>& outcome)> after_call =
      {};
  // Pieces of a turn's text as they come, from models that stream.
  std::function<void(const HookContext&, std::string_view text)> on_text = {};
};

}  // namespace ebagent
