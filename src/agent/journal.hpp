#pragma once

#include <boost/json/value.hpp>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "agent/stops.hpp"
#include "ebagent/clock.hpp"
#include "ebagent/result.hpp"
#include "ebagent/tool.hpp"
#include "store/store.hpp"

namespace ebagent::agent {

// When a completed step has to be on disk.
enum class Durability {
  AtOnce,        // before it is told to anyone
  WithNextWrite  // with the next step that is: it can be had again for nothing
};

// What becomes of a step that may be done only once and of which nobody knows whether it happened.
enum class OnUnknown {
  Throw,  // OutcomeUnknown ends the run: a person finds out
  Tell    // the step has failed with ErrorCode::OutcomeUnknown, for ever: the model is told
};

// What a failure counts for when the run is resumed.
enum class OnFailure {
  TryAgain,  // it stands once something followed it; the last failure of a failed run is tried again
  Stands     // it is an outcome like any other: somebody has been told, or will be
};

struct StepRequest {
  std::string name = {};  // as Journal::name_step() gave it
  std::string kind = {};  // "handler", "model", "tool", "event"
  Effect effect = Effect::Once;
  std::string input = {};  // JSON text, for people who read the journal
  Durability durability = Durability::AtOnce;
  OnUnknown on_unknown = OnUnknown::Throw;
  OnFailure on_failure = OnFailure::TryAgain;
};

// The durable record of one run's steps, and the rule that makes resumption safe:
// a completed step is read back; one that may have begun is begun again with the same key if its effect
// allows, and its outcome is unknown if not. The intent of a step that may change something is on disk before
// its function runs, and the run's own record with it, so that the key H(run, step) is the same ever after.
// Belongs to one thread.
class Journal {
 public:
  using Function = std::function<Result<boost::json::value>(const std::string& step, const std::string& key)>;
  // Runs the functions of steps side by side and gives each outcome, on the caller's thread, as it comes: every index once.
  using OnOutcome = std::function<void(std::size_t index, Result<boost::json::value> outcome)>;
  using RunAll = std::function<void(const std::vector<std::size_t>& indices, const OnOutcome& on_outcome)>;

  static constexpr std::size_t kMaxSteps = 1'000;  // a run this long is a loop that does not end
  // One output above this would make resuming slow for ever; results this large belong into an object store.
  static constexpr std::size_t kMaxOutputBytes = 8 * 1024 * 1024;

  // `run` as it is to be when next written; `earlier` are its steps so far; `first` is written with the first
  // commit.
  Journal(store::Store& store, const Clock& clock, store::Run run, std::vector<store::Step> earlier,
          store::Transaction first);

  // The name of the next step that is called so: made unique by `:2`, `:3` ... Throws Stopped past kMaxSteps.
  [[nodiscard]] std::string name_step(std::string_view name);

  // Does a step, or reads it back. Throws OutcomeUnknown, JournalBroken, RunCancelled; std::logic_error when called from
  // within a step.
  Result<boost::json::value> perform(const StepRequest& request, const Function& function);
  // Several at a time: their intents, and what was left for the next write, are one write; each outcome is on record when it is
  // there, but for the last, of which `last` says when. Outcomes in the order of the requests. What is thrown is thrown when
  // all have ended.
  std::vector<Result<boost::json::value>> perform_all(const std::vector<StepRequest>& requests,
                                                      Durability last, const RunAll& run_all);
  // Puts on disk what was left for the next write.
  void flush();

  // A step that somebody else completes: its output when it is there. Otherwise it is on record as begun, once the run is
  // parked; `input` of the first time stands.
  struct Waiting {
    store::Step step;
  };
  std::variant<boost::json::value, Waiting> wait(const std::string& name, const std::string& kind,
                                                 const std::string& input);
  // Completes a step that wait() gave, in nobody's stead.
  void complete(store::Step step, const boost::json::value& output);

  // How the run ended, with all that is not yet written; the caller writes it.
  [[nodiscard]] store::Transaction end(const Result<std::string>& outcome, std::string_view stop_reason);
  // That the run waits until then, with all that is not yet written.
  [[nodiscard]] store::Transaction park(TimePoint until);

  [[nodiscard]] const store::Run& run() const { return run_; }
  // Whether a step of that name is on record from an earlier attempt.
  [[nodiscard]] const store::Step* earlier(std::string_view name) const;
  // The error that broke the journal, if one did; the run must not be finished then.
  [[nodiscard]] const std::optional<Error>& broken() const { return broken_; }
  [[nodiscard]] bool is_cancelled() const { return is_cancelled_; }
  // Called with each step as it begins and ends.
  void on_step(std::function<void(const store::Step&)> watch) { watch_ = std::move(watch); }

 private:
  // The outcome of an earlier attempt that stands, or nullopt when the step is to be done (again).
  std::optional<Result<boost::json::value>> settled(const StepRequest& request);
  store::Step begin(const StepRequest& request);
  [[nodiscard]] Result<boost::json::value> run_function(const store::Step& step, const Function& function);
  // The outcome as it is on record.
  Result<boost::json::value> record(const StepRequest& request, store::Step step,
                                    Result<boost::json::value> outcome);
  Result<boost::json::value> record_unknown(const StepRequest& request, store::Step step,
                                            std::string_view why);
  void write(store::Step step);
  void commit();
  void refuse_within_a_step() const;
  store::Transaction take_unwritten(bool is_done, std::vector<store::Step>& with_run);

  store::Store& store_;
  const Clock& clock_;
  store::Run run_;
  store::Transaction unwritten_;
  std::map<std::string, store::Step, std::less<>> earlier_;
  std::set<std::string, std::less<>> used_names_;
  std::function<void(const store::Step&)> watch_;
  int next_index_ = 0;
  int last_earlier_ = -1;
  bool in_step_ = false;
  bool is_on_disk_ = false;  // something of the run was written, now or by an earlier attempt
  bool is_cancelled_ = false;
  std::optional<Error> broken_;
};

// H(run, step): what a repeated call can be recognised by.
[[nodiscard]] std::string idempotency_key(std::string_view run_id, std::string_view step);

}  // namespace ebagent::agent
