#pragma once

#include <boost/outcome/basic_result.hpp>
#include <boost/outcome/policy/throw_bad_result_access.hpp>
#include <boost/outcome/try.hpp>
#include <string>
#include <utility>

namespace ebagent {

// What kind of failure an Error is; callers decide by it (status code, exit code, retry), people read the
// message.
enum class ErrorCode {
  InvalidArgument,  // the caller asked for something that cannot be; asking again will not help
  Malformed,        // input that is not what its format says (JSON, CSV, YAML ...)
  NotFound,         // a named thing does not exist
  AlreadyExists,    // a named thing exists and may not be made again
  LimitExceeded,    // a documented bound was reached
  Conflict,         // the thing is in a state in which this may not be done
  Unavailable,      // a resource is down or busy; trying again later may help
  Overloaded,       // as much is under way as may be; nothing was begun, and trying again shortly will help
  TimedOut,         // it took longer than allowed; the outcome may be unknown
  Denied,           // a person, a policy or a service's rules forbid it
  OutcomeUnknown,   // it had begun and nobody knows whether it happened; it is not done again
  Io,               // the operating system refused a read or a write
  Unsupported,      // valid, but not offered by this program
  Internal,         // a defect of this program
};

// A failure that the caller is expected to handle. `message` is one sentence in the words of the domain:
// what is wrong, where, and what to do.
struct Error {
  ErrorCode code = ErrorCode::Internal;
  std::string message;

  bool operator==(const Error&) const = default;
};

// Either a value or an Error. Reading the absent one throws boost::outcome_v2::bad_result_access.
// Use BOOST_OUTCOME_TRY(auto value, expression) to pass an error on to the caller.
template <class T>
using Result =
    boost::outcome_v2::basic_result<T, Error,
                                    boost::outcome_v2::policy::throw_bad_result_access<Error, void>>;

inline auto success() {
  return boost::outcome_v2::success();
}

// Makes a failed Result: return fail(ErrorCode::NotFound, "Rule x does not exist.");
inline auto fail(ErrorCode code, std::string message) {
  return boost::outcome_v2::failure(Error{code, std::move(message)});
}
inline auto fail(Error error) {
  return boost::outcome_v2::failure(std::move(error));
}

}  // namespace ebagent
