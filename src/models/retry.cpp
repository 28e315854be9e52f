#include "models/retry.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace ebagent::models {
namespace {

constexpr Duration kFirstBackoff{500};
constexpr Duration kLongestBackoff{20'000};
// How long a cancelled turn may go on waiting.
constexpr Duration kWaitSlice{250};

bool is_cancelled(const TurnRequest& request) {
  return request.is_cancelled && request.is_cancelled();
}

// False when the turn was cancelled in the meantime.
bool wait(Duration duration, const TurnRequest& request, const RetryPorts& ports) {
  while (duration > Duration::zero()) {
    if (is_cancelled(request)) return false;
    const Duration slice = request.is_cancelled ? std::min(duration, kWaitSlice) : duration;
    ports.sleep(slice);
    duration -= slice;
  }
  return !is_cancelled(request);
}

Result<Turn> end_with(const Failure& failure, int tries, std::string_view why) {
  if (failure.kind == ErrorClass::ContextFull) return Turn{.end = TurnEnd::ContextFull};
  if (failure.kind == ErrorClass::Filtered) return Turn{.text = failure.message, .end = TurnEnd::Refusal};
  std::string message = failure.message;
  if (tries > 1) message += " (tried " + std::to_string(tries) + " times)";
  return fail(code_of(failure.kind), message.append(why));
}

}  // namespace

Duration backoff(int failed, core::Random& random) {
  constexpr int kDoublings = 6;  // beyond the longest
  const Duration whole =
      std::min(kFirstBackoff * (1 << std::clamp(failed - 1, 0, kDoublings)), kLongestBackoff);
  const auto half = static_cast<std::uint64_t>(whole.count() / 2);
  return Duration{static_cast<Duration::rep>(half + random.next() % (half + 1))};
}

Result<Turn> with_retries(int attempts, const TurnRequest& request, const RetryPorts& ports,
                          const std::function<Attempt()>& attempt) {
  for (int tries = 1;; ++tries) {
    if (ports.clock.now() >= request.deadline) {
      return fail(ErrorCode::TimedOut, "There is no time left for a turn of the model.");
    }
    auto turn = attempt();
    if (turn) return std::move(turn).assume_value();
    const Failure& failure = turn.error();
    if (!failure.should_retry.value_or(may_pass(failure.kind)) || failure.kind == ErrorClass::Cancelled ||
        tries >= attempts) {
      return end_with(failure, tries, "");
    }
    const Duration pause = failure.retry_after.value_or(backoff(tries, ports.random));
    if (pause > kLongestWait) {
      return end_with(failure, tries, "; it wants to be asked later than this turn can wait");
    }
    if (request.deadline - ports.clock.now() <= pause) {
      return end_with(failure, tries, "; there is no time left to try again");
    }
    if (!wait(pause, request, ports)) return fail(ErrorCode::Conflict, "The turn was cancelled.");
    if (request.on_restart) request.on_restart();
  }
}

}  // namespace ebagent::models
