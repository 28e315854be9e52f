#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <utility>

#include "bus/archive.hpp"
#include "bus/catalog.hpp"
#include "bus/catalog_state.hpp"
#include "bus/page.hpp"
#include "core/ids.hpp"

namespace ebagent::bus {
namespace {

// What `"replay-name":[{"exists":false}]` adds to a pattern that may be as long as patterns may be.
constexpr std::size_t kRoomForReplayName = 64;

// As AWS says it of a rule that was deleted with Force.
constexpr std::string_view kRuleIsGone = "Managed rule for the archive was forcefully deleted.";

Error archive_exists(std::string_view name) {
  return {ErrorCode::AlreadyExists, "Archive " + std::string{name} + " already exists."};
}

// The target that AWS shows on an archive's rule. The second half of its archive-arn tells archives apart that had the
// same name one after the other.
Target archive_target(const Scope& scope, const Archive& archive) {
  const std::string incarnation = core::uuid_from_name(archive.arn + "/" + std::to_string(archive.number));
  Target target{.id = archive_rule_name(archive.name), .arn = archive_target_arn(scope)};
  target.input_transformer =
      InputTransformer{.input_paths = {},
                       .input_template = R"({"archive-arn": ")" + archive.arn + ":" + incarnation +
                                         R"(", "event": <aws.events.event.json>, "ingestion-time": )"
                                         "<aws.events.event.ingestion-time>}"};
  return target;
}

void apply(Archive& archive, const ArchiveSettings& settings) {
  if (settings.description) archive.description = *settings.description;
  if (settings.event_pattern) archive.event_pattern = *settings.event_pattern;
  if (settings.retention_days) archive.retention_days = *settings.retention_days;
  if (settings.kms_key) archive.kms_key = *settings.kms_key;
}

std::optional<Duration> kept_for(const Archive& archive) {
  if (archive.retention_days == 0) return std::nullopt;
  return std::chrono::days{archive.retention_days};
}

}  // namespace

Result<Archive> Catalog::State::archive(const Scope& scope, std::string_view name) const {
  const std::shared_lock lock{mutex};
  if (const auto own = archives.find(scope); own != archives.end()) {
    if (const auto found = own->second.find(name); found != own->second.end()) return found->second;
  }
  return fail(ErrorCode::NotFound, "Archive " + std::string{name} + " does not exist.");
}

Result<RuleEntry> Catalog::State::archive_rule(const Scope& scope, const Archive& archive) const {
  if (!archive.event_pattern.empty()) {
    BOOST_OUTCOME_TRYV(compile_pattern(archive.event_pattern, settings));
  }
  RuleEntry entry;
  entry.scope = scope;
  BOOST_OUTCOME_TRY(std::string pattern, archive_rule_pattern(archive.event_pattern));
  CatalogSettings roomy = settings;
  roomy.max_pattern_bytes += kRoomForReplayName;
  roomy.pattern.max_characters += kRoomForReplayName;
  BOOST_OUTCOME_TRY(entry.pattern, compile_pattern(pattern, roomy));
  const std::string name = archive_rule_name(archive.name);
  entry.rule = Rule{.name = name,
                    .arn = rule_arn(scope, archive.bus, name),
                    .bus = archive.bus,
                    .event_pattern = std::move(pattern),
                    .schedule_expression = {},
                    .state = std::string{kEnabled},
                    .description = {},
                    .role_arn = {},
                    .managed_by = std::string{kArchiveManager},
                    .created_by = scope.account};
  entry.anchor = clock.now();
  entry.archive = archive.number;
  Target target = archive_target(scope, archive);
  std::string id = target.id;
  entry.targets.emplace(std::move(id), std::move(target));
  BOOST_OUTCOME_TRY(entry.routed, route({scope, archive.bus}, entry));
  return entry;
}

Result<void> Catalog::State::save_archive(const Scope& scope, const Archive& archive, RuleEntry rule) {
  store::Transaction writes;
  writes.emplace_back(store::KeepArchive{.archive = archive.number, .keep = kept_for(archive)});
  writes.emplace_back(
      store::PutCatalog{{std::string{kArchiveRecord}, archive.arn, write_archive(scope, archive)}});
  const std::int64_t newest = std::max(last_archive, archive.number);
  writes.emplace_back(
      store::PutCatalog{{std::string{kArchiveNumberRecord}, "newest", std::to_string(newest)}});
  BOOST_OUTCOME_TRYV(save({scope, archive.bus}, std::move(rule), std::move(writes)));
  const std::unique_lock lock{mutex};
  last_archive = newest;
  archives[scope].insert_or_assign(archive.name, archive);
  return success();
}

Result<void> Catalog::State::load_archives() {
  BOOST_OUTCOME_TRY(const auto records, store.catalog(kArchiveRecord));
  for (const auto& record : records) {
    auto read = read_archive(record.json);
    if (!read) {
      return fail(ErrorCode::Malformed,
                  "The store's record of " + record.key + " cannot be read: " + read.error().message);
    }
    auto& [scope, archive] = read.value();
    last_archive = std::max(last_archive, archive.number);
    std::string name = archive.name;
    archives[scope].insert_or_assign(std::move(name), std::move(archive));
  }
  BOOST_OUTCOME_TRY(const auto numbers, store.catalog(kArchiveNumberRecord));
  for (const auto& record : numbers) {
    last_archive = std::max<std::int64_t>(last_archive, std::strtoll(record.json.c_str(), nullptr, 10));
  }
  return success();
}

ArchiveView Catalog::State::view(const Scope& scope, const Archive& archive) const {
  ArchiveView out{.archive = archive};
  const auto rule = find({scope, archive.bus}, archive_rule_name(archive.name));
  if (!rule || rule.value()->archive != archive.number || rule.value()->targets.empty()) {
    out.state = ArchiveState::Disabled;
    out.state_reason = kRuleIsGone;
  }
  return out;
}

Result<Archive> Catalog::create_archive(const Scope& scope, std::string_view name,
                                        std::string_view source_arn, const ArchiveSettings& settings) {
  const std::scoped_lock changing{state_->changing};
  BOOST_OUTCOME_TRY(const BusKey bus, state_->resolve_arn(scope, source_arn));
  if (state_->archive(scope, name)) return fail(archive_exists(name));
  if (state_->find(bus, archive_rule_name(name))) {
    return fail(ErrorCode::AlreadyExists, "Rule " + archive_rule_name(name) + " already exists.");
  }
  if (state_->rule_count(bus) >= state_->settings.max_rules_per_bus) {
    return fail(ErrorCode::LimitExceeded, std::string{kTooMany});
  }
  Archive archive{.name = std::string{name},
                  .arn = archive_arn(scope, name),
                  .bus = bus.bus,
                  .created = state_->clock.now(),
                  .number = state_->last_archive + 1};
  apply(archive, settings);
  BOOST_OUTCOME_TRY(RuleEntry rule, state_->archive_rule(scope, archive));
  BOOST_OUTCOME_TRYV(state_->save_archive(scope, archive, std::move(rule)));
  return archive;
}

Result<Archive> Catalog::update_archive(const Scope& scope, std::string_view name,
                                        const ArchiveSettings& settings) {
  const std::scoped_lock changing{state_->changing};
  BOOST_OUTCOME_TRY(Archive archive, state_->archive(scope, name));
  apply(archive, settings);
  BOOST_OUTCOME_TRY(RuleEntry rule, state_->archive_rule(scope, archive));
  BOOST_OUTCOME_TRYV(state_->save_archive(scope, archive, std::move(rule)));
  return archive;
}

Result<void> Catalog::delete_archive(const Scope& scope, std::string_view name) {
  const std::scoped_lock changing{state_->changing};
  BOOST_OUTCOME_TRY(const Archive archive, state_->archive(scope, name));
  store::Transaction writes;
  writes.emplace_back(store::DropArchive{archive.number});
  writes.emplace_back(store::DeleteCatalog{std::string{kArchiveRecord}, archive.arn});
  const BusKey bus{scope, archive.bus};
  const auto rule = state_->find(bus, archive_rule_name(name));
  if (rule && rule.value()->archive == archive.number) {
    BOOST_OUTCOME_TRYV(state_->erase(bus, *rule.value(), std::move(writes)));
  } else {
    BOOST_OUTCOME_TRYV(state_->store.commit_and_wait(std::move(writes)));
  }
  const std::unique_lock lock{state_->mutex};
  state_->archives[scope].erase(archive.name);
  return success();
}

bool Catalog::has_archive(const Scope& scope, std::string_view name, std::int64_t number) const {
  const auto archive = state_->archive(scope, name);
  return archive && archive.value().number == number;
}

Result<ArchiveView> Catalog::describe_archive(const Scope& scope, std::string_view name) const {
  BOOST_OUTCOME_TRY(const Archive archive, state_->archive(scope, name));
  ArchiveView view = state_->view(scope, archive);
  BOOST_OUTCOME_TRY(view.size, state_->store.archive_size(archive.number));
  return view;
}

Result<Page<ArchiveView>> Catalog::list_archives(const Scope& scope, const ArchiveFilter& filter,
                                                 const PageRequest& page) const {
  const int filters = (filter.name_prefix.empty() ? 0 : 1) + (filter.source_arn.empty() ? 0 : 1) +
                      (filter.state.empty() ? 0 : 1);
  if (filters > 1) {
    return fail(
        ErrorCode::InvalidArgument,
        "At most one filter is allowed for ListArchives. Use either : State, EventSourceArn, or NamePrefix.");
  }
  std::optional<std::string> bus;
  if (!filter.source_arn.empty()) {
    BOOST_OUTCOME_TRY(BusKey key, state_->resolve_arn(scope, filter.source_arn));
    bus = std::move(key.bus);
  }
  std::map<std::string, Archive, std::less<>> archives;
  {
    const std::shared_lock lock{state_->mutex};
    if (const auto own = state_->archives.find(scope); own != state_->archives.end()) archives = own->second;
  }
  BOOST_OUTCOME_TRY(
      auto found, page_of<ArchiveView>(archives, page, [&](const auto& named) -> std::optional<ArchiveView> {
        const Archive& archive = named.second;
        if (!archive.name.starts_with(filter.name_prefix) || (bus && archive.bus != *bus))
          return std::nullopt;
        ArchiveView view = state_->view(scope, archive);
        if (!filter.state.empty() && name_of(view.state) != filter.state) return std::nullopt;
        return view;
      }));
  for (ArchiveView& view : found.items) {
    BOOST_OUTCOME_TRY(view.size, state_->store.archive_size(view.archive.number));
  }
  return found;
}

}  // namespace ebagent::bus
