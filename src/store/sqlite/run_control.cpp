#include "store/sqlite/run_control.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <utility>

#include "core/json.hpp"
#include "core/time_format.hpp"

namespace ebagent::store::sqlite {
namespace {

constexpr std::string_view kQuestion = "approval";
constexpr std::string_view kOfCall = "approval of ";

// The call that a question is about.
std::string_view call_of(const Step& question) {
  const std::string_view name = question.name;
  return name.starts_with(kOfCall) ? name.substr(kOfCall.size()) : name;
}

std::optional<TimePoint> until_of(const Step& question) {
  const auto input = core::parse_json(question.input);
  if (!input || !input.value().is_object()) return std::nullopt;
  const boost::json::value* until = input.value().as_object().if_contains("until");
  if (until == nullptr || !until->is_int64()) return std::nullopt;
  return TimePoint{Duration{until->as_int64()}};
}

std::string_view word_of(RunState state) {
  switch (state) {
    case RunState::Running:
      return "is at work";
    case RunState::Waiting:
      return "waits";
    case RunState::Succeeded:
      return "has succeeded";
    case RunState::Cancelled:
      return "was cancelled";
    case RunState::Skipped:
      return "was skipped";
    case RunState::Failed:
      break;
  }
  return "has failed";
}

// A run made by another is known by the key of the one that was made by its event.
std::string_view first_key(std::string_view key) {
  return key.substr(0, key.find(kRerunKey));
}

}  // namespace

Result<Run> RunControl::existing(std::string_view run_id) {
  BOOST_OUTCOME_TRY(auto run, reads_.by_id(run_id));
  if (!run) return fail(ErrorCode::NotFound, fmt::format("There is no run {}.", run_id));
  return std::move(*run);
}

Result<Step> RunControl::open_question(const Run& run, std::string_view step) {
  BOOST_OUTCOME_TRY(const auto steps, reads_.steps(run.id));
  std::vector<const Step*> open;
  for (const Step& question : steps) {
    if (question.kind != kQuestion) continue;
    const bool is_named = question.name == step || call_of(question) == step;
    if (!step.empty() && !is_named) continue;
    if (question.state == StepState::Started) {
      open.push_back(&question);
    } else if (is_named) {
      return fail(ErrorCode::Conflict,
                  fmt::format("The step \"{}\" of run {} was answered before.", call_of(question), run.id));
    }
  }
  if (run.state != RunState::Waiting) {
    return fail(ErrorCode::Conflict,
                fmt::format("The run {} {}; it waits for nobody's answer.", run.id, word_of(run.state)));
  }
  if (open.empty()) {
    return fail(ErrorCode::NotFound,
                step.empty()
                    ? fmt::format("No step of run {} waits for an answer.", run.id)
                    : fmt::format("Run {} has no step \"{}\" that waits for an answer.", run.id, step));
  }
  if (open.size() == 1) return *open.front();
  std::string names;
  for (const Step* question : open)
    names += fmt::format("{}\"{}\"", names.empty() ? "" : ", ", call_of(*question));
  return fail(ErrorCode::Conflict,
              fmt::format("Several steps of run {} wait for an answer: {}. Name one.", run.id, names));
}

Result<Step> RunControl::answer(std::string_view run_id, std::string_view step, std::string_view output_json,
                                TimePoint now) {
  BOOST_OUTCOME_TRY(const Run run, existing(run_id));
  BOOST_OUTCOME_TRY(Step question, open_question(run, step));
  if (const auto until = until_of(question); until && now >= *until) {
    return fail(ErrorCode::Conflict, fmt::format("The time to answer step \"{}\" of run {} was over at {}.",
                                                 call_of(question), run.id, core::format_utc_millis(*until)));
  }
  question.state = StepState::Succeeded;
  question.ended = now;
  question.output = output_json;
  BOOST_OUTCOME_TRY(answer_.run(run.id, question.index, now, output_json));
  if (answer_.changed_rows() == 0) {
    return fail(ErrorCode::NotFound,
                fmt::format("The step \"{}\" of run {} is no longer kept.", call_of(question), run.id));
  }
  BOOST_OUTCOME_TRY(make_due_.run(run.delivery, now));
  return question;
}

Result<Run> RunControl::cancel(std::string_view run_id, std::string_view reason, TimePoint now) {
  BOOST_OUTCOME_TRY(const Run run, existing(run_id));
  BOOST_OUTCOME_TRY(cancel_.run(run_id, now, reason));
  if (cancel_.changed_rows() == 0) {
    return fail(ErrorCode::Conflict,
                fmt::format("The run {} {}: there is nothing to cancel.", run.id, word_of(run.state)));
  }
  BOOST_OUTCOME_TRY(make_due_.run(run.delivery, now));
  return existing(run_id);
}

Result<void> RunControl::check_event(const Run& run) {
  BOOST_OUTCOME_TRY(auto rows, hops_.query(run.delivery));
  BOOST_OUTCOME_TRY(const bool is_there, rows.next());
  if (!is_there) {
    return fail(ErrorCode::NotFound,
                fmt::format("The event of run {} is no longer kept, so the run cannot be done "
                            "again. Put the event once more under a new id.",
                            run.id));
  }
  if (rows.small(0) == run.hops) return success();
  return fail(
      ErrorCode::Unsupported,
      fmt::format("The run {} was asked for by another agent, not by an event. Do that agent's run again.",
                  run.id));
}

// The completed steps before `from_step`. A question whose call is done again goes to a person
// again.
Result<std::vector<Step>> RunControl::steps_before(const Run& run,
                                                   const std::optional<std::string>& from_step) {
  if (!from_step) return std::vector<Step>{};
  BOOST_OUTCOME_TRY(auto steps, reads_.steps(run.id));
  const auto from = std::ranges::find(steps, *from_step, &Step::name);
  if (from == steps.end()) {
    return fail(ErrorCode::NotFound, fmt::format("Run {} has no step \"{}\".", run.id, *from_step));
  }
  const std::vector<Step> done_again{from, steps.end()};
  steps.erase(from, steps.end());
  for (const Step& step : steps) {
    if (step.state != StepState::Started || step.effect != "once") continue;
    return fail(
        ErrorCode::Conflict,
        fmt::format("The outcome of step \"{}\" of run {} is unknown. Do the run again from that step if it "
                    "may be done once more.",
                    step.name, run.id));
  }
  std::erase_if(steps, [&](const Step& step) {
    return step.state == StepState::Started ||
           (step.kind == kQuestion &&
            std::ranges::any_of(done_again, [&](const Step& other) { return other.name == call_of(step); }));
  });
  return steps;
}

Result<Run> RunControl::rerun(const Rerun& wish, TimePoint now) {
  BOOST_OUTCOME_TRY(Run run, existing(wish.run_id));
  if (run.state == RunState::Running || run.state == RunState::Waiting) {
    return fail(ErrorCode::Conflict,
                fmt::format("The run {} {}. Cancel it before it is done again.", run.id, word_of(run.state)));
  }
  if (run.delivery == 0) {
    return fail(
        ErrorCode::Unsupported,
        fmt::format("The run {} was not begun by a server's delivery but by `invoke`. Invoke the event again "
                    "under a new id: `eventbridge-agent runs show {} --json` has it as \"event\".",
                    run.id, run.id));
  }
  BOOST_OUTCOME_TRY(check_event(run));
  BOOST_OUTCOME_TRY(auto kept, steps_before(run, wish.from_step));
  BOOST_OUTCOME_TRY(deliveries_.deliver_again(run.delivery, wish.new_id, now));

  Run again = std::move(run);
  again.key = std::string{first_key(again.key)} + std::string{kRerunKey} + wish.new_id;
  again.id = wish.new_id;
  again.state = RunState::Running;
  again.attempts = 0;
  again.expires = now + (again.expires - again.started);
  again.started = now;
  again.ended.reset();
  again.result.clear();
  again.error.clear();
  again.stop_reason.clear();
  again.wakes.reset();
  BOOST_OUTCOME_TRY(writes_.put(PutRun{again, {}}));
  for (Step& step : kept) {
    step.run_id = again.id;
    BOOST_OUTCOME_TRY(writes_.put(step));
  }
  return again;
}

}  // namespace ebagent::store::sqlite
