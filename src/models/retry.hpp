#pragma once

#include <chrono>
#include <functional>

#include "core/ids.hpp"
#include "ebagent/clock.hpp"
#include "ebagent/model.hpp"
#include "models/service_error.hpp"

namespace ebagent::models {

// What retrying needs of the world.
struct RetryPorts {
  const Clock& clock;
  core::Random& random;
  const std::function<void(Duration)>& sleep;
};

// The longest wait between two tries of a turn. A service that asks for more is not waited for: the delivery behind the turn
// is tried again later, without holding a worker.
inline constexpr std::chrono::seconds kLongestWait{60};

// How long to wait after the `failed`-th failure (from 1) when the service says nothing: half a second, doubled each time, at
// most 20 seconds, of which a random half may be missing, so that those who failed together do not come again together.
[[nodiscard]] Duration backoff(int failed, core::Random& random);

// Tries a turn up to `attempts` times while its failures may pass, waiting as the service asks or with backoff, never beyond
// the request's deadline. A context that is full and a request that is filtered are turns with the end that says so; any other
// failure is an Error.
[[nodiscard]] Result<Turn> with_retries(int attempts, const TurnRequest& request, const RetryPorts& ports,
                                        const std::function<Attempt()>& attempt);

}  // namespace ebagent::models
