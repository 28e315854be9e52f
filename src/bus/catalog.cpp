#include "bus/catalog.hpp"

#include <utility>

#include "bus/catalog_state.hpp"
#include "bus/page.hpp"
#include "bus/validation.hpp"
#include "core/json.hpp"
#include "schedule/schedule.hpp"

namespace ebagent::bus {
namespace {

Result<void> check_schedule(const std::string& expression, const BusKey& bus) {
  if (bus.bus != kDefaultBus) {
    return fail(ErrorCode::InvalidArgument, "ScheduleExpression is supported only on the default event bus.");
  }
  if (!schedule::parse(expression)) {
    return fail(ErrorCode::InvalidArgument, std::string{schedule::kRuleExpressionRefused});
  }
  return success();
}

// AWS takes an empty text for an absent one.
bool is_given(const std::optional<std::string>& text) {
  return text && !text->empty();
}

// Rates count from when a rule got its expression or was enabled; other changes leave the rhythm alone.
bool keeps_rhythm(const Rule& before, const Rule& after) {
  return before.schedule_expression == after.schedule_expression &&
         (before.is_enabled() || !after.is_enabled());
}

}  // namespace

Result<pattern::Pattern> compile_pattern(const std::string& text, const CatalogSettings& settings) {
  if (core::character_count(text) > settings.max_pattern_bytes) {
    return fail(
        ErrorCode::InvalidArgument,
        "1 validation error detected: Value at 'eventPattern' failed to satisfy constraint: Member must have "
        "length less than or equal to " +
            std::to_string(settings.max_pattern_bytes));
  }
  auto compiled = pattern::compile(text, settings.pattern);
  if (!compiled) {
    return fail(ErrorCode::Malformed, "Event pattern is not valid. Reason: " + compiled.error().message);
  }
  return compiled;
}

Catalog::Catalog(store::Store& store, const Clock& clock, CatalogSettings settings)
    : state_(std::make_unique<State>(store, clock, settings)) {}

Catalog::~Catalog() = default;

Result<std::unique_ptr<Catalog>> Catalog::open(store::Store& store, const Clock& clock,
                                               CatalogSettings settings) {
  std::unique_ptr<Catalog> catalog{new Catalog{store, clock, settings}};
  BOOST_OUTCOME_TRYV(catalog->state_->load());
  return catalog;
}

Result<std::string> Catalog::put_rule(const Scope& scope, const RuleSpec& spec) {
  BOOST_OUTCOME_TRYV(check_rule_members(spec));
  BOOST_OUTCOME_TRY(const BusKey bus, state_->resolve(scope, spec.bus));
  BOOST_OUTCOME_TRYV(check_tags(spec.tags));
  if (!is_given(spec.event_pattern) && !is_given(spec.schedule_expression)) {
    return fail(ErrorCode::InvalidArgument,
                "Parameter(s) EventPattern or ScheduleExpression must be specified.");
  }

  RuleEntry entry;
  entry.scope = scope;
  if (is_given(spec.event_pattern)) {
    BOOST_OUTCOME_TRY(entry.pattern, compile_pattern(*spec.event_pattern, state_->settings));
  }
  if (is_given(spec.schedule_expression)) {
    BOOST_OUTCOME_TRYV(check_schedule(*spec.schedule_expression, bus));
  }
  entry.rule = Rule{.name = spec.name,
                    .arn = rule_arn(scope, bus.bus, spec.name),
                    .bus = bus.bus,
                    .event_pattern = spec.event_pattern.value_or(""),
                    .schedule_expression = spec.schedule_expression.value_or(""),
                    .state = spec.state,
                    .description = spec.description,
                    .role_arn = spec.role_arn,
                    .managed_by = spec.managed_by,
                    .created_by = scope.account};
  entry.anchor = state_->clock.now();

  const std::scoped_lock changing{state_->changing};
  const auto found = state_->find(bus, spec.name);
  const bool is_new = !found;
  if (found) {
    const RuleEntry& before = *found.value();
    if (before.rule.managed_by != spec.managed_by) {
      BOOST_OUTCOME_TRYV(check_managed(before.rule, Managed::Refuse));
    }
    if (before.rule.event_pattern == entry.rule.event_pattern) entry.pattern = before.pattern;
    if (keeps_rhythm(before.rule, entry.rule)) entry.anchor = before.anchor;
    entry.targets = before.targets;
    entry.routed = before.routed;
  } else {
    if (state_->rule_count(bus) >= state_->settings.max_rules_per_bus) {
      return fail(ErrorCode::LimitExceeded, std::string{kTooMany});
    }
    BOOST_OUTCOME_TRY(entry.routed, state_->route(bus, entry));
  }
  std::string arn = entry.rule.arn;
  BOOST_OUTCOME_TRYV(state_->save(bus, std::move(entry)));
  if (is_new && !spec.tags.empty()) {
    BOOST_OUTCOME_TRYV(state_->save_tags(arn, spec.tags));
  }
  return arn;
}

Result<void> Catalog::State::set_enabled(const Scope& scope, std::string_view bus_name, std::string_view name,
                                         std::string_view wanted) {
  BOOST_OUTCOME_TRY(const BusKey bus, resolve(scope, bus_name));
  const std::scoped_lock lock{changing};
  BOOST_OUTCOME_TRY(const RuleEntryPtr before, find(bus, name));
  BOOST_OUTCOME_TRYV(check_managed(before->rule, Managed::Refuse));
  if (before->rule.is_enabled() == (wanted != kDisabled)) return success();
  RuleEntry entry = *before;
  entry.rule.state = wanted;
  if (entry.rule.is_enabled()) entry.anchor = clock.now();
  return save(bus, std::move(entry));
}

Result<void> Catalog::enable_rule(const Scope& scope, std::string_view bus, std::string_view name) {
  return state_->set_enabled(scope, bus, name, kEnabled);
}

Result<void> Catalog::disable_rule(const Scope& scope, std::string_view bus, std::string_view name) {
  return state_->set_enabled(scope, bus, name, kDisabled);
}

Result<void> Catalog::delete_rule(const Scope& scope, std::string_view bus_name, std::string_view name,
                                  Managed managed) {
  BOOST_OUTCOME_TRY(const BusKey bus, state_->resolve(scope, bus_name));
  const std::scoped_lock changing{state_->changing};
  const auto found = state_->find(bus, name);
  if (!found) return success();
  const RuleEntry& entry = *found.value();
  BOOST_OUTCOME_TRYV(check_managed(entry.rule, managed));
  if (!entry.targets.empty()) {
    return fail(ErrorCode::InvalidArgument, "Rule can't be deleted since it has targets.");
  }
  return state_->erase(bus, entry);
}

Result<Rule> Catalog::describe_rule(const Scope& scope, std::string_view bus_name,
                                    std::string_view name) const {
  BOOST_OUTCOME_TRY(const BusKey bus, state_->resolve(scope, bus_name));
  BOOST_OUTCOME_TRY(const RuleEntryPtr entry, state_->find(bus, name));
  return entry->rule;
}

Result<Page<Rule>> Catalog::list_rules(const Scope& scope, std::string_view bus_name,
                                       std::string_view name_prefix, const PageRequest& page) const {
  BOOST_OUTCOME_TRY(const BusKey bus, state_->resolve(scope, bus_name));
  const std::shared_lock lock{state_->mutex};
  return page_of<Rule>(state_->rules(bus), page, [&](const auto& named) -> std::optional<Rule> {
    if (!named.first.starts_with(name_prefix)) return std::nullopt;
    return named.second->rule;
  });
}

void Catalog::clear() {
  const std::scoped_lock changing{state_->changing, state_->replaying};
  std::map<BusKey, RulesByName> rules;
  {
    const std::unique_lock lock{state_->mutex};
    rules.swap(state_->rules_of);
    state_->buses.clear();
    state_->tags.clear();
    state_->archives.clear();
    state_->replays.clear();
    state_->last_archive = 0;
  }
  for (const auto& [bus, named] : rules) {
    for (const auto& [name, entry] : named) state_->routing.remove(bus, name);
  }
  ++state_->schedules_version;
}

std::vector<Catalog::ScopedRule> Catalog::all_rules() const {
  std::vector<ScopedRule> all;
  const std::shared_lock lock{state_->mutex};
  for (const auto& [bus, rules] : state_->rules_of) {
    for (const auto& [name, entry] : rules) {
      ScopedRule scoped{bus.scope, entry->rule, {}};
      for (const auto& [id, target] : entry->targets) scoped.targets.push_back(target);
      all.push_back(std::move(scoped));
    }
  }
  return all;
}

std::vector<ScheduledRule> Catalog::scheduled_rules() const {
  std::vector<ScheduledRule> scheduled;
  const std::shared_lock lock{state_->mutex};
  for (const auto& [bus, rules] : state_->rules_of) {
    for (const auto& [name, entry] : rules) {
      const Rule& rule = entry->rule;
      if (!rule.is_enabled() || rule.schedule_expression.empty()) continue;
      scheduled.push_back({bus.scope, bus.bus, rule.name, rule.arn, rule.schedule_expression, entry->anchor});
    }
  }
  return scheduled;
}

std::uint64_t Catalog::schedules_version() const {
  return state_->schedules_version;
}

const Routing& Catalog::routing() const {
  return state_->routing;
}

}  // namespace ebagent::bus
