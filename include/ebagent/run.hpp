#pragma once

#include <boost/json/value.hpp>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "ebagent/event.hpp"
#include "ebagent/result.hpp"
#include "ebagent/tool.hpp"

namespace ebagent {

// A step that may be done only once had begun when the process died, so nobody knows whether it happened. The
// run fails for good and its event is dead-lettered with this reason; the step is never silently repeated.
class OutcomeUnknown : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// A step whose function threw, in this attempt of the run or in an earlier one.
class StepFailed : public std::runtime_error {
 public:
  explicit StepFailed(Error error) : std::runtime_error(error.message), error_(std::move(error)) {}
  [[nodiscard]] const Error& error() const { return error_; }

 private:
  Error error_;
};

struct StepOptions {
  Effect effect = Effect::Once;
};

// One agent working on one event: what a handler is given. Each step is journalled: once completed it is read
// back when the run resumes after a crash or a retry, and never done again. Code outside of steps runs at
// every attempt. Belongs to the thread of its handler; steps do not nest.
class Run {
 public:
  using StepFunction = std::function<Result<boost::json::value>(const ToolContext&)>;

  Run() = default;
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;
  virtual ~Run() = default;

  [[nodiscard]] virtual const std::string& id() const = 0;
  [[nodiscard]] virtual const std::string& agent() const = 0;
  [[nodiscard]] virtual const Event& event() const = 0;
  // What the target was given: the input of a rule that reshapes it, otherwise the envelope's JSON text.
  [[nodiscard]] virtual const std::string& input() const = 0;
  // How often this run was begun or resumed, from 1.
  [[nodiscard]] virtual int attempts() const = 0;
  [[nodiscard]] virtual TimePoint now() const = 0;

  // Does `function` as a step and returns its result, from the journal when it was completed before. The
  // function takes nothing or a const ToolContext& (for its idempotency key); it returns nothing, a string, a
  // number, a JSON value, a described struct ... or a Result of one. A name used again gets `:2`, `:3` ... A
  // function that returns a Result gives a Result; one that throws ends in StepFailed. Throws OutcomeUnknown.
  template <class F>
  auto step(std::string_view name, F&& function, StepOptions options = {});

  // Calls a tool of the agent's allow-list as a step of the tool's name and effect.
  // Errors: NotFound for a tool that is not allowed, otherwise the tool's. Throws OutcomeUnknown.
  virtual Result<boost::json::value> call(std::string_view tool, const boost::json::value& arguments) = 0;

  // Puts an event as a step and returns its id; see ToolContext::put_event.
  virtual Result<std::string> put_event(std::string_view source, std::string_view detail_type,
                                        std::string_view detail_json) = 0;

 private:
  virtual Result<boost::json::value> do_step(std::string_view name, Effect effect,
                                             const StepFunction& function) = 0;
};

namespace detail {

template <class F>
decltype(auto) call_step(F& function, const ToolContext& context) {
  if constexpr (std::is_invocable_v<F&, const ToolContext&>) {
    return function(context);
  } else {
    return function();
  }
}

// The journalled result as the step's own type.
template <class T>
Result<T> read_back(std::string_view step, const boost::json::value& output) {
  auto value = decode<T>(output);
  if (value) return value;
  return fail(ErrorCode::Internal,
              "The journalled result of step \"" + std::string(step) +
                  "\" is not of the type that the handler now expects: " + value.error().message);
}

template <class T>
using StepValue = std::conditional_t<std::is_convertible_v<const T&, std::string_view>, std::string, T>;

}  // namespace detail

template <class F>
auto Run::step(std::string_view name, F&& function, StepOptions options) {
  using Return =
      std::remove_cvref_t<decltype(detail::call_step(function, std::declval<const ToolContext&>()))>;
  auto output = do_step(name, options.effect, [&](const ToolContext& context) {
    return detail::call_encoded([&] { return detail::call_step(function, context); });
  });
  if constexpr (detail::IsResult<Return>::value) {
    if (!output) return Return(fail(output.error()));
    if constexpr (std::is_void_v<typename Return::value_type>) {
      return Return(success());
    } else {
      return Return(detail::read_back<typename Return::value_type>(name, output.value()));
    }
  } else {
    if (!output) throw StepFailed(output.error());
    if constexpr (!std::is_void_v<Return>) {
      auto value = detail::read_back<detail::StepValue<Return>>(name, output.value());
      if (!value) throw StepFailed(value.error());
      return std::move(value).assume_value();
    }
  }
}

}  // namespace ebagent
