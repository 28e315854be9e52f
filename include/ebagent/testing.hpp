#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ebagent/app.hpp"
#include "ebagent/clock.hpp"
#include "ebagent/event.hpp"
#include "ebagent/model.hpp"
#include "ebagent/model_settings.hpp"
#include "ebagent/result.hpp"
#include "ebagent/tool.hpp"

// For tests of agents, with any test framework or none; link ebagent::testing. See docs/testing-agents.md.
//
//   testing::Stage stage{app};
//   stage.script("alarm-responder", {testing::calls("send_notification", {{"topic", "ops"}}), testing::answers("Done.")});
//   stage.fake("send_notification", R"({"sent":true})");
//   auto run = stage.run("alarm-responder", event);
//   EXPECT_EQ(run.steps(), (std::vector<std::string>{"turn 1", "send_notification", "turn 2"}));
//   EXPECT_TRUE(stage.check());
namespace ebagent::testing {

// One turn of a scripted model, or its failing a number of times.
struct ScriptedTurn {
  Turn turn = {};
  std::optional<Error> failure = {};  // instead of the turn
  int times = 1;                      // that it is given
};

[[nodiscard]] ScriptedTurn answers(std::string text);
[[nodiscard]] ScriptedTurn calls(std::string tool, boost::json::object input = {});
// Several calls in one turn: calls({{.tool = "look", .input = ...}, {.tool = "tell", ...}}).
[[nodiscard]] ScriptedTurn calls(std::vector<ToolCall> all);
// A call whose arguments are no JSON object.
[[nodiscard]] ScriptedTurn broken_arguments(std::string tool, std::string text = R"({"cut": )");
[[nodiscard]] ScriptedTurn refuses(std::string text = "I cannot help with that.");
[[nodiscard]] ScriptedTurn cut_at_token_limit(std::string text = "And then");
// Failures of the service behind a model, all of which may pass: it throttles, its stream breaks off, it takes too long.
[[nodiscard]] ScriptedTurn overloaded(int times = 1);
[[nodiscard]] ScriptedTurn unavailable(int times = 1);
[[nodiscard]] ScriptedTurn times_out(int times = 1);

// Turns that a test wrote, given in their order. Thread safety: as every model.
class ScriptedModel final : public Model {
 public:
  explicit ScriptedModel(std::vector<ScriptedTurn> turns);
  ~ScriptedModel() override;
  Result<Turn> next(const Conversation& conversation, const TurnRequest& request) const override;
  [[nodiscard]] std::string_view name() const override { return "scripted"; }
  // Conflict when turns were not asked for.
  [[nodiscard]] Result<void> check() const;
  // What it was told of the outcomes of its calls, one text a call: JSON, or "error: ...".
  [[nodiscard]] std::vector<std::string> told() const;

 private:
  class State;
  std::unique_ptr<State> state_;
};

// A model that calls every tool it sees once, in one turn, with arguments that satisfy the tool's schema, and then answers
// with how many succeeded: "3 of 4 calls succeeded.". A tool for whose schema no value can be made is an InvalidArgument.
[[nodiscard]] std::shared_ptr<const Model> probe();

// A value that satisfies a JSON schema: the smallest that is easily made. InvalidArgument when none is found.
[[nodiscard]] Result<boost::json::value> valid_value(const boost::json::value& schema);

// A clock that stands still until it is moved. Safe to use from any thread.
class FakeClock final : public Clock {
 public:
  explicit FakeClock(TimePoint now);
  ~FakeClock() override;
  [[nodiscard]] TimePoint now() const override;
  void advance(Duration by);
  void set(TimePoint to);

 private:
  class State;
  std::unique_ptr<State> state_;
};

// One step of a run as it stands in the journal.
struct StageStep {
  std::string name = {};
  std::string kind = {};  // model, tool, handler, event, approval, agent
  std::string tool = {};  // of a call
  boost::json::value input = nullptr;
  boost::json::value output = nullptr;  // null when it failed
  std::string error = {};
  bool has_ended = false;
  int attempts = 1;
};

// What became of an agent's work on an event.
class StageRun {
 public:
  AgentRun run = {};                    // of the last attempt
  std::vector<StageStep> journal = {};  // all its steps
  int attempts = 0;                     // how often it was given the event

  [[nodiscard]] bool succeeded() const { return run.state == AgentRunState::Succeeded; }
  [[nodiscard]] const std::string& answer() const { return run.answer; }
  [[nodiscard]] const std::string& error() const { return run.error.message; }
  // The names of all steps, in order.
  [[nodiscard]] std::vector<std::string> steps() const;
  // Throws std::out_of_range when there is no step of that name.
  [[nodiscard]] const StageStep& step(std::string_view name) const;
  // The arguments of each call of the tool, in order.
  [[nodiscard]] std::vector<boost::json::value> calls(std::string_view tool) const;
};

struct StageOptions {
  TimePoint now = TimePoint{std::chrono::sys_days{std::chrono::year{2026} / 1 / 26}} + std::chrono::hours{16};
  int attempts = 5;  // as a delivery, which is tried again while that may help
};

// A place to put an agent on: store in memory, a clock that stands still, the same randomness each time, events that agents
// put kept instead of handled, and fakes in the place of models and tools. Use it from one thread.
// A tool that is not faked is called. What was faked for the app stays so for it.
class Stage {
 public:
  // `app` is set up, has handled no event, and outlives the stage. A process that "dies" is then played by the same object.
  explicit Stage(App& app, StageOptions options = {});
  // `make` is called for each process: at first, and after each crash.
  explicit Stage(std::function<App()> make, StageOptions options = {});
  ~Stage();
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

  // Who drives the agent. Throw std::invalid_argument when there is no agent of that name, or it is a handler.
  Stage& script(std::string_view agent, std::vector<ScriptedTurn> turns);
  Stage& cassette(std::string_view agent, const std::string& file, CassetteMode mode = CassetteMode::Replay);
  Stage& model(std::string_view agent, std::shared_ptr<const Model> model);

  // What a tool gives instead of being called: JSON text, whatever the arguments are; or what the function makes of them.
  // Arguments that do not satisfy the tool's schema are refused as the tool would. std::invalid_argument when there is no
  // tool of that name, or the text is no JSON.
  Stage& fake(std::string_view tool, std::string_view result_json);
  Stage& fake(std::string_view tool, Tool::Function function);
  // The tool, or what stands for it, fails the next `times` times.
  Stage& fail(std::string_view tool, Error error, int times = 1);
  // The process dies when the intent of the step is on disk: its tool is not called. Once; run() goes on in a new process.
  Stage& crash_after_intent(std::string step);
  // The process dies when the step is done and its result not yet on disk: the tool was called, and nobody knows.
  Stage& crash_before_result(std::string step);

  // Gives the event to the agent.
  StageRun run(std::string_view agent, const Event& event);
  StageRun run(std::string_view agent, std::string_view event_json);

  [[nodiscard]] FakeClock& clock();
  // That agents put, in order.
  [[nodiscard]] const std::vector<Event>& events() const;
  [[nodiscard]] App& app();
  // Conflict when turns of scripts or cassettes were not asked for, failures not used, or a crash did not come.
  [[nodiscard]] Result<void> check() const;

 private:
  class Parts;
  std::unique_ptr<Parts> parts_;
};

// An event for tests; the envelope's other fields are filled in. Throws std::invalid_argument when `detail_json` is no object.
[[nodiscard]] Event event(std::string source, std::string detail_type, std::string detail_json = "{}",
                          std::string id = "event-1");

}  // namespace ebagent::testing
