#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "ebagent/clock.hpp"
#include "ebagent/result.hpp"
#include "tools/database.hpp"

namespace ebagent::tools {

// How many events of one kind came in one hour.
struct EventCount {
  std::string source;
  std::string detail_type;
  TimePoint hour;  // its beginning, UTC
  std::int64_t count = 0;

  bool operator==(const EventCount&) const = default;
};

// What reports know about the events handled.
// Thread safety: may be asked from any thread.
class EventStatistics {
 public:
  virtual ~EventStatistics() = default;
  // The events of `from` (inclusive) to `to` (exclusive), by hour, then source, then detail-type.
  [[nodiscard]] virtual Result<std::vector<EventCount>> between(TimePoint from, TimePoint to) = 0;
};

// One remembered event.
struct LoggedEvent {
  std::string event_id;
  std::string source;
  std::string detail_type;
  TimePoint time;
  std::string details;  // JSON text
};

// A log of events handled, as a DynamoDB table keyed by event id and writer would keep it.
// Thread safety: every member may be called from any thread.
class EventLog {
 public:
  virtual ~EventLog() = default;
  // Remembers an event. A key used before changes nothing; false then.
  [[nodiscard]] virtual Result<bool> add(std::string_view idempotency_key, const LoggedEvent& event,
                                         TimePoint now) = 0;
};

// The log as a table; it answers for reports too, counting every event id once.
class LocalEventLog final : public EventLog, public EventStatistics {
 public:
  [[nodiscard]] static Result<std::unique_ptr<LocalEventLog>> open(std::shared_ptr<Database> database);

  [[nodiscard]] Result<bool> add(std::string_view idempotency_key, const LoggedEvent& event,
                                 TimePoint now) override;
  [[nodiscard]] Result<std::vector<EventCount>> between(TimePoint from, TimePoint to) override;

 private:
  explicit LocalEventLog(std::shared_ptr<Database> database) : database_(std::move(database)) {}

  const std::shared_ptr<Database> database_;
};

}  // namespace ebagent::tools
