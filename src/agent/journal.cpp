#include "agent/journal.hpp"

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
  is_on_disk_ = run_.attempts > 1;
}

Result<boost::json::value> Journal::perform(const StepRequest& request, const Function& function) {
  if (in_step_) throw std::logic_error("A step was begun within a step; do one after the other.");
  if (broken_) throw JournalBroken(*broken_);
  const std::string name = unique_name(request.name);
  if (const auto found = earlier_.find(name); found != earlier_.end()) {
    if (auto outcome = settled(found->second)) return std::move(*outcome);
  }
  if (used_names_.size() > kMaxSteps) {
    throw LimitReached("The run has more than " + std::to_string(kMaxSteps) + " steps; does it loop?");
  }
  store::Step step = begin(request, name);
  auto outcome = run_function(step, function);
  if (!outcome && outcome.error().code == ErrorCode::TimedOut && request.effect == Effect::Once) {
    step.error = to_text(outcome.error());
    write(step, Durability::AtOnce);
    throw OutcomeUnknown(in_doubt(step, outcome.error().message));
  }
  if (outcome) {
    std::string output = core::write_json(outcome.value());
    if (output.size() > kMaxOutputBytes) {
      outcome = fail(ErrorCode::LimitExceeded,
                     "The result of step \"" + name + "\" has " + std::to_string(output.size()) +
                         " bytes; a journal keeps " + std::to_string(kMaxOutputBytes) +
                         ". Store it elsewhere and return where.");
    } else {
      step.output = std::move(output);
    }
  }
  record(std::move(step), outcome, request.durability);
  return outcome;
}

std::string Journal::unique_name(const std::string& name) {
  std::string unique = name;
  for (int n = 2; !used_names_.insert(unique).second; ++n) unique = name + ":" + std::to_string(n);
  return unique;
}

std::optional<Result<boost::json::value>> Journal::settled(const store::Step& step) const {
  if (step.state == store::StepState::Succeeded) {
    auto output = core::parse_json(step.output);
    if (output) return Result<boost::json::value>(std::move(output).assume_value());
    return Result<boost::json::value>(
        fail(ErrorCode::Internal,
             "The journalled result of step \"" + step.name + "\" is damaged: " + output.error().message));
  }
  if (step.state == store::StepState::Failed) {
    Error error = error_from_text(step.error);
    const bool was_acted_on = step.index < last_earlier_;
    if (was_acted_on || error.code == ErrorCode::LimitExceeded)
      return Result<boost::json::value>(fail(std::move(error)));
    return std::nullopt;
  }
  if (step.effect == to_string(Effect::Once))
    throw OutcomeUnknown(in_doubt(step, "it had begun when the run stopped"));
  return std::nullopt;
}

store::Step Journal::begin(const StepRequest& request, const std::string& name) {
  store::Step step;
  step.run_id = run_.id;
  step.name = name;
  step.kind = request.kind;
  step.effect = to_string(request.effect);
  step.started = clock_.now();
  step.input = request.input;
  if (const auto found = earlier_.find(name); found != earlier_.end()) {
    step.index = found->second.index;
    step.attempts = found->second.attempts + 1;
  } else {
    step.index = next_index_++;
  }
  if (request.effect != Effect::Read) write(step, Durability::AtOnce);
  return step;
}

Result<boost::json::value> Journal::run_function(const store::Step& step, const Function& function) {
  const Within within(in_step_);
  try {
    return function(step.name, idempotency_key(step.run_id, step.name));
  } catch (const std::exception& error) {
    return fail(ErrorCode::Internal, std::string("Step \"") + step.name + "\" threw: " + error.what());
  }
}

void Journal::record(store::Step step, const Result<boost::json::value>& outcome, Durability durability) {
  step.ended = clock_.now();
  if (outcome) {
    step.state = store::StepState::Succeeded;
    step.error.clear();
  } else {
    step.state = store::StepState::Failed;
    step.error = to_text(outcome.error());
  }
  write(std::move(step), durability);
}

void Journal::write(store::Step step, Durability durability) {
  unwritten_.emplace_back(store::PutStep{std::move(step)});
  if (durability == Durability::WithNextWrite) return;
  // The run's record goes first in the transaction of its first step.
  auto committed = store_.commit_and_wait(std::exchange(unwritten_, {}));
  if (!committed) {
    broken_ = Error{ErrorCode::Unavailable, "The journal cannot be written: " + committed.error().message};
    throw JournalBroken(*broken_);
  }
  is_on_disk_ = true;
}

store::Transaction Journal::end(const Result<std::string>& outcome) {
  run_.ended = clock_.now();
  run_.state = outcome ? store::RunState::Succeeded : store::RunState::Failed;
  run_.result = outcome ? outcome.value() : "";
  run_.error = outcome ? "" : outcome.error().message;
  // One record of a run is enough in a transaction. The steps of a run that is done stand in it when none of them is on
  // disk yet; those of one that failed may still be resumed.
  store::PutRun end{run_};
  store::Transaction writes;
  for (store::Write& write : unwritten_) {
    auto* step = std::get_if<store::PutStep>(&write);
    if (step == nullptr) continue;
    if (is_on_disk_ || !outcome) {
      writes.push_back(std::move(write));
    } else {
      end.steps.push_back(std::move(step->step));
    }
  }
  unwritten_.clear();
  writes.emplace_back(std::move(end));
  return writes;
}

Result<void> Journal::finish(const Result<std::string>& outcome) {
  if (auto committed = store_.commit_and_wait(end(outcome)); !committed) {
    return fail(ErrorCode::Unavailable, "The journal cannot be written: " + committed.error().message);
  }
  return success();
}

}  // namespace ebagent::agent
