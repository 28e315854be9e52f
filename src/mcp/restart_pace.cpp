#include "mcp/restart_pace.hpp"

#include <algorithm>

namespace ebagent::mcp {

// With the mutex held.
void RestartPace::wait(TimePoint now, int failures, const Error& why) {
  Duration wait = failures > 0 ? kFirstWait : Duration{0};
  for (int i = 1; i < failures && wait < kLastWait; ++i) wait *= 2;
  not_before_ = now + std::min(wait, kLastWait);
  why_ = why.message;
}

void RestartPace::did_not_start(TimePoint now, const Error& why) {
  const std::scoped_lock lock{mutex_};
  wait(now, ++failures_, why);
}

void RestartPace::has_ended(TimePoint now, const Error& why) {
  const std::scoped_lock lock{mutex_};
  wait(now, failures_++, why);
}

void RestartPace::has_worked() {
  const std::scoped_lock lock{mutex_};
  failures_ = 0;
}

Result<void> RestartPace::may_start(TimePoint now) const {
  const std::scoped_lock lock{mutex_};
  if (failures_ == 0 || now >= not_before_) return success();
  return fail(ErrorCode::Unavailable, "It cannot be used, and is tried again later. " + why_);
}

}  // namespace ebagent::mcp
