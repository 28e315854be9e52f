#pragma once

#include <boost/json/object.hpp>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "bus/scope.hpp"
#include "ebagent/clock.hpp"
#include "ebagent/result.hpp"

namespace ebagent::bus {

using Tags = std::map<std::string, std::string>;

// What may be said of an event bus beside its name. Absent members are left as they are, empty ones removed.
// KmsKeyIdentifier, DeadLetterConfig and LogConfig are kept and shown, and change nothing here: the store is the
// machine's own, and every delivery has its log and its dead letters.
struct EventBusSettings {
  std::optional<std::string> description = {};
  std::optional<std::string> kms_key = {};
  std::optional<std::string> dead_letter_arn = {};
  std::optional<boost::json::object> log_config = {};
};

// An event bus as DescribeEventBus shows it. Empty text stands for an absent member.
struct EventBus {
  std::string name = {};
  std::string arn = {};
  std::string description = {};
  std::string kms_key = {};
  std::string dead_letter_arn = {};
  boost::json::object log_config = {};
  boost::json::object policy = {};  // an IAM policy; empty when nobody else may put events
  TimePoint created = {};           // the epoch for a default bus that was never changed
  TimePoint modified = {};

  bool operator==(const EventBus&) const = default;
};

// One statement of a bus policy, as PutPermission takes it.
struct Permission {
  std::string statement_id = {};
  std::string principal = {};  // an account, or "*"
  std::string action = {};
  boost::json::object condition = {};  // {"Type","Key","Value"}, or empty
};

// The bus that every scope has from the start.
[[nodiscard]] EventBus default_bus(const Scope& scope);

// The JSON text that a bus is kept as, and back. Errors: Malformed.
[[nodiscard]] std::string write_bus(const Scope& scope, const EventBus& bus);
struct ScopedBus {
  Scope scope;
  EventBus bus;
};
[[nodiscard]] Result<ScopedBus> read_bus(std::string_view json);

// Puts a statement into a policy, in place of one of the same id.
void put_statement(boost::json::object& policy, std::string_view bus_arn, const Permission& permission);
// Takes a statement out; false when there is none of that id.
[[nodiscard]] bool remove_statement(boost::json::object& policy, std::string_view statement_id);

}  // namespace ebagent::bus
