#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "ebagent/clock.hpp"
#include "ebagent/flow_control.hpp"

namespace ebagent::agent::flow {

// An event that waits with its key: its run, which is Waiting, and the delivery that brings it again.
struct Member {
  std::string run_id;
  std::int64_t delivery = 0;

  bool operator==(const Member&) const = default;
};

// The state of a debounce's key: the last event, which the run is to begin with.
struct Pending {
  Member last;
  TimePoint first{};  // when the first event came since the last run
  TimePoint until{};  // when the run begins

  bool operator==(const Pending&) const = default;
};

[[nodiscard]] inline TimePoint debounced_until(const Debounce& debounce, TimePoint first, TimePoint now) {
  const TimePoint quiet = now + debounce.period;
  return debounce.longest_wait.count() == 0 ? quiet : std::min(quiet, first + debounce.longest_wait);
}

// What all events of a batch may have, so that one run can hold them; with more it begins although it is not full.
inline constexpr std::size_t kMaxBatchBytes = std::size_t{10} * 1024 * 1024;

// The state of a batch's key: the events that are together so far.
struct OpenBatch {
  std::vector<Member> members;
  std::size_t bytes = 0;
  TimePoint until{};  // when the run begins at the latest

  bool operator==(const OpenBatch&) const = default;
};

[[nodiscard]] inline bool is_complete(const Batch& batch, const OpenBatch& open, TimePoint now) {
  return open.members.size() >= std::size_t(batch.size) || open.bytes >= kMaxBatchBytes || now >= open.until;
}

}  // namespace ebagent::agent::flow
