#pragma once

#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "ebagent/app.hpp"
#include "ebagent/clock.hpp"
#include "ebagent/event.hpp"
#include "ebagent/result.hpp"
#include "store/store.hpp"

namespace ebagent::agent {

// The same event twice is one run. Rules as in Powertools for AWS Lambda, with one difference that a journal
// allows: a run that failed or died is resumed instead of begun anew. Source:
// https://docs.powertools.aws.dev/lambda/python/latest/utilities/idempotency/

// The keys of runs that are under way in this process. Safe to use from any thread.
class InProgress {
 public:
  // Holds a key until it goes out of scope.
  class Claim {
   public:
    Claim(InProgress& keys, std::string key) : keys_(&keys), key_(std::move(key)) {}
    Claim(Claim&& other) noexcept : keys_(std::exchange(other.keys_, nullptr)), key_(std::move(other.key_)) {}
    Claim& operator=(Claim&&) = delete;
    ~Claim() {
      if (keys_ != nullptr) keys_->release(key_);
    }

   private:
    InProgress* keys_;
    std::string key_;
  };

  // Conflict when the key is held: the same event is being worked on at this moment.
  Result<Claim> claim(const std::string& key);

 private:
  void release(const std::string& key);

  std::mutex mutex_;
  std::set<std::string, std::less<>> held_;  // guarded by mutex_
};

// Whether a run in this state is never worked on again. A failed one is not over: it is resumed.
[[nodiscard]] bool is_over(store::RunState state);

// A run that is over already: it has answered, or was cancelled or skipped.
struct Repeated {
  store::Run run;
};

// A run to be begun or resumed. `first` goes into the first transaction of its journal.
struct Begun {
  store::Run run;
  std::vector<store::Step> steps;
  store::Transaction first;
};

// event id + agent, with the rule and target when they reshape the input (one event may then reach an agent
// with several inputs), with the replay that sent it, which is meant to be worked on again, and with the run that is done
// again.
[[nodiscard]] std::string idempotency_key_of(const Event& event, std::string_view agent,
                                             const ProcessOptions& options);

// What the agent is given, so that a second payload under one key is told from the first.
[[nodiscard]] std::string payload_hash(const Event& event, const ProcessOptions& options);

// The row of a run that begins now, under `key`.
[[nodiscard]] store::Run new_run(core::Random& random, TimePoint now, const AppSettings& settings,
                                 const Event& event, std::string_view agent, const ProcessOptions& options,
                                 std::string key);

// Decides what the key's record asks for. InvalidArgument when the record was made by another payload.
[[nodiscard]] Result<std::variant<Repeated, Begun>> begin_run(store::Store& store, core::Random& random,
                                                              TimePoint now, const AppSettings& settings,
                                                              const Event& event, std::string_view agent,
                                                              const ProcessOptions& options);

}  // namespace ebagent::agent
