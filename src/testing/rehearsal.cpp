#include "testing/rehearsal.hpp"

#include <utility>

#include "agent/near_names.hpp"
#include "core/json.hpp"
#include "secrets/redactor.hpp"
#include "store/sqlite/sqlite_store.hpp"
#include "testing/fake_surroundings.hpp"
#include "testing/run_record.hpp"

namespace ebagent::testing {
namespace {

constexpr int kMostApprovals = 100;  // that a run waits for, one after the other

// Takes the model and the tools of a rehearsal back.
class StandIns {
 public:
  StandIns(App& app, const Rehearsal& rehearsal) : app_(app), agent_(rehearsal.agent) {
    if (rehearsal.model != nullptr) {
      model_ = app.model_of(agent_);
      app.replace_model(agent_, rehearsal.model);
    }
    if (rehearsal.tools == nullptr) return;
    for (const Tool& tool : app.tools_of(agent_)) {
      app.replace_tool(Tool(
          tool.name(), tool.description(), tool.input_schema(),
          [tools = rehearsal.tools, name = tool.name()](const boost::json::value& arguments,
                                                        const ToolContext&) {
            return tools->answer(name, arguments);
          },
          tool.options()));
    }
  }
  ~StandIns() {
    if (model_ != nullptr) app_.replace_model(agent_, model_);
    app_.restore_tools();
  }
  StandIns(const StandIns&) = delete;
  StandIns& operator=(const StandIns&) = delete;

 private:
  App& app_;
  const std::string agent_;
  std::shared_ptr<const Model> model_;
};

// Answers the first question that the run waits for; it then goes on. False when it waits for none.
Result<bool> answer_approvals(store::Store& store, const Rehearsal& rehearsal, const std::string& run_id,
                              TimePoint now) {
  BOOST_OUTCOME_TRY(const auto steps, store.steps(run_id));
  for (const store::Step& step : steps) {
    if (step.kind != "approval" || step.state != store::StepState::Started) continue;
    const auto answer = rehearsal.approvals.find(step.name);
    BOOST_OUTCOME_TRY(store.answer_step(run_id, step.name,
                                        answer == rehearsal.approvals.end()
                                            ? R"({"approved":true,"by":"the rehearsal"})"
                                            : core::write_json(answer->second),
                                        now));
    return true;
  }
  return false;
}

}  // namespace

Result<StageRun> rehearse(App& app, const Rehearsal& rehearsal) {
  if (!app.has_agent(rehearsal.agent)) {
    return ebagent::fail(ErrorCode::NotFound, "There is no agent \"" + rehearsal.agent + "\"." +
                                                  agent::hint_for(rehearsal.agent, app.agents()));
  }
  if (app.model_of(rehearsal.agent) == nullptr && rehearsal.tools != nullptr) {
    return ebagent::fail(ErrorCode::Unsupported,
                         "Agent \"" + rehearsal.agent +
                             "\" is a handler in C++: its steps would really be done. Test it with "
                             "ebagent::testing::Stage.");
  }
  BOOST_OUTCOME_TRY(auto opened, store::sqlite::open_memory());
  const std::shared_ptr<store::Store> store{std::move(opened)};
  const std::shared_ptr<const Clock> clock =
      rehearsal.clock != nullptr ? rehearsal.clock : std::make_shared<const FakeClock>(rehearsal.event.time);
  app.use({.store = store,
           .clock = clock,
           .random = std::make_shared<SameRandom>(),
           .events = std::make_shared<KeptEvents>(),
           .on_run = {}});
  const StandIns stand_ins{app, rehearsal};
  StageRun seen;
  for (int i = 0; i < kMostApprovals; ++i) {
    ++seen.attempts;
    auto response =
        app.respond_with(rehearsal.agent, rehearsal.event, ProcessOptions{.input = rehearsal.input});
    seen.run = std::move(response.runs.at(0));
    if (seen.run.state != AgentRunState::Waiting) break;
    BOOST_OUTCOME_TRY(const bool answered,
                      answer_approvals(*store, rehearsal, seen.run.run_id, clock->now()));
    if (!answered) break;
  }
  if (!seen.run.run_id.empty()) {
    BOOST_OUTCOME_TRY(const auto steps, store->steps(seen.run.run_id));
    seen.journal = read_steps(steps);
  }
  return seen;
}

models::Redact redact_of(const App& app) {
  const auto redactor = app.ports().redactor;
  if (redactor == nullptr) return {};
  return [redactor](boost::json::value value) { return redactor->redact(std::move(value)); };
}

}  // namespace ebagent::testing
