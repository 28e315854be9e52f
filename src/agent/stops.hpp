#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "ebagent/clock.hpp"
#include "ebagent/result.hpp"

// What ends an attempt of a run from within: thrown through the agent's own code, which could not do anything about it.
namespace ebagent::agent {

// Why a run ended, in a word; kept with the run.
namespace stop_reason {
inline constexpr std::string_view kAnswer = "answer";
inline constexpr std::string_view kError = "error";
inline constexpr std::string_view kTurns = "turns";
inline constexpr std::string_view kToolCalls = "tool_calls";
inline constexpr std::string_view kTokens = "tokens";
inline constexpr std::string_view kCost = "cost";
inline constexpr std::string_view kSeconds = "seconds";
inline constexpr std::string_view kSteps = "steps";
inline constexpr std::string_view kSameCalls = "same_calls";
inline constexpr std::string_view kMaxTokens = "max_tokens";
inline constexpr std::string_view kContextFull = "context_full";
inline constexpr std::string_view kRefusal = "refusal";
inline constexpr std::string_view kGuardrail = "guardrail";
inline constexpr std::string_view kOutcomeUnknown = "outcome_unknown";
inline constexpr std::string_view kCancelled = "cancelled";
}  // namespace stop_reason

// The journal cannot be written, so nothing more may be done: the run is left as it is on disk and resumes later.
class JournalBroken : public std::runtime_error {
 public:
  explicit JournalBroken(Error error) : std::runtime_error(error.message), error_(std::move(error)) {}
  [[nodiscard]] const Error& error() const { return error_; }

 private:
  Error error_;
};

// A limit of the agent was reached, or its model will not go on.
class Stopped : public std::runtime_error {
 public:
  Stopped(std::string_view reason, const std::string& message, ErrorCode code = ErrorCode::LimitExceeded)
      : std::runtime_error(message), reason_(reason), code_(code) {}
  [[nodiscard]] const std::string& reason() const { return reason_; }
  [[nodiscard]] ErrorCode code() const { return code_; }

 private:
  std::string reason_;
  ErrorCode code_;
};

// The run was cancelled; that is on record already.
class RunCancelled : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// The run waits for a person. No thread waits with it: it goes on with a later attempt, at `until` in any case.
class Parked : public std::runtime_error {
 public:
  Parked(TimePoint until, const std::string& message) : std::runtime_error(message), until_(until) {}
  [[nodiscard]] TimePoint until() const { return until_; }

 private:
  TimePoint until_;
};

}  // namespace ebagent::agent
