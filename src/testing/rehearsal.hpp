#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ebagent/app.hpp"
#include "ebagent/clock.hpp"
#include "ebagent/event.hpp"
#include "ebagent/model.hpp"
#include "ebagent/result.hpp"
#include "ebagent/testing.hpp"
#include "models/cassette_request.hpp"
#include "testing/recorded_tools.hpp"

namespace ebagent::testing {

// An agent's work on an event that leaves no trace: in a store of its own, with results of tools from a record.
struct Rehearsal {
  std::string agent = {};
  Event event = {};
  std::optional<std::string> input = {};
  std::shared_ptr<const Model> model = {};    // null: the agent's own
  std::shared_ptr<RecordedTools> tools = {};  // null: the tools themselves are called
  // Null: one that stands still at the event's time. Models behind services need the machine's, by which their time runs out.
  std::shared_ptr<const Clock> clock = {};
  // Answers of people, by the name of the step that asks; who is not in it approves.
  std::map<std::string, boost::json::value> approvals = {};
};

// Does it. `app` is set up, and as it was afterwards but for its ports. NotFound when there is no such agent, Unsupported for a
// handler in C++ with steps of its own (their functions would really run) when tools are to be answered from a record; what the
// store says otherwise.
[[nodiscard]] Result<StageRun> rehearse(App& app, const Rehearsal& rehearsal);

// Takes the secrets that the app knows out of what goes onto a cassette.
[[nodiscard]] models::Redact redact_of(const App& app);

}  // namespace ebagent::testing
