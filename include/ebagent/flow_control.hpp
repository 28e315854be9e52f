#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace ebagent {

// When events become runs of an agent, with the words and meanings of Inngest (https://www.inngest.com/docs/guides/flow-control).
// Every key is a path into the event ($.detail.customerId); events without that value share one key, and so do all when the
// path is empty. Holds where deliveries are kept (serve, worker); a direct call of process_event runs at once.

// At most `limit` runs of a key at a time; the others wait, first come, first served.
struct Concurrency {
  int limit = 1;
  std::string key = {};
};

// At most `limit` runs of a key begin in `period` (and `burst` more at once); the others wait their turn.
struct Throttle {
  int limit = 1;
  std::chrono::milliseconds period{0};
  int burst = 0;
  std::string key = {};
};

// At most `limit` runs of a key begin in `period`; events beyond are dropped, and a run with state Skipped says so.
struct RateLimit {
  int limit = 1;
  std::chrono::milliseconds period{0};
  std::string key = {};
};

// The run begins when no event of the key came for `period`, with the last of them; at the latest `longest_wait` after the
// first (zero: no bound). The others end as Skipped.
struct Debounce {
  std::chrono::milliseconds period{0};
  std::chrono::milliseconds longest_wait{0};
  std::string key = {};
};

// One run for up to `size` events of a key, begun when they are together or `longest_wait` after the first. Its input is
// {"events": [...]}.
struct Batch {
  int size = 1;
  std::chrono::milliseconds longest_wait{0};
  std::string key = {};
};

// At most one run of a key at a time: an event that comes meanwhile is skipped, or cancels the run and takes its place.
struct Singleton {
  enum class Mode { Skip, CancelPrevious } mode = Mode::Skip;
  std::string key = {};
};

// An event that matches `pattern` cancels the agent's runs that are under way or waiting and whose event has the same value at
// `match` (a path into both events; empty: all of them).
struct CancelOn {
  std::string pattern = {};  // an EventPattern's JSON text
  std::string match = {};
};

struct FlowControl {
  std::optional<Concurrency> concurrency = {};
  std::optional<Throttle> throttle = {};
  std::optional<RateLimit> rate_limit = {};
  std::optional<Debounce> debounce = {};
  std::optional<Batch> batch = {};
  std::optional<Singleton> singleton = {};
  std::vector<CancelOn> cancel_on = {};

  [[nodiscard]] bool is_used() const {
    return concurrency || throttle || rate_limit || debounce || batch || singleton || !cancel_on.empty();
  }
};

}  // namespace ebagent
