#include "bus/catalog_state.hpp"

#include <utility>

#include "core/json.hpp"
#include "event/put_events.hpp"

namespace ebagent::bus {
namespace {

bool has_schedule(const RuleEntryPtr& entry) {
  return entry != nullptr && !entry->rule.schedule_expression.empty();
}

}  // namespace

Result<void> check_managed(const Rule& rule, Catalog::Managed managed) {
  if (rule.managed_by.empty() || managed == Catalog::Managed::Force) return success();
  return fail(ErrorCode::Conflict, "Rule " + rule.name + " is managed by " + rule.managed_by +
                                       " and can be changed by it only, or with force.");
}

Result<BusKey> Catalog::State::resolve(const Scope& scope, std::string_view name_or_arn) const {
  const std::string_view name = name_or_arn.empty() ? kDefaultBus : event::bus_name(name_or_arn);
  const bool is_arn = name.size() != name_or_arn.size() && !name_or_arn.empty();
  if ((is_arn && name_or_arn != bus_arn(scope, name)) || !has_bus(scope, name)) {
    return fail(ErrorCode::NotFound, "Event bus " + std::string{name_or_arn} + " does not exist.");
  }
  return BusKey{scope, std::string{name}};
}

Result<BusKey> Catalog::State::resolve_arn(const Scope& scope, std::string_view arn) const {
  const std::string_view name = event::bus_name(arn);
  if (arn != bus_arn(scope, name) || !has_bus(scope, name)) {
    return fail(ErrorCode::NotFound, "Event bus " + std::string{name} + " does not exist.");
  }
  return BusKey{scope, std::string{name}};
}

Result<RuleEntryPtr> Catalog::State::find(const BusKey& bus, std::string_view name) const {
  {
    const std::shared_lock lock{mutex};
    const RulesByName& named = rules(bus);
    if (const auto found = named.find(name); found != named.end()) return found->second;
  }
  return fail(ErrorCode::NotFound,
              "Rule " + std::string{name} + " does not exist on EventBus " + bus.bus + ".");
}

const RulesByName& Catalog::State::rules(const BusKey& bus) const {
  static const RulesByName kNone;
  const auto found = rules_of.find(bus);
  return found == rules_of.end() ? kNone : found->second;
}

std::size_t Catalog::State::rule_count(const BusKey& bus) const {
  const std::shared_lock lock{mutex};
  return rules(bus).size();
}

Result<RoutedRulePtr> Catalog::State::route(const BusKey& bus, const RuleEntry& entry) const {
  auto routed = std::make_shared<RoutedRule>();
  routed->name = entry.rule.name;
  routed->arn = entry.rule.arn;
  if (entry.archive != 0) {
    // Its target is the archive itself, not somebody to send to; without it (taken away by force) nothing is kept.
    routed->archive = entry.targets.empty() ? 0 : entry.archive;
    return RoutedRulePtr{std::move(routed)};
  }
  for (const auto& [id, target] : entry.targets) {
    BOOST_OUTCOME_TRY(Input input, Input::compile(target));
    store::Route route{.bus = bus.bus,
                       .rule_arn = entry.rule.arn,
                       .target_id = id,
                       .target_arn = target.arn,
                       .target_json = core::write_json(to_json(target)),
                       .dead_letter_arn = target.dead_letter_arn,
                       .reshapes_input = input.reshapes()};
    const RetrySettings retry = target.retry.value_or(RetrySettings{});
    route.max_attempts = retry.max_attempts.value_or(route.max_attempts);
    route.max_age = retry.max_age.value_or(route.max_age);
    BOOST_OUTCOME_TRY(auto interned, store.put_route(std::move(route)));
    routed->targets.push_back({std::move(interned), std::move(input)});
  }
  return RoutedRulePtr{std::move(routed)};
}

Result<void> Catalog::State::save(const BusKey& bus, RuleEntry entry, store::Transaction writes) {
  if (!has_bus(bus.scope, bus.bus)) {
    return fail(ErrorCode::NotFound, "Event bus " + bus.bus + " does not exist.");
  }
  writes.emplace_back(store::PutCatalog{{std::string{kRuleRecord}, entry.rule.arn, write_record(entry)}});
  BOOST_OUTCOME_TRYV(store.commit_and_wait(std::move(writes)));

  const auto saved = std::make_shared<const RuleEntry>(std::move(entry));
  RuleEntryPtr before;
  {
    const std::unique_lock lock{mutex};
    RuleEntryPtr& slot = rules_of[bus][saved->rule.name];
    before = std::exchange(slot, saved);
  }
  routing.set(bus, saved->routed, saved->rule.is_enabled() ? saved->pattern : std::nullopt);
  if (has_schedule(saved) || has_schedule(before)) ++schedules_version;
  return success();
}

Result<void> Catalog::State::erase(const BusKey& bus, const RuleEntry& entry, store::Transaction writes) {
  writes.emplace_back(store::DeleteCatalog{std::string{kRuleRecord}, entry.rule.arn});
  writes.emplace_back(store::DeleteCatalog{std::string{kScheduleRecord}, entry.rule.arn});
  writes.emplace_back(store::DeleteCatalog{std::string{kTagsRecord}, entry.rule.arn});
  BOOST_OUTCOME_TRYV(store.commit_and_wait(std::move(writes)));

  const std::string name = entry.rule.name;
  {
    const std::unique_lock lock{mutex};
    tags.erase(entry.rule.arn);
    rules_of[bus].erase(name);
  }
  routing.remove(bus, name);
  if (!entry.rule.schedule_expression.empty()) ++schedules_version;
  return success();
}

Result<void> Catalog::State::load() {
  BOOST_OUTCOME_TRYV(load_buses());
  BOOST_OUTCOME_TRYV(load_tags());
  BOOST_OUTCOME_TRYV(load_archives());
  BOOST_OUTCOME_TRYV(load_replays());
  BOOST_OUTCOME_TRY(const auto records, store.catalog(kRuleRecord));
  std::map<BusKey, std::vector<Routing::Loaded>> loaded;
  for (const auto& record : records) {
    BOOST_OUTCOME_TRY(RuleEntry entry, read_record(record));
    const BusKey bus{entry.scope, entry.rule.bus};
    if (!entry.rule.event_pattern.empty()) {
      // Quotas that were lowered since do not disown a rule.
      auto pattern = pattern::compile(entry.rule.event_pattern, pattern::Limits::generous());
      if (!pattern) {
        return fail(ErrorCode::Malformed, "The event pattern of " + entry.rule.arn +
                                              " in the store is not valid: " + pattern.error().message);
      }
      entry.pattern = std::move(pattern).value();
    }
    auto routed = route(bus, entry);
    if (!routed) {
      return fail(routed.error().code, "The targets of " + entry.rule.arn +
                                           " in the store cannot be used: " + routed.error().message);
    }
    entry.routed = std::move(routed).value();
    loaded[bus].push_back({entry.routed, entry.rule.is_enabled() ? entry.pattern : std::nullopt});
    std::string name = entry.rule.name;
    rules_of[bus].insert_or_assign(std::move(name), std::make_shared<const RuleEntry>(std::move(entry)));
  }
  for (auto& [bus, rules] : loaded) routing.load(bus, std::move(rules));
  return success();
}

}  // namespace ebagent::bus
