#include <algorithm>
#include <utility>

#include "bus/catalog.hpp"
#include "bus/catalog_state.hpp"
#include "bus/page.hpp"
#include "bus/replay.hpp"
#include "event/put_events.hpp"

namespace ebagent::bus {
namespace {

Error not_valid(std::string_view parameter, std::string_view reason) {
  return {ErrorCode::InvalidArgument,
          "Parameter " + std::string{parameter} + " is not valid. Reason: " + std::string{reason}};
}

// The last part of an archive's ARN.
std::string_view archive_name(std::string_view arn) {
  return arn.substr(arn.rfind('/') + 1);
}

Result<void> check_filters(const ReplaySpec& spec, const BusKey& bus) {
  for (const std::string& arn : spec.filter_arns) {
    const std::string_view rule = std::string_view{arn}.substr(arn.rfind('/') + 1);
    if (rule.empty() || arn != rule_arn(bus.scope, bus.bus, rule)) {
      return fail(not_valid("Destination.FilterArns",
                            arn + " is not the ARN of a rule on event bus " + bus.bus + "."));
    }
  }
  return success();
}

}  // namespace

Result<Replay> Catalog::State::replay(const Scope& scope, std::string_view name) const {
  const std::shared_lock lock{mutex};
  if (const auto own = replays.find(scope); own != replays.end()) {
    if (const auto found = own->second.find(name); found != own->second.end()) return found->second;
  }
  return fail(ErrorCode::NotFound, "Replay " + std::string{name} + " does not exist.");
}

Result<void> Catalog::State::save_replay(Replay replay) {
  store::Transaction writes;
  writes.emplace_back(store::PutCatalog{{std::string{kReplayRecord}, replay.arn, write_replay(replay)}});
  BOOST_OUTCOME_TRYV(store.commit_and_wait(std::move(writes)));
  const std::unique_lock lock{mutex};
  std::string name = replay.spec.name;
  replays[replay.scope].insert_or_assign(std::move(name), std::move(replay));
  return success();
}

std::size_t Catalog::State::active_replays(const Scope& scope) const {
  const std::shared_lock lock{mutex};
  const auto own = replays.find(scope);
  if (own == replays.end()) return 0;
  return static_cast<std::size_t>(std::count_if(own->second.begin(), own->second.end(),
                                                [](const auto& named) { return named.second.is_active(); }));
}

Result<void> Catalog::State::load_replays() {
  BOOST_OUTCOME_TRY(const auto records, store.catalog(kReplayRecord));
  for (const auto& record : records) {
    auto replay = read_replay(record.json);
    if (!replay) {
      return fail(ErrorCode::Malformed,
                  "The store's record of " + record.key + " cannot be read: " + replay.error().message);
    }
    auto& own = replays[replay.value().scope];
    std::string name = replay.value().spec.name;
    own.insert_or_assign(std::move(name), std::move(replay).value());
  }
  return success();
}

Result<Replay> Catalog::start_replay(const Scope& scope, ReplaySpec spec) {
  const std::scoped_lock replaying{state_->replaying};
  if (event::bus_name(spec.destination_arn).size() == spec.destination_arn.size()) {
    return fail(not_valid("Destination.Arn", "Must contain an event bus ARN."));
  }
  BOOST_OUTCOME_TRY(const BusKey bus, state_->resolve_arn(scope, spec.destination_arn));
  const std::string_view source = archive_name(spec.source_arn);
  const auto archive = state_->archive(scope, source);
  if (!archive || spec.source_arn != archive.value().arn) {
    return fail(not_valid("EventSourceArn", "Archive " + std::string{source} + " does not exist."));
  }
  if (archive.value().bus != bus.bus) {
    return fail(not_valid("Destination.Arn", "Cross event bus replay is not permitted."));
  }
  if (spec.from >= spec.until) {
    return fail(not_valid("EventEndTime", "EventStartTime must be before EventEndTime."));
  }
  BOOST_OUTCOME_TRYV(check_filters(spec, bus));
  if (state_->replay(scope, spec.name)) {
    return fail(ErrorCode::AlreadyExists, "Replay " + spec.name + " already exists.");
  }
  if (state_->active_replays(scope) >= state_->settings.max_active_replays) {
    return fail(ErrorCode::LimitExceeded, std::string{kTooMany});
  }
  Replay replay{.scope = scope,
                .spec = std::move(spec),
                .arn = {},
                .bus = bus.bus,
                .archive = archive.value().name,
                .archive_number = archive.value().number,
                .started = state_->clock.now()};
  replay.arn = replay_arn(scope, replay.spec.name);
  // Ids are not empty: this stands before every event of the first instant.
  replay.position = {.time = replay.spec.from, .id = {}};
  BOOST_OUTCOME_TRYV(state_->save_replay(replay));
  return replay;
}

Result<Replay> Catalog::cancel_replay(const Scope& scope, std::string_view name) {
  const std::scoped_lock replaying{state_->replaying};
  BOOST_OUTCOME_TRY(Replay replay, state_->replay(scope, name));
  if (replay.state != ReplayState::Starting && replay.state != ReplayState::Running) {
    return fail(ErrorCode::Conflict,
                "Replay " + replay.spec.name + " is not in a valid state for this operation.");
  }
  replay.state = ReplayState::Cancelling;
  BOOST_OUTCOME_TRYV(state_->save_replay(replay));
  return replay;
}

Result<Replay> Catalog::describe_replay(const Scope& scope, std::string_view name) const {
  return state_->replay(scope, name);
}

Result<Page<Replay>> Catalog::list_replays(const Scope& scope, const ReplayFilter& filter,
                                           const PageRequest& page) const {
  const int filters = (filter.name_prefix.empty() ? 0 : 1) + (filter.source_arn.empty() ? 0 : 1) +
                      (filter.state.empty() ? 0 : 1);
  if (filters > 1) {
    return fail(
        ErrorCode::InvalidArgument,
        "At most one filter is allowed for ListReplays. Use either : State, EventSourceArn, or NamePrefix.");
  }
  static const std::map<std::string, Replay, std::less<>> kNone;
  const std::shared_lock lock{state_->mutex};
  const auto own = state_->replays.find(scope);
  return page_of<Replay>(own == state_->replays.end() ? kNone : own->second, page,
                         [&](const auto& named) -> std::optional<Replay> {
                           const Replay& replay = named.second;
                           const bool belongs =
                               replay.spec.name.starts_with(filter.name_prefix) &&
                               (filter.source_arn.empty() || replay.spec.source_arn == filter.source_arn) &&
                               (filter.state.empty() || name_of(replay.state) == filter.state);
                           return belongs ? std::optional{replay} : std::nullopt;
                         });
}

std::vector<Replay> Catalog::active_replays() const {
  std::vector<Replay> active;
  {
    const std::shared_lock lock{state_->mutex};
    for (const auto& [scope, named] : state_->replays) {
      for (const auto& [name, replay] : named) {
        if (replay.is_active()) active.push_back(replay);
      }
    }
  }
  std::sort(active.begin(), active.end(), [](const Replay& a, const Replay& b) {
    return a.started != b.started ? a.started < b.started : a.arn < b.arn;
  });
  return active;
}

Result<bool> Catalog::advance_replay(const Replay& replay, const std::function<Result<Replay>()>& step) {
  const std::scoped_lock replaying{state_->replaying};
  const auto now = state_->replay(replay.scope, replay.spec.name);
  if (!now || now.value().started != replay.started || now.value().state != replay.state) return false;
  BOOST_OUTCOME_TRY(Replay advanced, step());
  const std::unique_lock lock{state_->mutex};
  std::string name = advanced.spec.name;
  state_->replays[advanced.scope].insert_or_assign(std::move(name), std::move(advanced));
  return true;
}

Result<void> Catalog::forget_replays(TimePoint before) {
  std::vector<std::pair<Scope, std::string>> old;
  {
    const std::shared_lock lock{state_->mutex};
    for (const auto& [scope, named] : state_->replays) {
      for (const auto& [name, replay] : named) {
        if (replay.ended && *replay.ended < before) old.emplace_back(scope, name);
      }
    }
  }
  if (old.empty()) return success();
  const std::scoped_lock replaying{state_->replaying};
  store::Transaction writes;
  for (const auto& [scope, name] : old) {
    writes.emplace_back(store::DeleteCatalog{std::string{kReplayRecord}, replay_arn(scope, name)});
  }
  BOOST_OUTCOME_TRYV(state_->store.commit_and_wait(std::move(writes)));
  const std::unique_lock lock{state_->mutex};
  for (const auto& [scope, name] : old) state_->replays[scope].erase(name);
  return success();
}

}  // namespace ebagent::bus
