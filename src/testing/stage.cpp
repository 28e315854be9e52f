#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <stdexcept>
#include <utility>

#include "core/json.hpp"
#include "ebagent/testing.hpp"
#include "models/cassette.hpp"
#include "schema/json_schema.hpp"
#include "store/sqlite/sqlite_store.hpp"
#include "testing/fake_surroundings.hpp"
#include "testing/rehearsal.hpp"
#include "testing/run_record.hpp"
#include "testing/stage_store.hpp"

namespace ebagent::testing {
namespace {

namespace json = boost::json;

// What stands for a tool. Shared by the processes of a stage, so that a failure that was used stays used.
class FakeTool {
 public:
  Tool::Function function;  // null: the tool itself

  Result<json::value> call(const Tool& tool, const schema::Schema* schema, const json::value& arguments,
                           const ToolContext& context) {
    if (auto error = take_failure()) return ebagent::fail(*error);
    if (!function) return tool.invoke(arguments, context);
    if (schema != nullptr) {
      BOOST_OUTCOME_TRYV(schema->check(arguments));
    }
    return function(arguments, context);
  }

  void add_failure(Error error, int times) {
    const std::scoped_lock lock{mutex_};
    failures_.insert(failures_.end(), static_cast<std::size_t>(std::max(times, 0)), std::move(error));
  }
  [[nodiscard]] std::size_t failures_left() const {
    const std::scoped_lock lock{mutex_};
    return failures_.size();
  }

 private:
  std::optional<Error> take_failure() {
    const std::scoped_lock lock{mutex_};
    if (failures_.empty()) return std::nullopt;
    Error error = std::move(failures_.front());
    failures_.erase(failures_.begin());
    return error;
  }

  mutable std::mutex mutex_;  // guards failures_
  std::vector<Error> failures_;
};

Result<std::shared_ptr<store::Store>> open_memory() {
  BOOST_OUTCOME_TRY(auto store, store::sqlite::open_memory());
  return std::shared_ptr<store::Store>(std::move(store));
}

}  // namespace

class FakeClock::State {
 public:
  explicit State(TimePoint now) : now_(now.time_since_epoch().count()) {}
  std::atomic<Duration::rep> now_;
};

FakeClock::FakeClock(TimePoint now) : state_(std::make_unique<State>(now)) {}
FakeClock::~FakeClock() = default;
TimePoint FakeClock::now() const {
  return TimePoint{Duration{state_->now_.load()}};
}
void FakeClock::advance(Duration by) {
  state_->now_ += by.count();
}
void FakeClock::set(TimePoint to) {
  state_->now_ = to.time_since_epoch().count();
}

class Stage::Parts {
 public:
  Parts(App* given, std::function<App()> make, StageOptions with)
      : options(with), given_(given), make_(std::move(make)), clock(std::make_shared<FakeClock>(with.now)) {
    auto opened = open_memory();
    if (!opened) throw std::runtime_error(opened.error().message);
    store = std::make_shared<StageStore>(std::move(opened).assume_value());
    begin_process();
  }

  // A new process opens what the last one left.
  void begin_process() {
    store->open_anew();
    if (make_) made_.emplace(make_());
    app().use({.store = store, .clock = clock, .random = random, .events = sink, .on_run = {}});
    for (const auto& [agent, model] : models) app().replace_model(agent, model);
    for (const auto& [name, fake] : fakes) install(name);
  }

  App& app() { return made_ ? *made_ : *given_; }

  FakeTool& fake_of(const std::string& name) {
    auto& fake = fakes[name];
    if (fake == nullptr) fake = std::make_shared<FakeTool>();
    return *fake;
  }

  void install(const std::string& name) {
    const auto all = app().tools();
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const Tool& tool) { return tool.name() == name; });
    if (found == all.end()) {
      fakes.erase(name);
      throw std::invalid_argument("There is no tool \"" + name + "\" that could be faked.");
    }
    auto compiled = schema::Schema::compile(found->input_schema());
    const auto schema =
        compiled ? std::make_shared<const schema::Schema>(std::move(compiled).assume_value()) : nullptr;
    app().replace_tool(Tool(
        found->name(), found->description(), found->input_schema(),
        [tool = *found, fake = fakes[name], schema](const json::value& arguments,
                                                    const ToolContext& context) {
          return fake->call(tool, schema.get(), arguments, context);
        },
        found->options()));
  }

  void set_model(std::string_view agent, std::shared_ptr<const Model> model) {
    app().replace_model(agent, model);
    models.insert_or_assign(std::string(agent), std::move(model));
  }

  StageOptions options;

 private:
  App* given_;
  std::function<App()> make_;
  std::optional<App> made_;

 public:
  std::shared_ptr<FakeClock> clock;
  std::shared_ptr<SameRandom> random = std::make_shared<SameRandom>();
  std::shared_ptr<KeptEvents> sink = std::make_shared<KeptEvents>();
  std::shared_ptr<StageStore> store;
  std::map<std::string, std::shared_ptr<const Model>> models;
  std::map<std::string, std::shared_ptr<FakeTool>> fakes;
  std::vector<std::shared_ptr<const ScriptedModel>> scripts;
  std::vector<std::shared_ptr<models::Cassette>> cassettes;
};

Stage::Stage(App& app, StageOptions options) : parts_(std::make_unique<Parts>(&app, nullptr, options)) {}
Stage::Stage(std::function<App()> make, StageOptions options)
    : parts_(std::make_unique<Parts>(nullptr, std::move(make), options)) {}
Stage::~Stage() = default;

Stage& Stage::script(std::string_view agent, std::vector<ScriptedTurn> turns) {
  auto model = std::make_shared<const ScriptedModel>(std::move(turns));
  parts_->set_model(agent, model);
  parts_->scripts.push_back(std::move(model));
  return *this;
}

Stage& Stage::cassette(std::string_view agent, const std::string& file, CassetteMode mode) {
  const auto behind = parts_->app().model_of(agent);
  auto opened = mode == CassetteMode::Record
                    ? models::Cassette::open_to_record(file, std::string(agent),
                                                       behind ? std::string(behind->name()) : std::string{},
                                                       redact_of(parts_->app()))
                    : models::Cassette::open(file, redact_of(parts_->app()));
  if (!opened) throw std::invalid_argument(opened.error().message);
  parts_->set_model(agent, std::make_shared<const models::CassetteModel>(mode, opened.value(), behind));
  if (mode == CassetteMode::Replay) parts_->cassettes.push_back(std::move(opened).assume_value());
  return *this;
}

Stage& Stage::model(std::string_view agent, std::shared_ptr<const Model> model) {
  parts_->set_model(agent, std::move(model));
  return *this;
}

Stage& Stage::fake(std::string_view tool, std::string_view result_json) {
  auto result = core::parse_json(result_json);
  if (!result) {
    throw std::invalid_argument("What stands for the result of tool \"" + std::string(tool) +
                                "\": " + result.error().message);
  }
  return fake(tool,
              [result = std::move(result).assume_value()](
                  const json::value&, const ToolContext&) -> Result<json::value> { return result; });
}

Stage& Stage::fake(std::string_view tool, Tool::Function function) {
  parts_->fake_of(std::string(tool)).function = std::move(function);
  parts_->install(std::string(tool));
  return *this;
}

Stage& Stage::fail(std::string_view tool, Error error, int times) {
  parts_->fake_of(std::string(tool)).add_failure(std::move(error), times);
  parts_->install(std::string(tool));
  return *this;
}

Stage& Stage::crash_after_intent(std::string step) {
  parts_->store->arm({Crash::When::AfterIntent, std::move(step)});
  return *this;
}

Stage& Stage::crash_before_result(std::string step) {
  parts_->store->arm({Crash::When::BeforeResult, std::move(step)});
  return *this;
}

StageRun Stage::run(std::string_view agent, const Event& event) {
  StageRun seen;
  while (seen.attempts < parts_->options.attempts) {
    ++seen.attempts;
    auto response = parts_->app().respond_with(agent, event);
    seen.run = std::move(response.runs.at(0));
    if (parts_->store->is_dead()) {
      parts_->begin_process();
      continue;
    }
    if (seen.run.state != AgentRunState::Failed || seen.run.permanent) break;
  }
  if (!seen.run.run_id.empty()) {
    const auto steps = parts_->store->steps(seen.run.run_id);
    if (!steps) throw std::runtime_error(steps.error().message);
    seen.journal = read_steps(steps.value());
  }
  return seen;
}

StageRun Stage::run(std::string_view agent, std::string_view event_json) {
  auto read = parse_event(event_json, {.id = "event-1", .time = parts_->clock->now()});
  if (!read) throw std::invalid_argument("The event: " + read.error().message);
  return run(agent, read.value());
}

FakeClock& Stage::clock() {
  return *parts_->clock;
}

const std::vector<Event>& Stage::events() const {
  return parts_->sink->events();
}

App& Stage::app() {
  return parts_->app();
}

Result<void> Stage::check() const {
  for (const auto& script : parts_->scripts) {
    BOOST_OUTCOME_TRYV(script->check());
  }
  for (const auto& cassette : parts_->cassettes) {
    BOOST_OUTCOME_TRYV(cassette->check());
  }
  for (const auto& [name, fake] : parts_->fakes) {
    if (fake->failures_left() == 0) continue;
    return ebagent::fail(ErrorCode::Conflict, "Tool \"" + name + "\" was to fail " +
                                                  std::to_string(fake->failures_left()) +
                                                  " times more than it was called.");
  }
  if (const auto& crash = parts_->store->armed()) {
    return ebagent::fail(ErrorCode::Conflict, "The process was to die at step \"" + crash->step +
                                                  "\", which did not come (a read has no intent on disk).");
  }
  return success();
}

Event event(std::string source, std::string detail_type, std::string detail_json, std::string id) {
  auto detail = core::parse_json(detail_json);
  if (!detail || !detail.value().is_object()) {
    throw std::invalid_argument("The detail of an event is the text of a JSON object.");
  }
  Event made;
  made.id = std::move(id);
  made.source = std::move(source);
  made.detail_type = std::move(detail_type);
  made.account = "000000000000";
  made.region = "us-east-1";
  made.time = StageOptions{}.now;
  made.detail = std::move(detail_json);
  return made;
}

}  // namespace ebagent::testing
