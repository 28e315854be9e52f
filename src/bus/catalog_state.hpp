#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <utility>

#include "bus/catalog.hpp"
#include "bus/routing.hpp"

namespace ebagent::bus {

// Kinds of catalog records; their key is the rule's ARN.
inline constexpr std::string_view kRuleRecord = "rule";
inline constexpr std::string_view kScheduleRecord = "schedule";

// What AWS says when a quota is reached.
inline constexpr std::string_view kTooMany = "The requested resource exceeds the maximum number allowed.";

// One rule with all that belongs to it; replaced as a whole, never changed.
struct RuleEntry {
  Scope scope;
  Rule rule;
  std::map<std::string, Target, std::less<>> targets;  // by id
  TimePoint anchor;                                    // as ScheduledRule's
  std::optional<pattern::Pattern> pattern;             // of rule.event_pattern
  RoutedRulePtr routed;                                // of targets
};
using RuleEntryPtr = std::shared_ptr<const RuleEntry>;
using RulesByName = std::map<std::string, RuleEntryPtr, std::less<>>;

// The JSON text that a rule is kept as: its members and those of its targets in the shape of the AWS API.
[[nodiscard]] std::string write_record(const RuleEntry& entry);
// Reads it back; pattern and routed are left for the reader. Errors: Malformed.
[[nodiscard]] Result<RuleEntry> read_record(const store::CatalogRecord& record);

struct Catalog::State {
  State(store::Store& store_in, const Clock& clock_in, CatalogSettings settings_in)
      : store(store_in), clock(clock_in), settings(settings_in) {}

  store::Store& store;
  const Clock& clock;
  const CatalogSettings settings;
  Routing routing;
  std::atomic<std::uint64_t> schedules_version{1};

  std::mutex changing;  // held for the whole of a change, its durable write included; readers do not take it

  mutable std::shared_mutex mutex;
  std::map<BusKey, RulesByName> buses;  // guarded by mutex; written by the holder of `changing` only

  // The bus that a request means. NotFound when it does not exist.
  [[nodiscard]] Result<BusKey> resolve(const Scope& scope, std::string_view name_or_arn) const;
  // NotFound with AWS's message.
  [[nodiscard]] Result<RuleEntryPtr> find(const BusKey& bus, std::string_view name) const;
  // The rules of a bus; `mutex` must be held while they are looked at.
  [[nodiscard]] const RulesByName& rules(const BusKey& bus) const;
  [[nodiscard]] std::size_t rule_count(const BusKey& bus) const;

  // Writes the entry down, then shows it to readers and events.
  Result<void> save(const BusKey& bus, RuleEntry entry);
  Result<void> erase(const BusKey& bus, const RuleEntry& entry);
  // Routes and compiled inputs of the entry's targets. Errors: those of Input::compile() and of the store.
  [[nodiscard]] Result<RoutedRulePtr> route(const BusKey& bus, const RuleEntry& entry) const;
  Result<void> set_enabled(const Scope& scope, std::string_view bus, std::string_view name,
                           std::string_view state);
  Result<void> load();
};

// Conflict for a rule that is managed, unless the caller means it.
[[nodiscard]] Result<void> check_managed(const Rule& rule, Catalog::Managed managed);

}  // namespace ebagent::bus
