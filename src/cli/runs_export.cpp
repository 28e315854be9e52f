#include <boost/json.hpp>
#include <iostream>

#include "cli/commands.hpp"
#include "cli/find_run.hpp"
#include "cli/place.hpp"
#include "cli/terminal.hpp"
#include "cli/work_folder.hpp"
#include "core/json.hpp"
#include "core/whole_file.hpp"
#include "models/cassette.hpp"
#include "models/turn_record.hpp"
#include "store/sqlite/sqlite_store.hpp"
#include "testing/rehearsal.hpp"
#include "testing/test_case.hpp"

namespace ebagent::cli {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

struct Recorded {
  store::Run run;
  std::vector<store::Step> steps;
};

Result<Recorded> read_run(const RunsExportOptions& options) {
  BOOST_OUTCOME_TRY(const auto store, store::sqlite::open_read_only(options.data));
  Recorded recorded;
  BOOST_OUTCOME_TRY(recorded.run, find_run(*store, options.run_id));
  BOOST_OUTCOME_TRY(recorded.steps, store->steps(recorded.run.id));
  return recorded;
}

// The turns that the journal has.
Result<std::vector<testing::ScriptedTurn>> turns_of(const Recorded& recorded) {
  std::vector<testing::ScriptedTurn> turns;
  for (const store::Step& step : recorded.steps) {
    if (step.kind != "model") continue;
    if (step.state != store::StepState::Succeeded) {
      return fail(ErrorCode::Unsupported,
                  "In run " + recorded.run.id + " the model failed: there is no turn to be replayed.");
    }
    BOOST_OUTCOME_TRY(const auto record, core::parse_json(step.output));
    BOOST_OUTCOME_TRY(auto turn, models::turn_from_record(record));
    turns.push_back({.turn = std::move(turn)});
  }
  return turns;
}

Result<void> same_way(const testing::TestCase& test, const testing::StageRun& run) {
  const auto differences = testing::compare(test, run);
  if (differences.empty()) return success();
  std::string text = "With this configuration the run goes another way than on record:";
  for (const std::string& difference : differences) text += "\n" + difference;
  return fail(ErrorCode::Conflict, text);
}

// The requests are not on record. They are had by going through the run again with the recorded turns and results.
Result<models::CassetteContent> record_cassette(App& app, const testing::TestCase& test,
                                                const Recorded& recorded) {
  BOOST_OUTCOME_TRY(auto turns, turns_of(recorded));
  std::string name;
  for (const auto& turn : turns) name = turn.turn.model.empty() ? name : turn.turn.model;
  if (name.empty()) name = std::string(app.model_of(test.agent)->name());
  const auto cassette = std::make_shared<models::Cassette>(
      "", models::CassetteContent{.agent = test.agent, .model = std::move(name)}, testing::redact_of(app));
  testing::Rehearsal rehearsal{.agent = test.agent, .event = test.event, .input = test.input};
  rehearsal.model = std::make_shared<const models::CassetteModel>(
      CassetteMode::Record, cassette, std::make_shared<const testing::ScriptedModel>(std::move(turns)));
  rehearsal.tools = std::make_shared<testing::RecordedTools>(test.calls, testing::UnknownCall::Fails);
  rehearsal.approvals = test.approvals;
  BOOST_OUTCOME_TRY(const auto run, testing::rehearse(app, rehearsal));
  BOOST_OUTCOME_TRYV(same_way(test, run));
  return cassette->content();
}

fs::path test_file_of(const RunsExportOptions& options) {
  if (!options.test.empty()) return options.test;
  fs::path file = options.cassette;
  return file.replace_extension(".test.json");
}

struct Written {
  fs::path test;
  fs::path cassette;
};

Result<Written> export_run(const RunsExportOptions& options, App& app) {
  BOOST_OUTCOME_TRY(const auto recorded, read_run(options));
  BOOST_OUTCOME_TRY(auto test, testing::case_of(recorded.run, recorded.steps));
  BOOST_OUTCOME_TRY(const auto folder, WorkFolder::open(std::nullopt));
  BOOST_OUTCOME_TRYV(app.start(place_of(folder.path(), {}, options.config)));
  const auto model = app.model_of(test.agent);
  if (model == nullptr) {
    return fail(ErrorCode::InvalidArgument, "The configuration has no agent \"" + test.agent +
                                                "\" with a model; name the one that has, with --config.");
  }
  if (options.config) test.config = *options.config;
  Written written{.test = test_file_of(options), .cassette = {}};
  if (!model->is_repeatable()) {
    if (options.cassette.empty()) {
      return fail(ErrorCode::InvalidArgument,
                  "Agent \"" + test.agent +
                      "\" is driven by a language model; name a file for its turns "
                      "with --cassette.");
    }
    BOOST_OUTCOME_TRY(const auto content, record_cassette(app, test, recorded));
    BOOST_OUTCOME_TRYV(models::write_cassette(options.cassette, content));
    test.cassette = written.cassette = options.cassette;
  } else {
    testing::Rehearsal rehearsal{.agent = test.agent, .event = test.event, .input = test.input};
    rehearsal.tools = std::make_shared<testing::RecordedTools>(test.calls, testing::UnknownCall::Fails);
    rehearsal.approvals = test.approvals;
    BOOST_OUTCOME_TRY(const auto run, testing::rehearse(app, rehearsal));
    BOOST_OUTCOME_TRYV(same_way(test, run));
  }
  const std::string text = core::write_json_pretty(testing::to_json(test, written.test.parent_path())) + "\n";
  BOOST_OUTCOME_TRYV(core::replace_file(written.test, text));
  return written;
}

}  // namespace

int run_runs_export(const RunsExportOptions& options, App& app) {
  const auto written = export_run(options, app);
  if (!written) return report(written.error());
  const Written& files = written.value();
  if (options.output == Output::Json) {
    std::cout << core::write_json(json::object{
                     {"test", files.test.string()},
                     {"cassette",
                      files.cassette.empty() ? json::value(nullptr) : json::value(files.cassette.string())}})
              << '\n';
    return kOk;
  }
  if (!files.cassette.empty()) std::cout << "cassette  " << files.cassette.string() << '\n';
  std::cout << "test      " << files.test.string() << '\n'
            << "Run it with: eventbridge-agent test " << files.test.string() << '\n';
  return kOk;
}

}  // namespace ebagent::cli
