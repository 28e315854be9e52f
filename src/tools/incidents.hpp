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

// A disturbance, from the alarm that reported it to the one that took it back.
struct Incident {
  std::string id;
  std::string alarm;
  bool is_open = true;
  TimePoint opened;
  TimePoint closed;     // meaningless while open
  std::string details;  // JSON text
};

// What a call about an alarm changed.
enum class IncidentChange {
  Opened,
  Closed,
  AlreadyOpen,  // the alarm's incident goes on; nothing was changed
  NoneOpen,     // there was nothing to close
  Outdated,     // a later state of the alarm is already known; nothing was changed
};

struct IncidentOutcome {
  IncidentChange change = IncidentChange::Opened;
  Incident incident;  // without an id when there is none
};

// Incidents by the name of their alarm: at most one is open for each. Events may come twice and out of order,
// so every call carries the time of the alarm's change, and what is older than the last known change is
// Outdated. A key used before changes nothing and gives the outcome of the first time. Thread safety: every
// member may be called from any thread.
class Incidents {
 public:
  virtual ~Incidents() = default;
  [[nodiscard]] virtual Result<IncidentOutcome> open_incident(std::string_view idempotency_key,
                                                              std::string_view alarm,
                                                              std::string_view details_json,
                                                              TimePoint changed) = 0;
  [[nodiscard]] virtual Result<IncidentOutcome> close_incident(std::string_view idempotency_key,
                                                               std::string_view alarm, TimePoint changed) = 0;
};

// Incidents in a table.
class LocalIncidents final : public Incidents {
 public:
  [[nodiscard]] static Result<std::unique_ptr<LocalIncidents>> open(std::shared_ptr<Database> database);

  [[nodiscard]] Result<IncidentOutcome> open_incident(std::string_view idempotency_key,
                                                      std::string_view alarm, std::string_view details_json,
                                                      TimePoint changed) override;
  [[nodiscard]] Result<IncidentOutcome> close_incident(std::string_view idempotency_key,
                                                       std::string_view alarm, TimePoint changed) override;
  // All incidents of an alarm, the newest first.
  [[nodiscard]] Result<std::vector<Incident>> of_alarm(std::string_view alarm);

 private:
  explicit LocalIncidents(std::shared_ptr<Database> database) : database_(std::move(database)) {}

  const std::shared_ptr<Database> database_;
};

}  // namespace ebagent::tools
