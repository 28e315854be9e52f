#include <algorithm>
#include <utility>

#include "bus/catalog.hpp"
#include "bus/catalog_state.hpp"
#include "bus/page.hpp"
#include "bus/validation.hpp"
#include "core/json.hpp"
#include "event/put_events.hpp"

namespace ebagent::bus {
namespace {

// Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
constexpr std::size_t kMaxPolicyLength = 10'240;

Error no_such_bus(std::string_view name) {
  return {ErrorCode::NotFound, "Event bus " + std::string{name} + " does not exist."};
}

void apply(EventBus& bus, const EventBusSettings& settings) {
  if (settings.description) bus.description = *settings.description;
  if (settings.kms_key) bus.kms_key = *settings.kms_key;
  if (settings.dead_letter_arn) bus.dead_letter_arn = *settings.dead_letter_arn;
  if (settings.log_config) bus.log_config = *settings.log_config;
}

}  // namespace

std::optional<EventBus> Catalog::State::bus(const Scope& scope, std::string_view name) const {
  const std::shared_lock lock{mutex};
  if (const auto own = buses.find(scope); own != buses.end()) {
    if (const auto found = own->second.find(name); found != own->second.end()) return found->second;
  }
  if (name == kDefaultBus) return default_bus(scope);
  return std::nullopt;
}

Result<void> Catalog::State::save_bus(const Scope& scope, EventBus bus, std::optional<Tags> with_tags) {
  store::Transaction writes;
  writes.emplace_back(store::PutCatalog{{std::string{kBusRecord}, bus.arn, write_bus(scope, bus)}});
  if (with_tags)
    writes.emplace_back(store::PutCatalog{{std::string{kTagsRecord}, bus.arn, write_tags(*with_tags)}});
  BOOST_OUTCOME_TRYV(store.commit_and_wait(std::move(writes)));

  const std::unique_lock lock{mutex};
  if (with_tags) tags.insert_or_assign(bus.arn, *std::move(with_tags));
  std::string name = bus.name;
  buses[scope].insert_or_assign(std::move(name), std::move(bus));
  return success();
}

Result<void> Catalog::State::load_buses() {
  BOOST_OUTCOME_TRY(const auto records, store.catalog(kBusRecord));
  for (const auto& record : records) {
    auto read = read_bus(record.json);
    if (!read) {
      return fail(ErrorCode::Malformed,
                  "The store's record of " + record.key + " cannot be read: " + read.error().message);
    }
    auto& [scope, bus] = read.value();
    std::string name = bus.name;
    buses[scope].insert_or_assign(std::move(name), std::move(bus));
  }
  return success();
}

Result<EventBus> Catalog::create_bus(const Scope& scope, std::string_view name,
                                     const EventBusSettings& settings, Tags tags) {
  BOOST_OUTCOME_TRYV(check_tags(tags));
  // A slash is for the buses of partners, which are made from their event sources.
  if (name.find('/') != std::string_view::npos) {
    return fail(ErrorCode::InvalidArgument, "Event bus name must not contain '/'.");
  }
  const std::scoped_lock changing{state_->changing};
  if (state_->has_bus(scope, name)) {
    return fail(ErrorCode::AlreadyExists, "Event bus " + std::string{name} + " already exists.");
  }
  {
    const std::shared_lock lock{state_->mutex};
    const auto own = state_->buses.find(scope);
    if (own != state_->buses.end() && own->second.size() >= state_->settings.max_buses) {
      return fail(ErrorCode::LimitExceeded, std::string{kTooMany});
    }
  }
  EventBus bus{.name = std::string{name}, .arn = bus_arn(scope, name), .created = state_->clock.now()};
  bus.modified = bus.created;
  apply(bus, settings);
  BOOST_OUTCOME_TRYV(
      state_->save_bus(scope, bus, tags.empty() ? std::nullopt : std::optional{std::move(tags)}));
  return bus;
}

Result<EventBus> Catalog::update_bus(const Scope& scope, std::string_view name,
                                     const EventBusSettings& settings) {
  const std::scoped_lock changing{state_->changing};
  auto bus = state_->bus(scope, name);
  if (!bus) return fail(no_such_bus(name));
  apply(*bus, settings);
  bus->modified = state_->clock.now();
  BOOST_OUTCOME_TRYV(state_->save_bus(scope, *bus));
  return *std::move(bus);
}

Result<void> Catalog::delete_bus(const Scope& scope, std::string_view name) {
  if (name == kDefaultBus) return fail(ErrorCode::InvalidArgument, "Cannot delete event bus default.");
  const std::scoped_lock changing{state_->changing};
  const auto bus = state_->bus(scope, name);
  if (!bus) return success();
  if (state_->rule_count({scope, bus->name}) != 0) {
    return fail(ErrorCode::InvalidArgument,
                "Event bus " + bus->name + " can't be deleted since it has rules.");
  }
  store::Transaction writes;
  writes.emplace_back(store::DeleteCatalog{std::string{kBusRecord}, bus->arn});
  writes.emplace_back(store::DeleteCatalog{std::string{kTagsRecord}, bus->arn});
  BOOST_OUTCOME_TRYV(state_->store.commit_and_wait(std::move(writes)));

  const std::unique_lock lock{state_->mutex};
  state_->buses[scope].erase(bus->name);
  state_->tags.erase(bus->arn);
  return success();
}

Result<Page<EventBus>> Catalog::list_buses(const Scope& scope, std::string_view name_prefix,
                                           const PageRequest& page) const {
  std::map<std::string, EventBus, std::less<>> buses;
  {
    const std::shared_lock lock{state_->mutex};
    if (const auto own = state_->buses.find(scope); own != state_->buses.end()) buses = own->second;
  }
  buses.try_emplace(std::string{kDefaultBus}, default_bus(scope));
  return page_of<EventBus>(buses, page, [&](const auto& named) -> std::optional<EventBus> {
    if (!named.first.starts_with(name_prefix)) return std::nullopt;
    return named.second;
  });
}

Result<EventBus> Catalog::describe_bus(const Scope& scope, std::string_view name_or_arn) const {
  BOOST_OUTCOME_TRY(const BusKey key, state_->resolve(scope, name_or_arn));
  auto bus = state_->bus(scope, key.bus);
  if (!bus) return fail(no_such_bus(name_or_arn));
  return *std::move(bus);
}

bool Catalog::has_bus(const Scope& scope, std::string_view name) const {
  return state_->has_bus(scope, name);
}

bool Catalog::State::has_bus(const Scope& scope, std::string_view name) const {
  if (name == kDefaultBus) return true;
  const std::shared_lock lock{mutex};
  const auto own = buses.find(scope);
  return own != buses.end() && own->second.contains(name);
}

Result<void> Catalog::State::change_policy(const Scope& scope, std::string_view name_or_arn,
                                           const std::function<Result<void>(EventBus&)>& change) {
  BOOST_OUTCOME_TRY(const BusKey key, resolve(scope, name_or_arn));
  const std::scoped_lock lock{changing};
  auto found = bus(scope, key.bus);
  if (!found) return fail(no_such_bus(name_or_arn));
  BOOST_OUTCOME_TRYV(change(*found));
  if (core::write_json(found->policy).size() > kMaxPolicyLength) {
    return fail(ErrorCode::LimitExceeded, "The policy of an event bus can have at most " +
                                              std::to_string(kMaxPolicyLength) + " characters.");
  }
  found->modified = clock.now();
  return save_bus(scope, *std::move(found));
}

Result<void> Catalog::put_permission(const Scope& scope, std::string_view bus_name,
                                     const Permission& permission) {
  return state_->change_policy(scope, bus_name, [&](EventBus& bus) -> Result<void> {
    put_statement(bus.policy, bus.arn, permission);
    return success();
  });
}

Result<void> Catalog::put_policy(const Scope& scope, std::string_view bus_name,
                                 std::string_view policy_json) {
  auto policy = core::parse_json(policy_json);
  if (!policy || !policy.value().is_object()) {
    return fail(ErrorCode::InvalidArgument, "This policy is not valid: it must be a JSON object.");
  }
  return state_->change_policy(scope, bus_name, [&](EventBus& bus) -> Result<void> {
    bus.policy = policy.value().get_object();
    return success();
  });
}

Result<void> Catalog::remove_permission(const Scope& scope, std::string_view bus_name,
                                        std::string_view statement_id) {
  return state_->change_policy(scope, bus_name, [&](EventBus& bus) -> Result<void> {
    if (bus.policy.empty()) return fail(ErrorCode::NotFound, "EventBus does not have a policy.");
    if (!remove_statement(bus.policy, statement_id)) {
      return fail(ErrorCode::NotFound, "Statement with the provided id does not exist.");
    }
    return success();
  });
}

Result<void> Catalog::remove_all_permissions(const Scope& scope, std::string_view bus_name) {
  return state_->change_policy(scope, bus_name, [](EventBus& bus) -> Result<void> {
    if (bus.policy.empty()) return fail(ErrorCode::NotFound, "EventBus does not have a policy.");
    bus.policy.clear();
    return success();
  });
}

}  // namespace ebagent::bus
