#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ebagent/agent.hpp"
#include "ebagent/clock.hpp"
#include "ebagent/event.hpp"
#include "ebagent/hooks.hpp"
#include "ebagent/model.hpp"
#include "ebagent/model_settings.hpp"
#include "ebagent/result.hpp"
#include "ebagent/run.hpp"
#include "ebagent/tool.hpp"

namespace ebagent {

namespace core {
class Random;
}
namespace store {
class Store;
}
namespace delivery {
struct Record;
}
namespace agent {
class RunFeed;
class ToolDeclarations;
}  // namespace agent
namespace secrets {
class Redactor;
}

// How one event is to be processed.
struct ProcessOptions {
  std::optional<std::string> input = {};  // what a reshaping target gives instead of the whole event
  std::string rule_arn = {};  // of that target: with target_id part of the idempotency key, because one event
  std::string target_id = {};  //   may then reach one agent with several inputs
  Chain chain = {};            // that the event belongs to
  std::int64_t delivery =
      0;  // that brings the event, and brings it again when a run that waited goes on; 0: none
  // The run to be done, when one is done again (Store::rerun); empty: the one that the event makes.
  std::string resume_run = {};
  // Of a caller that has something to write itself when the event is done: how the runs ended is added here, for the same
  // transaction, and is not on disk before. Null: it is on disk when the call returns.
  delivery::Record* record = nullptr;
};

// Waiting: a person is to approve something; the run goes on when it was answered and the event is given again.
enum class AgentRunState { Succeeded, Failed, Waiting, Cancelled };

// "succeeded", "failed", "waiting", "cancelled".
[[nodiscard]] std::string_view to_string(AgentRunState state);

// What became of one agent's work on one event.
struct AgentRun {
  std::string run_id;  // empty when the run could not begin
  std::string agent;
  std::string event_id;
  int hops = 0;  // 0: the event given; more: an event that an agent put meanwhile
  int attempts = 0;
  AgentRunState state = AgentRunState::Failed;
  std::string answer;              // when Succeeded
  Error error;                     // when Failed
  bool permanent = false;          // when Failed: trying again cannot help
  std::string stop_reason;         // a word for why it ended: "answer", "turns", "cost", "refusal" ...
  Usage usage;                     // tokens of its turns, and
  std::optional<double> cost_usd;  // what they cost, when the model has a price
  std::optional<TimePoint> wakes;  // when Waiting: the time at which it goes on in any case
  bool repeated = false;           // the stored answer of an earlier run of the same event; nothing was done
  Duration took{0};
};

// What became of one event.
struct Response {
  std::string text;  // the answers of the agents that the event was given to, one after the other
  std::vector<AgentRun>
      runs;  // theirs, then those of events they put (when the process itself handles these)
  std::vector<std::string> rules;  // names of the rules that matched
  bool matched = false;            // some agent was responsible
  std::optional<Error> error;  // the event, or one that an agent put, could not be matched against the rules
};

// A rule of the app: which events, or when, and which agents.
struct AppRule {
  std::string name = {};
  std::string pattern = {};   // an EventPattern's JSON text, or
  std::string schedule = {};  // rate(...), cron(...) or at(...)
  std::vector<std::string> agents = {};
  bool enabled = true;
};

struct AppSettings {
  // How long the answer of a finished run stands for its event. As long as deliveries are retried by default.
  std::chrono::seconds idempotency_expiry{86'400};
  int hop_limit = kDefaultHopLimit;
  std::map<std::string, Price> prices = {};          // by the name of a model; * stands for any characters
  std::map<std::string, ModelSettings> models = {};  // by the name that agents use
};

// Where a program runs, as its command line says.
struct Place {
  std::filesystem::path data;                            // for what the app's tools keep
  std::map<std::string, std::filesystem::path> buckets;  // folders that stand for S3 buckets, by name
  std::optional<std::filesystem::path> config;           // an agents.yaml
};

// What an app works with. What is left empty is chosen by the app: a store in memory, the machine's clock,
// and a queue of its own for events that agents put (handled after the run, before process_event returns).
struct AppPorts {
  std::shared_ptr<store::Store> store = {};
  std::shared_ptr<const Clock> clock = {};
  std::shared_ptr<core::Random> random = {};
  std::shared_ptr<EventSink> events = {};
  // Reads what an agents.yaml declares under `tools`; without it nothing can be declared there. See add_declared_tools().
  std::shared_ptr<const agent::ToolDeclarations> declarations = {};
  // Knows the secrets that tools use and keeps them out of what is written; see src/secrets/redactor.hpp.
  std::shared_ptr<secrets::Redactor> redactor = {};
  // Told what runs do while they do it; null: nobody is.
  std::shared_ptr<agent::RunFeed> feed = {};
  // Called after each run, on its thread; for logs and metrics.
  std::function<void(const Event&, const AgentRun&)> on_run = {};
};

// The library's front door: tools, agents, handlers and the rules that bring events to them.
// Set it up first (from one thread), then process events from as many threads as needed; agents and tools run
// on the caller's thread and may block. The functions that set up throw std::invalid_argument for what cannot
// be meant.
class App {
 public:
  explicit App(std::string name = "eventbridge-agent", AppPorts ports = {});
  App(App&&) noexcept;
  App& operator=(App&&) noexcept;
  ~App();

  // Replaces the ports that are given; before the first event is processed.
  App& use(AppPorts ports);
  App& settings(AppSettings settings);

  App& tool(Tool tool);
  template <class F>
  App& tool(std::string name, std::string description, F function, ToolOptions options = {}) {
    return tool(Tool::from(std::move(name), std::move(description), std::move(function), options));
  }

  App& agent(AgentSpec spec);

  // A model that agents may name.
  App& model(std::string name, std::shared_ptr<const Model> model);
  App& model(std::string name, ModelSettings settings);
  // Stand-ins, for tests and rehearsals of an app that is set up: from here on the agent is driven by this model; this tool is
  // called wherever an agent may call the one of its name (that of an agent as a tool is agent_NAME). Not while events are
  // processed. Throw std::invalid_argument when there is none of that name.
  App& replace_model(std::string_view agent, std::shared_ptr<const Model> model);
  App& replace_tool(Tool tool);
  // Takes every replaced tool back.
  App& restore_tools();
  // Of an agent; null and none when there is no agent of that name. A handler has no model.
  [[nodiscard]] std::shared_ptr<const Model> model_of(std::string_view agent) const;
  [[nodiscard]] std::vector<Tool> tools_of(std::string_view agent) const;

  // Code that looks at, and may forbid, what agents do; given again, it takes the place of the earlier.
  App& hooks(Hooks hooks);

  // An agent that is a C++ function of (const Event&, Run&) and returns its answer: a string, anything that a
  // step may return (as JSON), nothing, or a Result of one. `tools` are what run.call may call.
  template <class F>
  App& handler(std::string name, F function, std::vector<std::string> tools = {}, Limits limits = {});

  // When events that are delivered to the agent become runs; for handlers, and for agents that are there already.
  App& flow(std::string_view agent, FlowControl flow);

  // Events that match the pattern go to the agent; a pattern given twice gives one rule with both agents.
  App& on(std::string_view pattern_json, std::string_view agent);
  // The agent is woken by a schedule; who runs the app (serve) keeps the time.
  App& every(std::string_view schedule_expression, std::string_view agent);
  App& rule(AppRule rule);

  // Adds what an agents.yaml says. Malformed or InvalidArgument with FILE:LINE:COLUMN, what is wrong and what
  // to do; nothing is added then.
  Result<void> load(const std::filesystem::path& file);
  Result<void> load_text(std::string_view yaml, std::string_view file_name = "agents.yaml");

  // What is still to be set up once the place is known: tools that keep something below its folder, for
  // example.
  App& on_start(std::function<Result<void>(App&, const Place&)> prepare);
  // Lets `reader` read what an agents.yaml says under `key`, as JSON text (an empty text is never given). Sections are read in
  // the order in which they were added and before the agents, so that these can use the tools that a section adds. The Place is
  // that of start(), or an empty one. When a message of the reader begins with a JSON pointer into the section ("/0/url: ...",
  // as argument errors do), the place of that node in the file is told. What the reader adds is taken back when anything in the
  // file is wrong. Throws std::invalid_argument for a key that is taken.
  using SectionReader = std::function<Result<void>(App&, const Place&, std::string_view json)>;
  App& section(std::string key, SectionReader reader);
  // The configuration of a place that names none. Its rules serve process_event; only rules of a named
  // configuration, or of the program's own code, are put on a bus.
  App& default_config(std::string yaml, std::string file_name);
  [[nodiscard]] bool has_default_config() const;
  // Completes the set-up: calls what on_start was given, loads the configuration, and checks. Once, by main.
  Result<void> start(const Place& place);

  // Whether every agent and tool that is named exists. NotFound names the missing one and those spelled
  // alike.
  [[nodiscard]] Result<void> check() const;

  [[nodiscard]] const std::string& name() const;
  [[nodiscard]] const AppSettings& settings() const;
  [[nodiscard]] const AppPorts& ports() const;
  [[nodiscard]] std::vector<std::string> agents() const;
  [[nodiscard]] bool has_agent(std::string_view name) const;
  // Null when there is no agent of that name.
  [[nodiscard]] const AgentSpec* spec(std::string_view name) const;
  // Whether any agent has flow control.
  [[nodiscard]] bool has_flow_control() const;
  // Those that respond() gives the event to. Errors: as pattern::matches().
  [[nodiscard]] Result<std::vector<std::string>> agents_for(const Event& event) const;
  [[nodiscard]] std::vector<Tool> tools() const;
  [[nodiscard]] const std::vector<AppRule>& rules() const;
  // The rules that bring the events of FlowControl::cancel_on to their agents; a bus has them beside rules().
  [[nodiscard]] std::vector<AppRule> cancel_rules() const;

  // Gives the event to every agent whose rule matches (without one: to the agent `generic`, if there is one)
  // and waits for them. The same event again continues what failed and answers from the journal what was
  // done. Errors: that of the first failed run; the successes are on record, so that trying again resumes
  // only the failed.
  Result<Response> process_event(const Event& event, const ProcessOptions& options = {});
  // The same for one agent, as the target of a rule. NotFound when there is none of that name.
  Result<Response> process_event_with(std::string_view agent, const Event& event,
                                      const ProcessOptions& options = {});

  // As the two above, but failures are in the response: its runs, or its error.
  Response respond(const Event& event, const ProcessOptions& options = {});
  Response respond_with(std::string_view agent, const Event& event, const ProcessOptions& options = {});

  // Ends a run that is under way or waits: durably, and at its next step if it is at work in this process. What it did stays
  // done. NotFound, or Conflict when it is over.
  Result<void> cancel(std::string_view run_id, std::string_view reason);

  // The program: demo, invoke, serve ...; see --help. Returns the exit code. Defined by the command line's
  // own part.
  int main(int argc, char** argv);

 private:
  using Handler = std::function<Result<std::string>(const Event&, Run&)>;
  App& add_handler(std::string name, Handler function, std::vector<std::string> tools, Limits limits);

  class Parts;
  std::unique_ptr<Parts> parts_;
};

namespace detail {
// The answer a handler's result stands for: text as it is, anything else as JSON.
[[nodiscard]] std::string answer_text(const boost::json::value& result);
}  // namespace detail

template <class F>
App& App::handler(std::string name, F function, std::vector<std::string> tools, Limits limits) {
  static_assert(std::is_invocable_v<F&, const Event&, Run&>, "A handler takes (const Event&, Run&).");
  return add_handler(
      std::move(name),
      [function = std::move(function)](const Event& event, Run& run) mutable -> Result<std::string> {
        auto result = detail::call_encoded([&] { return function(event, run); });
        if (!result) return fail(result.error());
        return detail::answer_text(result.value());
      },
      std::move(tools), limits);
}

}  // namespace ebagent
