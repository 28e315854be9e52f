#include "testing/shadow.hpp"

#include <algorithm>
#include <utility>

#include "core/json.hpp"
#include "core/json_difference.hpp"
#include "testing/rehearsal.hpp"
#include "testing/run_record.hpp"
#include "testing/test_case.hpp"

namespace ebagent::testing {
namespace {

std::string text_of(const boost::json::value& arguments) {
  return core::write_json(core::with_sorted_members(arguments));
}

int turns_in(const std::vector<StageStep>& journal) {
  return static_cast<int>(
      std::count_if(journal.begin(), journal.end(), [](const auto& step) { return step.kind == "model"; }));
}

// Pairs the calls of now with those on record: first the equal ones, then those of the same tool in their order.
std::vector<ShadowCall> pair(const std::vector<RecordedCall>& before, const std::vector<StageStep>& journal) {
  std::vector<bool> is_paired(before.size(), false);
  const auto take = [&](const auto& fits) -> const RecordedCall* {
    for (std::size_t i = 0; i < before.size(); ++i) {
      if (is_paired[i] || !fits(before[i])) continue;
      is_paired[i] = true;
      return &before[i];
    }
    return nullptr;
  };
  std::vector<ShadowCall> calls;
  for (const StageStep& step : journal) {
    if (!is_call(step)) continue;
    ShadowCall call{.change = CallChange::New, .tool = step.tool, .after = step.input};
    const std::string arguments = text_of(step.input);
    const RecordedCall* equal = take([&](const RecordedCall& recorded) {
      return recorded.tool == step.tool && text_of(recorded.input) == arguments;
    });
    if (equal != nullptr) {
      call.change = CallChange::Same;
      call.before = equal->input;
    }
    calls.push_back(std::move(call));
  }
  for (ShadowCall& call : calls) {
    if (call.change != CallChange::New) continue;
    const RecordedCall* other =
        take([&](const RecordedCall& recorded) { return recorded.tool == call.tool; });
    if (other == nullptr) continue;
    call.change = CallChange::Other;
    call.before = other->input;
  }
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (is_paired[i]) continue;
    calls.push_back({.change = CallChange::Gone, .tool = before[i].tool, .before = before[i].input});
  }
  return calls;
}

Result<ShadowReport> compared(App& app, Rehearsal rehearsal, const std::vector<RecordedCall>& before) {
  rehearsal.tools = std::make_shared<RecordedTools>(before, UnknownCall::StandsIn);
  rehearsal.clock = std::make_shared<const SystemClock>();
  BOOST_OUTCOME_TRY(const auto now, rehearse(app, rehearsal));
  ShadowReport report{.event_id = rehearsal.event.id, .agent = rehearsal.agent};
  report.calls = pair(before, now.journal);
  report.turns_after = turns_in(now.journal);
  report.state_after = to_string(now.run.state);
  report.answer_after = now.succeeded() ? now.answer() : now.error();
  return report;
}

}  // namespace

bool ShadowReport::differs() const {
  const bool has_other_calls = std::any_of(calls.begin(), calls.end(),
                                           [](const auto& call) { return call.change != CallChange::Same; });
  return has_other_calls || turns_before != turns_after || state_before != state_after ||
         answer_before != answer_after;
}

Result<ShadowReport> shadow(App& app, const store::Run& run, const std::vector<store::Step>& steps) {
  BOOST_OUTCOME_TRY(const auto recorded, case_of(run, steps));
  BOOST_OUTCOME_TRY(
      auto report,
      compared(app, {.agent = recorded.agent, .event = recorded.event, .approvals = recorded.approvals},
               recorded.calls));
  report.run_id = run.id;
  report.turns_before = turns_in(read_steps(steps));
  report.state_before = recorded.state;
  report.answer_before = run.state == store::RunState::Succeeded ? run.result : run.error;
  return report;
}

Result<ShadowReport> shadow(App& app, const std::string& agent, const Event& event) {
  return compared(app, {.agent = agent, .event = event}, {});
}

}  // namespace ebagent::testing
