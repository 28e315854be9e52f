#pragma once

#include <boost/json/value.hpp>
#include <functional>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>

#include "ebagent/clock.hpp"
#include "ebagent/result.hpp"
#include "ebagent/tool.hpp"
#include "store/store.hpp"

namespace ebagent::agent {

// The journal cannot be written, so nothing more may be done: the run is left as it is on disk and resumes
// later. Thrown through the agent's own code, which could not do anything about it.
class JournalBroken : public std::runtime_error {
 public:
  explicit JournalBroken(Error error) : std::runtime_error(error.message), error_(std::move(error)) {}
  [[nodiscard]] const Error& error() const { return error_; }

 private:
  Error error_;
};

// A limit of the agent was reached; thrown through a handler's code.
class LimitReached : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// When a completed step has to be on disk.
enum class Durability {
  AtOnce,        // before it is told to anyone
  WithNextWrite  // with the next step that is: it can be had again for nothing
};

struct StepRequest {
  std::string name = {};  // made unique by `:2`, `:3` ... when the run already used it
  std::string kind = {};  // "handler", "model", "tool", "event"
  Effect effect = Effect::Once;
  std::string input = {};  // JSON text, for people who read the journal
  Durability durability = Durability::AtOnce;
};

// The durable record of one run's steps, and the rule that makes resumption safe:
// a completed step is read back; one that may have begun is begun again with the same key if its effect
// allows, and ends in OutcomeUnknown if not. The intent of a step that may change something is on disk before
// its function runs, and the run's own record with it, so that the key H(run, step) is the same ever after.
// A failure counts as the step's outcome once something followed it; the last failure of a failed run is
// tried again. Belongs to one thread.
class Journal {
 public:
  using Function = std::function<Result<boost::json::value>(const std::string& step, const std::string& key)>;

  static constexpr std::size_t kMaxSteps = 1'000;  // a run this long is a loop that does not end
  // One output above this would make resuming slow for ever; results this large belong into an object store.
  static constexpr std::size_t kMaxOutputBytes = 8 * 1024 * 1024;

  // `run` as it is to be when next written; `earlier` are its steps so far; `first` is written with the first
  // commit.
  Journal(store::Store& store, const Clock& clock, store::Run run, std::vector<store::Step> earlier,
          store::Transaction first);

  // Does a step, or reads it back. Throws OutcomeUnknown, JournalBroken, LimitReached (kMaxSteps);
  // std::logic_error when called from within a step.
  Result<boost::json::value> perform(const StepRequest& request, const Function& function);

  // Records how the run ended, with all that is not yet written.
  Result<void> finish(const Result<std::string>& outcome);
  // The same, leaving the writing to the caller.
  [[nodiscard]] store::Transaction end(const Result<std::string>& outcome);

  [[nodiscard]] const store::Run& run() const { return run_; }
  // The error that broke the journal, if one did; the run must not be finished then.
  [[nodiscard]] const std::optional<Error>& broken() const { return broken_; }

 private:
  std::string unique_name(const std::string& name);
  // The outcome of an earlier attempt that stands, or nullopt when the step is to be done (again).
  std::optional<Result<boost::json::value>> settled(const store::Step& step) const;
  store::Step begin(const StepRequest& request, const std::string& name);
  Result<boost::json::value> run_function(const store::Step& step, const Function& function);
  void record(store::Step step, const Result<boost::json::value>& outcome, Durability durability);
  void write(store::Step step, Durability durability);

  store::Store& store_;
  const Clock& clock_;
  store::Run run_;
  store::Transaction unwritten_;
  std::map<std::string, store::Step, std::less<>> earlier_;
  std::set<std::string, std::less<>> used_names_;
  int next_index_ = 0;
  int last_earlier_ = -1;
  bool in_step_ = false;
  bool is_on_disk_ = false;  // something of the run was written, now or by an earlier attempt
  std::optional<Error> broken_;
};

// H(run, step): what a repeated call can be recognised by.
[[nodiscard]] std::string idempotency_key(std::string_view run_id, std::string_view step);

}  // namespace ebagent::agent
