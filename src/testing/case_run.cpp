#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include "core/json.hpp"
#include "core/json_difference.hpp"
#include "models/cassette.hpp"
#include "testing/rehearsal.hpp"
#include "testing/run_record.hpp"
#include "testing/test_case.hpp"

namespace ebagent::testing {
namespace {

constexpr std::size_t kShownDifferences = 6;  // of one step's arguments

std::string in_quotes(std::string_view text) {
  return "\"" + std::string(text) + "\"";
}

// Two texts line by line, for an answer that is another.
std::string compared(std::string_view what, const std::string& expected, const std::string& got) {
  return std::string(what) + " is another:\n  expected " + in_quotes(expected) + "\n  got      " +
         in_quotes(got);
}

void compare_input(const ExpectedStep& expected, const StageStep& got, std::vector<std::string>& found) {
  if (!expected.input) return;
  const auto places = core::differences(*expected.input, got.input);
  if (places.empty()) return;
  std::string text = "Step " + in_quotes(got.name) + " has other arguments:";
  for (std::size_t i = 0; i < std::min(places.size(), kShownDifferences); ++i) {
    text += "\n  " + (places[i].pointer.empty() ? std::string("(all)") : places[i].pointer) +
            "\n    expected " + places[i].before + "\n    got      " + places[i].after;
  }
  if (places.size() > kShownDifferences)
    text += "\n  and " + std::to_string(places.size() - kShownDifferences) + " more";
  found.push_back(std::move(text));
}

std::string names(const std::vector<std::string>& all) {
  std::string text;
  for (const std::string& name : all) text += (text.empty() ? "" : ", ") + name;
  return text.empty() ? "none" : text;
}

void compare_steps(const TestCase& test, const StageRun& run, std::vector<std::string>& found) {
  if (!test.steps) return;
  std::vector<const StageStep*> made;
  for (const StageStep& step : run.journal) {
    if (is_call(step)) made.push_back(&step);
  }
  std::vector<std::string> expected_names, made_names;
  for (const ExpectedStep& step : *test.steps) expected_names.push_back(step.step);
  for (const StageStep* step : made) made_names.push_back(step->name);
  if (expected_names != made_names) {
    found.push_back("The calls are others:\n  expected " + names(expected_names) + "\n  got      " +
                    names(made_names));
  }
  for (std::size_t i = 0; i < std::min(made.size(), test.steps->size()); ++i) {
    const ExpectedStep& expected = (*test.steps)[i];
    if (expected.step == made[i]->name) compare_input(expected, *made[i], found);
  }
}

void compare_end(const TestCase& test, const StageRun& run, std::vector<std::string>& found) {
  if (to_string(run.run.state) != test.state) {
    found.push_back("The run " + std::string(to_string(run.run.state)) + ", expected " + test.state + "." +
                    (run.run.error.message.empty() ? "" : "\n  " + run.run.error.message));
  }
  if (test.answer && run.succeeded() && run.answer() != *test.answer) {
    found.push_back(compared("The answer", *test.answer, run.answer()));
  }
  if (test.error && !run.succeeded() && run.error().find(*test.error) == std::string::npos) {
    found.push_back(compared("The error", *test.error, run.error()));
  }
}

}  // namespace

std::vector<std::string> compare(const TestCase& test, const StageRun& run) {
  std::vector<std::string> found;
  compare_steps(test, run, found);
  compare_end(test, run, found);
  return found;
}

Result<Verdict> run_case(App& app, const TestCase& test, CassetteMode mode) {
  Rehearsal rehearsal{
      .agent = test.agent, .event = test.event, .input = test.input, .approvals = test.approvals};
  std::shared_ptr<models::Cassette> cassette;
  if (!test.cassette.empty() && mode != CassetteMode::Live) {
    const auto own = app.model_of(test.agent);
    BOOST_OUTCOME_TRY(cassette,
                      mode == CassetteMode::Record
                          ? models::Cassette::open_to_record(
                                test.cassette, test.agent,
                                own == nullptr ? std::string{} : std::string(own->name()), redact_of(app))
                          : models::Cassette::open(test.cassette, redact_of(app)));
    rehearsal.model = std::make_shared<const models::CassetteModel>(mode, cassette, own);
  }
  const auto driver = rehearsal.model != nullptr ? rehearsal.model : app.model_of(test.agent);
  const bool may_ask_a_service =
      mode != CassetteMode::Replay || (cassette == nullptr && driver != nullptr && !driver->is_repeatable());
  if (may_ask_a_service) rehearsal.clock = std::make_shared<const SystemClock>();
  if (!test.has_real_tools) rehearsal.tools = std::make_shared<RecordedTools>(test.calls, UnknownCall::Fails);
  Verdict verdict;
  BOOST_OUTCOME_TRY(verdict.run, rehearse(app, rehearsal));
  verdict.differences = compare(test, verdict.run);
  if (rehearsal.tools != nullptr) {
    for (const RecordedCall& call : rehearsal.tools->unknown()) {
      verdict.differences.push_back("Tool " + in_quotes(call.tool) + " has no recorded result for " +
                                    core::write_json(call.input) + ".");
    }
  }
  if (cassette != nullptr && mode == CassetteMode::Replay) {
    if (auto checked = cassette->check(); !checked) verdict.differences.push_back(checked.error().message);
  }
  return verdict;
}

}  // namespace ebagent::testing
