#include "agent/journal.hpp"

#include <algorithm>
#include <exception>
#include <iterator>
#include <stdexcept>
#include <utility>

#include "agent/error_text.hpp"
#include "core/ids.hpp"
#include "core/json.hpp"
#include "ebagent/run.hpp"

namespace ebagent::agent {
namespace {

// Marks that a step's function is running, so that a step within it can be refused.
class Within {
 public:
  explicit Within(bool& flag) : flag_(flag) { flag_ = true; }
  ~Within() { flag_ = false; }
  Within(const Within&) = delete;
  Within& operator=(const Within&) = delete;

 private:
  bool& flag_;
};

std::string in_doubt(const store::Step& step, std::string_view why) {
  return "The outcome of step \"" + step.name + "\" is unknown: " + std::string(why) +
         ", and its effect is \"once\", so it is not done again. Find out whether it happened (its "
         "idempotency key is " +
         idempotency_key(step.run_id, step.name) + ").";
}

}  // namespace

std::string idempotency_key(std::string_view run_id, std::string_view step) {
  return core::sha256_hex(std::string(run_id) + "\n" + std::string(step));
}

Journal::Journal(store::Store& store, const Clock& clock, store::Run run, std::vector<store::Step> earlier,
                 store::Transaction first)
    : store_(store), clock_(clock), run_(std::move(run)), unwritten_(std::move(first)) {
  for (store::Step& step : earlier) {
    last_earlier_ = std::max(last_earlier_, step.index);
    std::string name = step.name;
    earlier_.emplace(std::move(name), std::move(step));
  }
  next_index_ = last_earlier_ + 1;
  is_on_disk_ = run_.attempts > 1 || !earlier_.empty();
}

std::string Journal::name_step(std::string_view name) {
  if (used_names_.size() >= kMaxSteps) {
    throw Stopped(stop_reason::kSteps,
                  "The run has more than " + std::to_string(kMaxSteps) + " steps; does it loop?");
  }
  std::string unique(name);
  for (int n = 2; !used_names_.insert(unique).second; ++n)
    unique = std::string(name) + ":" + std::to_string(n);
  return unique;
}

const store::Step* Journal::earlier(std::string_view name) const {
  const auto found = earlier_.find(name);
  return found == earlier_.end() ? nullptr : &found->second;
}

void Journal::refuse_within_a_step() const {
  if (in_step_) throw std::logic_error("A step was begun within a step; do one after the other.");
  if (is_cancelled_) throw RunCancelled("The run was cancelled.");
  if (broken_) throw JournalBroken(*broken_);
}

Result<boost::json::value> Journal::perform(const StepRequest& request, const Function& function) {
  refuse_within_a_step();
  if (auto outcome = settled(request)) return std::move(*outcome);
  store::Step step = begin(request);
  if (request.effect != Effect::Read) {
    write(step);
    commit();
  }
  auto outcome = run_function(step, function);
  auto recorded = record(request, std::move(step), std::move(outcome));
  if (request.durability == Durability::AtOnce) commit();
  return recorded;
}

std::vector<Result<boost::json::value>> Journal::perform_all(const std::vector<StepRequest>& requests,
                                                             Durability last, const RunAll& run_all) {
  refuse_within_a_step();
  std::vector<std::optional<Result<boost::json::value>>> outcomes(requests.size());
  std::vector<std::optional<store::Step>> steps(requests.size());
  std::vector<std::size_t> open;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    outcomes[i] = settled(requests[i]);
    if (outcomes[i]) continue;
    steps[i] = begin(requests[i]);
    open.push_back(i);
    if (requests[i].effect != Effect::Read) write(*steps[i]);
  }
  if (!open.empty()) flush();
  std::exception_ptr thrown;
  if (!open.empty()) {
    const Within within(in_step_);
    run_all(open, [&](std::size_t i, Result<boost::json::value> outcome) {
      try {
        outcomes[i] = record(requests[i], std::move(*steps[i]), std::move(outcome));
        const bool is_last = std::ranges::all_of(outcomes, [](const auto& one) { return one.has_value(); });
        if (!is_last || last == Durability::AtOnce) commit();
      } catch (...) {
        if (thrown == nullptr) thrown = std::current_exception();
      }
    });
  }
  if (thrown != nullptr) std::rethrow_exception(thrown);
  std::vector<Result<boost::json::value>> all;
  all.reserve(outcomes.size());
  for (auto& outcome : outcomes) all.push_back(std::move(outcome).value());
  return all;
}

void Journal::flush() {
  if (!unwritten_.empty()) commit();
}

std::variant<boost::json::value, Journal::Waiting> Journal::wait(const std::string& name,
                                                                 const std::string& kind,
                                                                 const std::string& input) {
  refuse_within_a_step();
  if (const store::Step* found = earlier(name)) {
    if (found->state != store::StepState::Succeeded) return Waiting{*found};
    auto output = core::parse_json(found->output);
    if (output) return std::move(output).assume_value();
    return boost::json::value(nullptr);
  }
  store::Step step = begin({.name = name, .kind = kind, .effect = Effect::Read, .input = input});
  write(step);
  return Waiting{std::move(step)};
}

void Journal::complete(store::Step step, const boost::json::value& output) {
  step.state = store::StepState::Succeeded;
  step.ended = clock_.now();
  step.output = core::write_json(output);
  write(std::move(step));
  commit();
}

std::optional<Result<boost::json::value>> Journal::settled(const StepRequest& request) {
  const store::Step* step = earlier(request.name);
  if (step == nullptr) return std::nullopt;
  if (step->state == store::StepState::Succeeded) {
    auto output = core::parse_json(step->output);
    if (output) return Result<boost::json::value>(std::move(output).assume_value());
    return Result<boost::json::value>(
        fail(ErrorCode::Internal,
             "The journalled result of step \"" + step->name + "\" is damaged: " + output.error().message));
  }
  if (step->state == store::StepState::Failed) {
    Error error = error_from_text(step->error);
    const bool was_acted_on = step->index < last_earlier_ || request.on_failure == OnFailure::Stands;
    const bool is_final = error.code == ErrorCode::LimitExceeded || error.code == ErrorCode::OutcomeUnknown;
    if (was_acted_on || is_final) return Result<boost::json::value>(fail(std::move(error)));
    return std::nullopt;
  }
  if (step->effect != to_string(Effect::Once)) return std::nullopt;
  store::Step open = *step;
  auto unknown = record_unknown(request, std::move(open), "it had begun when the run stopped");
  commit();
  return unknown;
}

store::Step Journal::begin(const StepRequest& request) {
  store::Step step;
  step.run_id = run_.id;
  step.name = request.name;
  step.kind = request.kind;
  step.effect = to_string(request.effect);
  step.started = clock_.now();
  step.input = request.input;
  if (const store::Step* found = earlier(request.name)) {
    step.index = found->index;
    step.attempts = found->attempts + 1;
  } else {
    step.index = next_index_++;
  }
  if (watch_) watch_(step);
  return step;
}

Result<boost::json::value> Journal::run_function(const store::Step& step, const Function& function) {
  const Within within(in_step_);
  try {
    return function(step.name, idempotency_key(step.run_id, step.name));
  } catch (const Parked&) {
    throw;  // of an agent that is a tool: the step stays open
  } catch (const RunCancelled&) {
    throw;
  } catch (const std::exception& error) {
    return fail(ErrorCode::Internal, std::string("Step \"") + step.name + "\" threw: " + error.what());
  }
}

Result<boost::json::value> Journal::record_unknown(const StepRequest& request, store::Step step,
                                                   std::string_view why) {
  const std::string message = in_doubt(step, why);
  if (request.on_unknown == OnUnknown::Throw) {
    step.error = message;
    write(std::move(step));
    commit();
    throw OutcomeUnknown(message);
  }
  Error error{ErrorCode::OutcomeUnknown, message};
  step.state = store::StepState::Failed;
  step.ended = clock_.now();
  step.error = to_text(error);
  write(std::move(step));
  return fail(std::move(error));
}

Result<boost::json::value> Journal::record(const StepRequest& request, store::Step step,
                                           Result<boost::json::value> outcome) {
  if (!outcome && outcome.error().code == ErrorCode::TimedOut && request.effect == Effect::Once) {
    return record_unknown(request, std::move(step), outcome.error().message);
  }
  if (outcome) {
    std::string output = core::write_json(outcome.value());
    if (output.size() > kMaxOutputBytes) {
      outcome = fail(ErrorCode::LimitExceeded,
                     "The result of step \"" + step.name + "\" has " + std::to_string(output.size()) +
                         " bytes; a journal keeps " + std::to_string(kMaxOutputBytes) +
                         ". Store it elsewhere and return where.");
    } else {
      step.output = std::move(output);
    }
  }
  step.ended = clock_.now();
  step.state = outcome ? store::StepState::Succeeded : store::StepState::Failed;
  step.error = outcome ? std::string{} : to_text(outcome.error());
  write(std::move(step));
  return outcome;
}

void Journal::write(store::Step step) {
  if (watch_ && step.ended) watch_(step);
  unwritten_.emplace_back(store::PutStep{std::move(step)});
}

void Journal::commit() {
  // The run's record goes first in the transaction of its first step.
  auto committed = store_.commit_and_wait(std::exchange(unwritten_, {}));
  if (committed) {
    is_on_disk_ = true;
    return;
  }
  if (committed.error().code == ErrorCode::Conflict) {
    is_cancelled_ = true;
    throw RunCancelled(committed.error().message);
  }
  broken_ = Error{ErrorCode::Unavailable, "The journal cannot be written: " + committed.error().message};
  throw JournalBroken(*broken_);
}

// The steps that are not yet written. Those of a run that is done stand in its row when none of them is on disk yet; those of
// one that goes on may still change.
store::Transaction Journal::take_unwritten(bool is_done, std::vector<store::Step>& with_run) {
  store::Transaction writes;
  for (store::Write& write : unwritten_) {
    auto* step = std::get_if<store::PutStep>(&write);
    if (step == nullptr) continue;  // one record of the run is enough in a transaction
    if (is_on_disk_ || !is_done) {
      writes.push_back(std::move(write));
    } else {
      with_run.push_back(std::move(step->step));
    }
  }
  unwritten_.clear();
  return writes;
}

store::Transaction Journal::end(const Result<std::string>& outcome, std::string_view stop_reason) {
  run_.ended = clock_.now();
  run_.state = outcome ? store::RunState::Succeeded : store::RunState::Failed;
  run_.result = outcome ? outcome.value() : "";
  run_.error = outcome ? "" : outcome.error().message;
  run_.stop_reason = stop_reason;
  run_.wakes.reset();
  store::PutRun end{run_};
  auto writes = take_unwritten(outcome.has_value(), end.steps);
  writes.emplace_back(std::move(end));
  return writes;
}

store::Transaction Journal::park(TimePoint until) {
  run_.state = store::RunState::Waiting;
  run_.wakes = until;
  store::PutRun waiting{run_};
  auto writes = take_unwritten(false, waiting.steps);
  writes.emplace_back(std::move(waiting));
  return writes;
}

}  // namespace ebagent::agent
