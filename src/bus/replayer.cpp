#include "bus/replayer.hpp"

#include <condition_variable>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bus/catalog_state.hpp"
#include "event/envelope.hpp"

namespace ebagent::bus {
namespace {

// How soon a replay that was started or cancelled is noticed.
constexpr std::chrono::milliseconds kIdlePause{100};
// Between steps: who starts or cancels a replay gets a word in.
constexpr std::chrono::milliseconds kBetweenSteps{1};
// How often it looks whether deliveries still wait, and how long it waits for them at most.
constexpr std::chrono::milliseconds kLookAgain{20};
constexpr std::chrono::seconds kLongestHeldUp{1};
constexpr std::chrono::seconds kPauseAfterError{1};

store::Write record_of(const Replay& replay) {
  return store::PutCatalog{{std::string{kReplayRecord}, replay.arn, write_replay(replay)}};
}

Replay ended(Replay replay, ReplayState state, TimePoint now, std::string reason = {}) {
  replay.state = state;
  replay.state_reason = std::move(reason);
  replay.ended = now;
  return replay;
}

// What a replay cannot do without and was deleted meanwhile.
std::optional<std::string> what_is_gone(const Catalog& catalog, const Replay& replay) {
  if (!catalog.has_bus(replay.scope, replay.bus)) return "Event bus " + replay.bus + " does not exist.";
  if (catalog.has_archive(replay.scope, replay.archive, replay.archive_number)) return std::nullopt;
  return "Archive " + replay.archive + " does not exist.";
}

// The event with the replay's name in its envelope.
Result<Incoming> replayed(const Replay& replay, const store::ArchivedEvent& archived) {
  BOOST_OUTCOME_TRY(Event event, parse_event(archived.json, {}));
  event.replay_name = replay.spec.name;
  Incoming out = incoming(replay.scope, replay.bus, event);
  out.id = replayed_id(replay, archived.id);
  return out;
}

}  // namespace

Replayer::Replayer(Catalog& catalog, Bus& bus, store::Store& store, const Clock& clock,
                   ReplayerSettings settings)
    : catalog_(catalog), bus_(bus), store_(store), clock_(clock), settings_(settings) {}

Result<bool> Replayer::tick(TimePoint now) {
  const auto held = hold();
  BOOST_OUTCOME_TRYV(catalog_.forget_replays(now - settings_.remembered));
  const auto active = catalog_.active_replays();
  std::optional<Error> trouble;
  for (const Replay& replay : active) {
    const auto advanced = catalog_.advance_replay(replay, [&] { return step(replay, now); });
    if (!advanced) trouble = advanced.error();
  }
  if (trouble) return fail(*std::move(trouble));
  return !active.empty();
}

Result<Replay> Replayer::step(Replay replay, TimePoint now) {
  if (replay.state == ReplayState::Running) return put_slice(std::move(replay), now);
  if (replay.state == ReplayState::Starting) {
    replay.state = ReplayState::Running;
  } else {
    replay = ended(std::move(replay), ReplayState::Cancelled, now);
  }
  BOOST_OUTCOME_TRYV(store_.commit_and_wait({record_of(replay)}));
  return replay;
}

Result<Replay> Replayer::put_slice(Replay replay, TimePoint now) {
  std::vector<Incoming> events;
  BOOST_OUTCOME_TRY(const auto slice, store_.archived_events({.archive = replay.archive_number,
                                                              .after = replay.position,
                                                              .until = replay.spec.until,
                                                              .limit = settings_.events_per_step}));
  for (const store::ArchivedEvent& archived : slice) {
    auto event = replayed(replay, archived);
    if (!event) {
      replay = ended(std::move(replay), ReplayState::Failed, now,
                     "Event " + archived.id + " of the archive cannot be read: " + event.error().message);
      break;
    }
    events.push_back(std::move(event).value());
    replay.position = {.time = archived.time, .id = archived.id};
    replay.last_replayed = archived.time;
  }
  if (slice.empty()) replay = ended(std::move(replay), ReplayState::Completed, now);
  if (auto gone = what_is_gone(catalog_, replay)) {
    events.clear();
    replay = ended(std::move(replay), ReplayState::Failed, now, *std::move(gone));
  }
  const auto put = bus_.replay(std::move(events), replay.spec.filter_arns, {record_of(replay)});
  if (put) return replay;
  // Of an event, not of the store: it would be the same the next time.
  const bool is_final =
      put.error().code == ErrorCode::Malformed || put.error().code == ErrorCode::LimitExceeded;
  if (!is_final) return fail(put.error());
  replay = ended(std::move(replay), ReplayState::Failed, now,
                 "An event cannot be matched: " + put.error().message);
  BOOST_OUTCOME_TRYV(store_.commit_and_wait({record_of(replay)}));
  return replay;
}

bool Replayer::is_held_up() {
  if (settings_.is_crowded && settings_.is_crowded()) return true;
  const auto next = store_.next_due();
  return !next || (next.value() && *next.value() <= clock_.now());
}

void Replayer::run_until_stopped(std::stop_token stop, const std::function<void(const Error&)>& on_error) {
  std::mutex mutex;
  std::condition_variable_any wake;
  const auto wait = [&](Duration pause) {
    std::unique_lock lock{mutex};
    wake.wait_for(lock, stop, pause, [] { return false; });
  };
  while (!stop.stop_requested()) {
    const TimePoint begun = clock_.now();
    const auto has_more = tick(begun);
    if (!has_more) {
      if (on_error) on_error(has_more.error());
      wait(kPauseAfterError);
      continue;
    }
    wait(has_more.value() ? Duration{kBetweenSteps} : Duration{kIdlePause});
    while (has_more.value() && !stop.stop_requested() && clock_.now() - begun < kLongestHeldUp &&
           is_held_up()) {
      wait(kLookAgain);
    }
  }
}

}  // namespace ebagent::bus
