#pragma once

#include <atomic>
#include <functional>
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
// Their key is the ARN of the bus, or of what is tagged.
inline constexpr std::string_view kBusRecord = "event-bus";
inline constexpr std::string_view kTagsRecord = "tags";
// Their key is the ARN of the archive or replay. The one record of the last kind holds the number of the newest archive.
inline constexpr std::string_view kArchiveRecord = "archive";
inline constexpr std::string_view kReplayRecord = "replay";
inline constexpr std::string_view kArchiveNumberRecord = "archive-number";

// What AWS says when a quota is reached.
inline constexpr std::string_view kTooMany = "The requested resource exceeds the maximum number allowed.";

// One rule with all that belongs to it; replaced as a whole, never changed.
struct RuleEntry {
  Scope scope;
  Rule rule;
  std::map<std::string, Target, std::less<>> targets;  // by id
  TimePoint anchor;                                    // as ScheduledRule's
  std::int64_t archive = 0;                            // that the rule feeds; 0 for all other rules
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

  std::mutex
      replaying;  // the same for replays, whose many small steps would keep other changes waiting; taken last

  mutable std::shared_mutex mutex;
  // All guarded by mutex, and written by the holder of `changing` only, replays by that of `replaying`.
  std::map<BusKey, RulesByName> rules_of;
  std::map<Scope, std::map<std::string, EventBus, std::less<>>>
      buses;                                      // default buses once they were changed
  std::map<std::string, Tags, std::less<>> tags;  // by ARN
  std::map<Scope, std::map<std::string, Archive, std::less<>>> archives;
  std::map<Scope, std::map<std::string, Replay, std::less<>>> replays;
  std::int64_t last_archive = 0;  // its number

  // The bus that a request means. NotFound when it does not exist.
  [[nodiscard]] Result<BusKey> resolve(const Scope& scope, std::string_view name_or_arn) const;
  // The same by ARN alone; the message calls the bus by its name, as AWS does for archives and replays.
  [[nodiscard]] Result<BusKey> resolve_arn(const Scope& scope, std::string_view arn) const;
  // NotFound with AWS's message.
  [[nodiscard]] Result<RuleEntryPtr> find(const BusKey& bus, std::string_view name) const;
  // The rules of a bus; `mutex` must be held while they are looked at.
  [[nodiscard]] const RulesByName& rules(const BusKey& bus) const;
  [[nodiscard]] std::size_t rule_count(const BusKey& bus) const;

  // Writes the entry down, then shows it to readers and events.
  // `also` is written with it.
  Result<void> save(const BusKey& bus, RuleEntry entry, store::Transaction also = {});
  Result<void> erase(const BusKey& bus, const RuleEntry& entry, store::Transaction also = {});
  // Routes and compiled inputs of the entry's targets. Errors: those of Input::compile() and of the store.
  [[nodiscard]] Result<RoutedRulePtr> route(const BusKey& bus, const RuleEntry& entry) const;
  Result<void> set_enabled(const Scope& scope, std::string_view bus, std::string_view name,
                           std::string_view state);
  [[nodiscard]] bool has_bus(const Scope& scope, std::string_view name) const;
  // The bus of that name, the default bus even if it was never changed.
  [[nodiscard]] std::optional<EventBus> bus(const Scope& scope, std::string_view name) const;
  // Writes the bus down, then shows it to readers.
  Result<void> save_bus(const Scope& scope, EventBus bus, std::optional<Tags> with_tags = std::nullopt);
  // Looks a bus up, lets `change` change its policy, and saves it. Errors: NotFound, LimitExceeded, those of `change`.
  Result<void> change_policy(const Scope& scope, std::string_view bus,
                             const std::function<Result<void>(EventBus&)>& change);
  // NotFound when `arn` is neither of a rule nor of a bus of the scope.
  [[nodiscard]] Result<void> check_taggable(const Scope& scope, std::string_view arn) const;
  Result<void> save_tags(const std::string& arn, Tags changed);

  // The archive of that name. NotFound with AWS's message.
  [[nodiscard]] Result<Archive> archive(const Scope& scope, std::string_view name) const;
  // The rule that feeds an archive, as it should be.
  [[nodiscard]] Result<RuleEntry> archive_rule(const Scope& scope, const Archive& archive) const;
  // Writes the archive and its rule down, then shows them to readers and events.
  Result<void> save_archive(const Scope& scope, const Archive& archive, RuleEntry rule);
  [[nodiscard]] ArchiveView view(const Scope& scope, const Archive& archive) const;
  [[nodiscard]] Result<Replay> replay(const Scope& scope, std::string_view name) const;
  Result<void> save_replay(Replay replay);
  [[nodiscard]] std::size_t active_replays(const Scope& scope) const;

  Result<void> load();
  Result<void> load_archives();
  Result<void> load_replays();
  Result<void> load_buses();
  Result<void> load_tags();
};

// A rule's pattern, compiled. Errors in AWS's words.
[[nodiscard]] Result<pattern::Pattern> compile_pattern(const std::string& text,
                                                       const CatalogSettings& settings);

// The JSON text that tags are kept as.
[[nodiscard]] std::string write_tags(const Tags& tags);

// Conflict for a rule that is managed, unless the caller means it.
[[nodiscard]] Result<void> check_managed(const Rule& rule, Catalog::Managed managed);

}  // namespace ebagent::bus
