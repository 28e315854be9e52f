#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bus/scope.hpp"
#include "ebagent/clock.hpp"
#include "ebagent/result.hpp"
#include "store/store.hpp"

namespace ebagent::bus {

enum class ReplayState { Starting, Running, Cancelling, Completed, Cancelled, Failed };

// "STARTING" ...
[[nodiscard]] std::string_view name_of(ReplayState state);

// What StartReplay asks for.
struct ReplaySpec {
  std::string name = {};
  std::string description = {};
  std::string source_arn = {};  // of the archive
  TimePoint from = {};          // event times, both included
  TimePoint until = {};
  std::string destination_arn = {};           // of the archive's own bus
  std::vector<std::string> filter_arns = {};  // rules that get the events; empty: all of the bus
};

// Sends the events of a span of an archive again, to the bus that they came from.
struct Replay {
  Scope scope = {};
  ReplaySpec spec = {};
  std::string arn = {};
  std::string bus = {};      // a name
  std::string archive = {};  // a name
  std::int64_t archive_number = 0;
  ReplayState state = ReplayState::Starting;
  std::string state_reason = {};
  TimePoint started = {};
  std::optional<TimePoint> ended = {};
  store::ArchivePosition position = {};         // everything up to it is on the bus
  std::optional<TimePoint> last_replayed = {};  // time of the last event that is

  // Counts among the replays that may run at the same time.
  [[nodiscard]] bool is_active() const {
    return state == ReplayState::Starting || state == ReplayState::Running ||
           state == ReplayState::Cancelling;
  }
};

// At most one of them may be given.
struct ReplayFilter {
  std::string name_prefix = {};
  std::string source_arn = {};
  std::string state = {};
};

// "arn:aws:events:REGION:ACCOUNT:replay/NAME"
[[nodiscard]] std::string replay_arn(const Scope& scope, std::string_view replay);

// Under which id the store knows an event that a replay sends again: the envelope keeps the event's own, so the store
// must tell the two apart, and two replays from each other.
[[nodiscard]] std::string replayed_id(const Replay& replay, std::string_view event_id);

// The JSON text that a replay is kept as, and back. Errors: Malformed.
[[nodiscard]] std::string write_replay(const Replay& replay);
[[nodiscard]] Result<Replay> read_replay(std::string_view json);

}  // namespace ebagent::bus
