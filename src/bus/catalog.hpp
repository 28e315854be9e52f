#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bus/archive.hpp"
#include "bus/event_bus.hpp"
#include "bus/replay.hpp"
#include "bus/rule.hpp"
#include "bus/scope.hpp"
#include "ebagent/clock.hpp"
#include "ebagent/pattern.hpp"
#include "ebagent/result.hpp"
#include "store/store.hpp"

namespace ebagent::bus {

class Routing;

// Quotas of EventBridge that a deployment may change.
// Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
struct CatalogSettings {
  std::size_t max_pattern_bytes = 4096;  // the service model's bound
  std::size_t max_targets_per_rule = 5;
  std::size_t max_rules_per_bus = 100'000;  // AWS: 300, to protect its fleet; here only memory is at stake
  std::size_t max_buses = 100'000;          // AWS: 100
  std::size_t max_active_replays = 10;      // of one account and region
  pattern::Limits pattern = {};
};

// A rule that fires by the clock.
struct ScheduledRule {
  Scope scope;
  std::string bus;
  std::string name;
  std::string arn;
  std::string expression;
  TimePoint anchor;  // when the rule got this expression or was enabled last; rates count from here
};

// The event buses, rules and targets of every scope: the operations of the AWS API on them.
//
// Every change is in the store, durably, before its call returns; a change that could not be written is not
// made. Reading never waits for a change that is being written.
//
// Errors of all operations, by their AWS name: NotFound (ResourceNotFoundException), AlreadyExists
// (ResourceAlreadyExistsException), InvalidArgument
// (ValidationException), Malformed (InvalidEventPatternException), LimitExceeded (LimitExceededException),
// Conflict (ManagedRuleException); anything else is the store's (InternalException). Messages are AWS's where
// it has one. Thread safety: every member may be called from any thread. `bus` parameters take a name or an
// ARN.
class Catalog {
 public:
  // Reads what the store holds. The references must outlive the catalog.
  [[nodiscard]] static Result<std::unique_ptr<Catalog>> open(store::Store& store, const Clock& clock,
                                                             CatalogSettings settings = {});
  ~Catalog();
  Catalog(const Catalog&) = delete;
  Catalog& operator=(const Catalog&) = delete;

  // Makes or replaces a rule; returns its ARN.
  Result<std::string> put_rule(const Scope& scope, const RuleSpec& spec);
  [[nodiscard]] Result<Rule> describe_rule(const Scope& scope, std::string_view bus,
                                           std::string_view name) const;
  // By name. `name_prefix` may be empty.
  [[nodiscard]] Result<Page<Rule>> list_rules(const Scope& scope, std::string_view bus,
                                              std::string_view name_prefix,
                                              const PageRequest& page = {}) const;
  Result<void> enable_rule(const Scope& scope, std::string_view bus, std::string_view name);
  Result<void> disable_rule(const Scope& scope, std::string_view bus, std::string_view name);

  // Whether a change of a managed rule is meant.
  enum class Managed { Refuse, Force };
  // A rule that does not exist counts as deleted.
  Result<void> delete_rule(const Scope& scope, std::string_view bus, std::string_view name,
                           Managed managed = Managed::Refuse);

  // Adds targets, or replaces those of the same id; returns the entries that were refused.
  Result<std::vector<FailedEntry>> put_targets(const Scope& scope, std::string_view bus,
                                               std::string_view rule, std::vector<Target> targets,
                                               Managed managed = Managed::Refuse);
  // Removes targets by id; returns the ids that were not there.
  Result<std::vector<FailedEntry>> remove_targets(const Scope& scope, std::string_view bus,
                                                  std::string_view rule, const std::vector<std::string>& ids,
                                                  Managed managed = Managed::Refuse);
  // By id.
  [[nodiscard]] Result<Page<Target>> list_targets_by_rule(const Scope& scope, std::string_view bus,
                                                          std::string_view rule,
                                                          const PageRequest& page = {}) const;
  [[nodiscard]] Result<Page<std::string>> list_rule_names_by_target(const Scope& scope, std::string_view bus,
                                                                    std::string_view target_arn,
                                                                    const PageRequest& page = {}) const;

  // Makes an event bus. AlreadyExists when there is one of that name.
  Result<EventBus> create_bus(const Scope& scope, std::string_view name, const EventBusSettings& settings,
                              Tags tags = {});
  Result<EventBus> update_bus(const Scope& scope, std::string_view name, const EventBusSettings& settings);
  // InvalidArgument for the default bus and for one that has rules. A bus that does not exist counts as deleted.
  Result<void> delete_bus(const Scope& scope, std::string_view name);
  [[nodiscard]] Result<Page<EventBus>> list_buses(const Scope& scope, std::string_view name_prefix,
                                                  const PageRequest& page = {}) const;
  [[nodiscard]] Result<EventBus> describe_bus(const Scope& scope, std::string_view bus) const;
  // Whether events may be put to a bus of this name; others go nowhere.
  [[nodiscard]] bool has_bus(const Scope& scope, std::string_view name) const;

  // Allows others to use a bus. Kept and shown; see docs/eventbridge-api.md for what it does here.
  // LimitExceeded when the policy becomes longer than AWS allows (PolicyLengthExceededException).
  Result<void> put_permission(const Scope& scope, std::string_view bus, const Permission& permission);
  // Replaces the whole policy. InvalidArgument when it is no JSON object.
  Result<void> put_policy(const Scope& scope, std::string_view bus, std::string_view policy_json);
  Result<void> remove_permission(const Scope& scope, std::string_view bus, std::string_view statement_id);
  Result<void> remove_all_permissions(const Scope& scope, std::string_view bus);

  // Makes an archive of what is accepted on a bus (by its ARN) from now on, and the managed rule that feeds it.
  Result<Archive> create_archive(const Scope& scope, std::string_view name, std::string_view source_arn,
                                 const ArchiveSettings& settings);
  // Also puts the rule back if it was deleted by force.
  Result<Archive> update_archive(const Scope& scope, std::string_view name, const ArchiveSettings& settings);
  Result<void> delete_archive(const Scope& scope, std::string_view name);
  [[nodiscard]] Result<ArchiveView> describe_archive(const Scope& scope, std::string_view name) const;
  [[nodiscard]] Result<Page<ArchiveView>> list_archives(const Scope& scope, const ArchiveFilter& filter,
                                                        const PageRequest& page = {}) const;

  // Whether the archive of that name is still the one of that number.
  [[nodiscard]] bool has_archive(const Scope& scope, std::string_view name, std::int64_t number) const;

  // Begins a replay; a Replayer carries it out. LimitExceeded when as many run as may.
  Result<Replay> start_replay(const Scope& scope, ReplaySpec spec);
  // Conflict (IllegalStatusException) when it has ended or is being cancelled.
  Result<Replay> cancel_replay(const Scope& scope, std::string_view name);
  [[nodiscard]] Result<Replay> describe_replay(const Scope& scope, std::string_view name) const;
  [[nodiscard]] Result<Page<Replay>> list_replays(const Scope& scope, const ReplayFilter& filter,
                                                  const PageRequest& page = {}) const;
  // For who carries replays out: those that are active, in the order in which they were started.
  [[nodiscard]] std::vector<Replay> active_replays() const;
  // Lets `step` take a replay further and write it down; no other change of a replay happens meanwhile. What it returns
  // becomes the replay's state. Nothing happens, and false is returned, when the replay is gone or its state has changed.
  Result<bool> advance_replay(const Replay& replay, const std::function<Result<Replay>()>& step);
  // Forgets replays that ended before `before`.
  Result<void> forget_replays(TimePoint before);

  // Tags of a rule or an event bus, by its ARN; at most 50.
  Result<void> tag_resource(const Scope& scope, const std::string& arn, const Tags& tags);
  Result<void> untag_resource(const Scope& scope, const std::string& arn,
                              const std::vector<std::string>& keys);
  [[nodiscard]] Result<Tags> tags_of(const Scope& scope, const std::string& arn) const;

  // Forgets every bus, rule, target and tag; the store must have been cleared before.
  void clear();

  // Every rule of every scope, for people and consoles.
  struct ScopedRule {
    Scope scope;
    Rule rule;
    std::vector<Target> targets;
  };
  [[nodiscard]] std::vector<ScopedRule> all_rules() const;

  // Enabled rules with a ScheduleExpression; their set has changed when the version has.
  [[nodiscard]] std::vector<ScheduledRule> scheduled_rules() const;
  [[nodiscard]] std::uint64_t schedules_version() const;

  // The compiled form of all this that events are routed by.
  [[nodiscard]] const Routing& routing() const;

 private:
  Catalog(store::Store& store, const Clock& clock, CatalogSettings settings);

  struct State;
  const std::unique_ptr<State> state_;
};

}  // namespace ebagent::bus
