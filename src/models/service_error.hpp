#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "ebagent/clock.hpp"
#include "ebagent/model.hpp"
#include "ebagent/result.hpp"
#include "http/client.hpp"

namespace ebagent::models {

// What a failure of a model service means, whoever's it is.
enum class ErrorClass {
  Throttled,     // the caller asks too much at a time
  Overloaded,    // everybody does
  Unavailable,   // it is down, or failed at this request only
  TimedOut,      // it took too long, or fell silent
  Garbled,       // the answer is none; the model's next one may be
  ContextFull,   // the conversation does not fit: a turn of its own
  Filtered,      // a content filter refused the request: a turn of its own
  Unauthorized,  // the key is missing, wrong or expired
  Forbidden,     // the key may not use this model
  Quota,         // used up for longer than a wait helps
  NotFound,      // the model or the address
  Refused,       // the request
  Unsupported,   // what the request wants
  TooLarge,      // the answer
  Cancelled,     // by the caller
};

// An error as a service words it: of an answer, or in the middle of a stream.
struct ServiceError {
  int status = 0;         // 0: in the middle of a stream
  std::string type = {};  // "rate_limit_error", "ThrottlingException"; may be empty
  std::string code = {};  // more specific where a service has both: "insufficient_quota"
  std::string message = {};
};

// One table for all services (docs/models.md shows it): the code, then the type, then the message's words for a context that
// is full, then the status.
[[nodiscard]] ErrorClass classify(const ServiceError& error);
[[nodiscard]] ErrorClass classify(http::Failure failure);

// Whether the same request may succeed a moment later.
[[nodiscard]] bool may_pass(ErrorClass kind);
// As Model::next() returns it.
[[nodiscard]] ErrorCode code_of(ErrorClass kind);

// Why there is no turn. `message` is for people and holds no key.
struct Failure {
  ErrorClass kind = ErrorClass::Unavailable;
  std::string message = {};
  std::optional<Duration> retry_after = {};  // as the service asks
  std::optional<bool> should_retry = {};     // as the service says, whatever the class
};

// One try at a turn.
using Attempt =
    boost::outcome_v2::basic_result<Turn, Failure,
                                    boost::outcome_v2::policy::throw_bad_result_access<Failure, void>>;

inline auto give_up(ErrorClass kind, std::string message) {
  return boost::outcome_v2::failure(Failure{.kind = kind, .message = std::move(message)});
}

// Retry-After (seconds or a date), retry-after-ms and x-should-retry into `failure`.
// Source: https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
void read_retry_headers(const http::Response& response, TimePoint now, Failure& failure);

}  // namespace ebagent::models
