#include "agent/flow/agent_gate.hpp"

#include <algorithm>
#include <utility>

#include "agent/flow/names.hpp"
#include "agent/idempotency.hpp"
#include "core/time_format.hpp"

namespace ebagent::agent::flow {
namespace {

constexpr std::chrono::seconds kBetweenSweeps{60};
// Records of keys are at their bound: as long as most states last, or until a sweep.
constexpr std::chrono::seconds kWhileFull{60};
// How soon a singleton's next run looks again whether the cancelled one has stopped working.
constexpr std::chrono::milliseconds kUntilPreviousStops{200};
// Runs that are looked through for those that a singleton or an event that cancels means.
constexpr std::size_t kMaxRuns = 10'000;
// Failed runs that are still to be tried again are among the newest.
constexpr std::size_t kMaxFailedRuns = 1'000;

constexpr std::string_view kBatchPrefix = R"({"events":[)";

bool waits_for(const store::Run& run, std::string_view reason) {
  return run.state == store::RunState::Waiting && run.stop_reason == reason;
}

// How far an event has come.
enum class Stage { New, Gathered, Throttled, Begun };

Stage stage_of(const std::optional<store::Run>& run) {
  if (!run) return Stage::New;
  if (waits_for(*run, kDebounce) || waits_for(*run, kBatch)) return Stage::Gathered;
  return waits_for(*run, kThrottle) ? Stage::Throttled : Stage::Begun;
}

bool waits_still(const store::Run& run, TimePoint now) {
  const Stage stage = stage_of(run);
  return (stage == Stage::Gathered || stage == Stage::Throttled) && run.wakes && *run.wakes > now;
}

std::string why_it_waits(const store::Run& run) {
  return "It waits until " + core::format_utc_millis(run.wakes.value_or(TimePoint{})) + " (" +
         run.stop_reason + ").";
}

// A batch is the same run whatever rule brings its events.
void adapt_to_batch(ProcessOptions& options) {
  options.rule_arn.clear();
  options.target_id.clear();
  if (!options.input || !options.input->starts_with(kBatchPrefix)) options.input = "";
}

Key parsed(const std::string& path) {
  auto key = Key::parse(path);
  return key ? std::move(key).value() : Key{};
}

}  // namespace

struct AgentGate::Arrival {
  const Event& event;
  ProcessOptions& options;
  const boost::json::value envelope;
  const TimePoint now;
  Stage stage;
  store::Run run;
  Records::Draft draft;
};

AgentGate::AgentGate(std::string agent, const FlowControl& flow, Around around)
    : agent_(std::move(agent)), flow_(flow), around_(std::move(around)) {
  if (flow.concurrency) keys_.concurrency = parsed(flow.concurrency->key);
  if (flow.throttle) keys_.throttle = parsed(flow.throttle->key);
  if (flow.rate_limit) keys_.rate_limit = parsed(flow.rate_limit->key);
  if (flow.debounce) keys_.debounce = parsed(flow.debounce->key);
  if (flow.batch) keys_.batch = parsed(flow.batch->key);
  if (flow.singleton) keys_.singleton = parsed(flow.singleton->key);
  for (const CancelOn& cancel : flow.cancel_on) keys_.cancel_on.push_back(parsed(cancel.match));
}

Result<void> AgentGate::load() {
  if (!records_) {
    BOOST_OUTCOME_TRY(auto records, Records::load(around_.store, agent_));
    records_ = std::move(records);
  }
  if (flow_.singleton && !are_singles_loaded_) {
    BOOST_OUTCOME_TRYV(load_singles());
    are_singles_loaded_ = true;
  }
  return success();
}

// Of runs that an earlier process admitted, those whose delivery comes again hold their key.
Result<void> AgentGate::load_singles() {
  for (const auto state : {store::RunState::Failed, store::RunState::Waiting, store::RunState::Running}) {
    const std::size_t limit = state == store::RunState::Failed ? kMaxFailedRuns : kMaxRuns;
    BOOST_OUTCOME_TRY(const auto runs, around_.store.runs({.agent = agent_, .state = state, .limit = limit}));
    for (const store::Run& run : runs) {
      if (run.delivery == 0 || waits_for(run, kDebounce)) continue;
      BOOST_OUTCOME_TRY(const bool is_open, around_.store.is_open(run.delivery));
      if (!is_open) continue;
      const auto event = parse_event(run.event, {});
      if (!event) continue;
      BOOST_OUTCOME_TRY(const auto envelope, envelope_of(event.value()));
      singles_.hold(keys_.singleton.of(envelope), {run.key, run.id, run.delivery});
    }
  }
  return success();
}

void AgentGate::sweep(TimePoint now) {
  if (now < next_sweep_) return;
  next_sweep_ = now + kBetweenSweeps;
  records_->sweep(around_.store, flow_, now);
}

Result<Admission> AgentGate::admit(const Event& event, ProcessOptions& options) {
  const std::scoped_lock lock{mutex_};
  BOOST_OUTCOME_TRYV(load());
  const TimePoint now = around_.clock.now();
  sweep(now);
  if (flow_.batch) adapt_to_batch(options);
  std::string run_key = idempotency_key_of(event, agent_, options);
  BOOST_OUTCOME_TRY(auto found, around_.store.run_by_key(run_key));
  if (found && is_over(found->state) && found->expires <= now) found.reset();
  if (found && (found->state == store::RunState::Cancelled || found->state == store::RunState::Skipped))
    return Admission{Settled{}};
  if (found && waits_still(*found, now)) return Admission{Later{*found->wakes, why_it_waits(*found)}};
  const Stage stage = found && found->state == store::RunState::Succeeded ? Stage::Begun : stage_of(found);
  if (stage == Stage::New && records_->is_full())
    return Admission{Later{now + kWhileFull, "Flow control has as many keys as it may."}};

  BOOST_OUTCOME_TRY(auto envelope, envelope_of(event));
  const bool is_batch = options.input && options.input->starts_with(kBatchPrefix);
  Arrival arrival{event,
                  options,
                  std::move(envelope),
                  now,
                  // What carries a batch is the batch, even when its row is gone.
                  flow_.batch && is_batch && stage != Stage::Throttled ? Stage::Begun : stage,
                  found ? std::move(*found)
                        : new_run(around_.random, now, around_.settings, event, agent_, options, run_key),
                  {}};
  if (!found) arrival.run.attempts = 0;
  using Step = Result<std::optional<Admission>> (AgentGate::*)(Arrival&);
  for (const Step step : {&AgentGate::pass_rate_limit, &AgentGate::gather, &AgentGate::pass_singleton,
                          &AgentGate::pass_throttle}) {
    BOOST_OUTCOME_TRY(auto admission, (this->*step)(arrival));
    if (admission) return std::move(*admission);
  }
  return let_in(arrival);
}

Result<std::optional<Admission>> AgentGate::pass_rate_limit(Arrival& arrival) {
  if (!flow_.rate_limit || arrival.stage != Stage::New) return std::optional<Admission>{};
  const std::string name = record_name(agent_, kRateLimit, keys_.rate_limit.of(arrival.envelope));
  const auto* known = records_->find<RateWindow>(name);
  RateWindow window = known == nullptr ? RateWindow{} : *known;
  if (!flow::admit(*flow_.rate_limit, window, arrival.now)) {
    BOOST_OUTCOME_TRY(
        auto skipped,
        skip(arrival, kRateLimit,
             "The rate limit of " + std::to_string(flow_.rate_limit->limit) + " runs is used up until " +
                 core::format_utc_millis(window.began + flow_.rate_limit->period) + "."));
    return std::optional{std::move(skipped)};
  }
  arrival.draft.set(name, window);
  return std::optional<Admission>{};
}

Result<std::optional<Admission>> AgentGate::gather(Arrival& arrival) {
  if (flow_.debounce) return debounce(arrival);
  if (flow_.batch) return join_batch(arrival);
  return std::optional<Admission>{};
}

Result<std::optional<Admission>> AgentGate::debounce(Arrival& arrival) {
  if (arrival.stage != Stage::New && arrival.stage != Stage::Gathered) return std::optional<Admission>{};
  const std::string name = record_name(agent_, kDebounce, keys_.debounce.of(arrival.envelope));
  const auto* known = records_->find<Pending>(name);
  if (arrival.stage == Stage::Gathered) {
    if (known != nullptr && known->last.run_id == arrival.run.id) arrival.draft.remove(name);
    return std::optional<Admission>{};
  }
  Pending pending{.last = {arrival.run.id, arrival.options.delivery}, .first = arrival.now};
  if (known != nullptr && known->last.delivery > arrival.options.delivery) {
    // Workers may take events that come at the same time in another order than that of their acceptance.
    BOOST_OUTCOME_TRY(auto skipped, skip(arrival, kDebounce, "A later event of its key came before it."));
    return std::optional{std::move(skipped)};
  }
  if (known != nullptr) {
    BOOST_OUTCOME_TRY(
        const auto earlier,
        supersede(known->last, kDebounce, "A later event of its key came: " + arrival.event.id + "."));
    if (earlier) {
      pending.first = known->first;
      arrival.draft.write(store::PutRun{*earlier});
      arrival.draft.write(
          store::MarkDelivered{.seq = known->last.delivery, .at = arrival.now, .attempts = 1});
    }
  }
  pending.until = debounced_until(*flow_.debounce, pending.first, arrival.now);
  arrival.draft.set(name, pending);
  BOOST_OUTCOME_TRY(auto later, wait(arrival, kDebounce, pending.until));
  return std::optional{std::move(later)};
}

Result<std::optional<Admission>> AgentGate::join_batch(Arrival& arrival) {
  if (arrival.stage != Stage::New && arrival.stage != Stage::Gathered) return std::optional<Admission>{};
  const std::string name = record_name(agent_, kBatch, keys_.batch.of(arrival.envelope));
  const auto* known = records_->find<OpenBatch>(name);
  OpenBatch batch = known == nullptr ? OpenBatch{} : *known;
  const Member member{arrival.run.id, arrival.options.delivery};
  if (std::find(batch.members.begin(), batch.members.end(), member) == batch.members.end()) {
    if (batch.members.empty()) batch.until = arrival.now + flow_.batch->longest_wait;
    batch.bytes += arrival.run.event.size();
    batch.members.push_back(member);
  }
  if (!is_complete(*flow_.batch, batch, arrival.now)) {
    arrival.draft.set(name, batch);
    BOOST_OUTCOME_TRY(auto later, wait(arrival, kBatch, batch.until));
    return std::optional{std::move(later)};
  }
  arrival.draft.remove(name);
  BOOST_OUTCOME_TRYV(close_batch(arrival, batch));
  return std::optional<Admission>{};
}

// The event at hand carries the batch from here on: its delivery gets the events of all as its input, so that whatever becomes of
// it (a retry, a dead letter) becomes of the batch. The others are done with.
Result<void> AgentGate::close_batch(Arrival& arrival, const OpenBatch& batch) {
  std::vector<Member> members = batch.members;
  std::ranges::sort(members, {}, &Member::delivery);  // as they were accepted
  std::string input{kBatchPrefix};
  const std::string why = "It is part of the batch that run " + arrival.run.id + " works on.";
  for (const Member& member : members) {
    std::string event = arrival.run.event;
    if (member.run_id != arrival.run.id) {
      BOOST_OUTCOME_TRY(auto other, supersede(member, kBatch, why));
      if (!other) continue;  // it was cancelled
      event = other->event;
      arrival.draft.write(store::PutRun{std::move(*other)});
      arrival.draft.write(store::MarkDelivered{.seq = member.delivery, .at = arrival.now, .attempts = 1});
    }
    if (input.size() > kBatchPrefix.size()) input += ',';
    input += event;
  }
  input += "]}";
  arrival.draft.write(store::SetInput{arrival.options.delivery, input});
  arrival.options.input = std::move(input);
  arrival.run.input_hash = payload_hash(arrival.event, arrival.options);
  return success();
}

Result<bool> AgentGate::is_alive(const std::string& key, const Singles::Holder& holder) {
  if (singles_.is_working(key, holder.run_key)) return true;
  BOOST_OUTCOME_TRY(const auto run, around_.store.run_by_id(holder.run_id));
  if (run && is_over(run->state)) return false;
  return around_.store.is_open(holder.delivery);
}

Result<std::optional<Admission>> AgentGate::pass_singleton(Arrival& arrival) {
  if (!flow_.singleton || arrival.stage == Stage::Throttled || arrival.stage == Stage::Begun)
    return std::optional<Admission>{};
  const std::string key = keys_.singleton.of(arrival.envelope);
  const Singles::Holder* holder = singles_.find(key);
  bool is_held = false;
  if (holder != nullptr && holder->run_key != arrival.run.key) {
    BOOST_OUTCOME_TRY(is_held, is_alive(key, *holder));
  }
  const bool is_late = is_held && holder->delivery > arrival.options.delivery;
  if (is_held && (is_late || flow_.singleton->mode == Singleton::Mode::Skip)) {
    BOOST_OUTCOME_TRY(auto skipped, skip(arrival, kSingleton, "Run " + holder->run_id + " is not over yet."));
    return std::optional{std::move(skipped)};
  }
  if (is_held) {
    BOOST_OUTCOME_TRY(auto run, around_.store.run_by_id(holder->run_id));
    if (run) {
      BOOST_OUTCOME_TRYV(
          cancel_run(std::move(*run), "A later event took its place: " + arrival.event.id + "."));
    }
  }
  singles_.hold(key, {arrival.run.key, arrival.run.id, arrival.options.delivery});
  return std::optional<Admission>{};
}

Result<std::optional<Admission>> AgentGate::pass_throttle(Arrival& arrival) {
  if (!flow_.throttle || arrival.stage == Stage::Throttled || arrival.stage == Stage::Begun)
    return std::optional<Admission>{};
  const std::string name = record_name(agent_, kThrottle, keys_.throttle.of(arrival.envelope));
  const auto* known = records_->find<Cells>(name);
  Cells cells = known == nullptr ? Cells{} : *known;
  const TimePoint begins = reserve(*flow_.throttle, cells, arrival.now);
  arrival.draft.set(name, cells);
  if (begins <= arrival.now) return std::optional<Admission>{};
  BOOST_OUTCOME_TRY(auto later, wait(arrival, kThrottle, begins));
  return std::optional{std::move(later)};
}

Result<Admission> AgentGate::let_in(Arrival& arrival) {
  if (arrival.stage != Stage::Begun) {
    arrival.run.state = store::RunState::Running;
    arrival.run.stop_reason.clear();
    arrival.run.wakes.reset();
    arrival.run.started = arrival.now;
    arrival.draft.write(store::PutRun{arrival.run});
    BOOST_OUTCOME_TRYV(records_->commit(around_.store, std::move(arrival.draft)));
  }
  if (flow_.singleton && singles_.is_another_working(keys_.singleton.of(arrival.envelope), arrival.run.key)) {
    return Admission{Later{arrival.now + kUntilPreviousStops,
                           "The run whose place it takes has not stopped working yet."}};
  }
  return Admission{Admitted{arrival.run.key}};
}

void AgentGate::end_as_skipped(store::Run& run, std::string_view reason, std::string why) const {
  const TimePoint now = around_.clock.now();
  run.state = store::RunState::Skipped;
  run.stop_reason = reason;
  run.error = std::move(why);
  run.ended = now;
  run.wakes.reset();
  run.expires = now + around_.settings.idempotency_expiry;
}

Result<std::optional<store::Run>> AgentGate::supersede(const Member& member, std::string_view reason,
                                                       const std::string& why) {
  BOOST_OUTCOME_TRY(auto run, around_.store.run_by_id(member.run_id));
  if (!run || !waits_for(*run, reason)) return std::optional<store::Run>{};
  end_as_skipped(*run, reason, why);
  tell(*run);
  return run;
}

// With nothing else to write it is written with the delivery's end.
Result<Admission> AgentGate::skip(Arrival& arrival, std::string_view reason, std::string why) {
  end_as_skipped(arrival.run, reason, std::move(why));
  if (arrival.draft.is_empty() && arrival.options.record != nullptr) {
    arrival.options.record->bytes += arrival.run.event.size();
    arrival.options.record->writes.emplace_back(store::PutRun{arrival.run});
  } else {
    arrival.draft.write(store::PutRun{arrival.run});
    BOOST_OUTCOME_TRYV(records_->commit(around_.store, std::move(arrival.draft)));
  }
  tell(arrival.run);
  return Admission{Settled{}};
}

Result<Admission> AgentGate::wait(Arrival& arrival, std::string_view reason, TimePoint until) {
  arrival.run.state = store::RunState::Waiting;
  arrival.run.stop_reason = reason;
  arrival.run.wakes = until;
  arrival.draft.write(store::PutRun{arrival.run});
  BOOST_OUTCOME_TRYV(records_->commit(around_.store, std::move(arrival.draft)));
  return Admission{Later{until, why_it_waits(arrival.run)}};
}

void AgentGate::tell(const store::Run& run) const {
  if (around_.on_over) around_.on_over(run);
}

AgentGate::Work::Work(AgentGate& gate, std::string single_key, std::string run_key)
    : gate_(gate), single_key_(std::move(single_key)), run_key_(std::move(run_key)) {
  const std::scoped_lock lock{gate_.mutex_};
  gate_.singles_.begin_work(single_key_, run_key_);
}

AgentGate::Work::~Work() {
  const std::scoped_lock lock{gate_.mutex_};
  gate_.singles_.end_work(single_key_, run_key_);
  if (is_done_) gate_.singles_.release(single_key_, run_key_);
}

std::unique_ptr<AgentGate::Work> AgentGate::begin_work(const Event& event, std::string run_key) {
  if (!flow_.singleton) return nullptr;
  const auto envelope = envelope_of(event);
  return std::make_unique<Work>(*this, envelope ? keys_.singleton.of(envelope.value()) : "",
                                std::move(run_key));
}

std::optional<delivery::AwaitSlot> AgentGate::slot(const Event& event) const {
  if (!flow_.concurrency) return std::nullopt;
  std::string key = agent_ + "\n";
  if (!keys_.concurrency.is_of_all()) {
    if (const auto envelope = envelope_of(event)) key += keys_.concurrency.of(envelope.value());
  }
  return delivery::AwaitSlot{std::move(key), std::size_t(flow_.concurrency->limit)};
}

// A run that failed and is to be tried again counts as under way; the app would take it for over.
Result<bool> AgentGate::cancel_run(store::Run run, const std::string& reason) {
  if (run.state == store::RunState::Failed) {
    run.state = store::RunState::Cancelled;
    run.stop_reason = "cancelled";
    run.error = reason;
    run.ended = around_.clock.now();
    BOOST_OUTCOME_TRYV(around_.store.commit_and_wait({store::PutRun{run}}));
  } else if (const auto cancelled = around_.cancel(run.id, reason); !cancelled) {
    const ErrorCode code = cancelled.error().code;
    if (code == ErrorCode::NotFound || code == ErrorCode::Conflict) return false;  // it ended meanwhile
    return fail(cancelled.error());
  } else {
    run.state = store::RunState::Cancelled;
    run.stop_reason = "cancelled";
    run.error = reason;
  }
  tell(run);
  return true;
}

Result<std::size_t> AgentGate::cancel(std::size_t n, const Event& event) {
  const Key& key = keys_.cancel_on.at(n);
  BOOST_OUTCOME_TRY(const auto envelope, envelope_of(event));
  const auto wanted = key.find(envelope);
  std::size_t cancelled = 0;
  if (!wanted) return cancelled;
  const std::string reason = "Cancelled by event " + event.id + " (" + event.detail_type + ").";
  const std::scoped_lock lock{mutex_};
  for (const auto state : {store::RunState::Waiting, store::RunState::Running, store::RunState::Failed}) {
    const bool has_failed = state == store::RunState::Failed;
    BOOST_OUTCOME_TRY(const auto runs, around_.store.runs({.agent = agent_,
                                                           .state = state,
                                                           .limit = has_failed ? kMaxFailedRuns : kMaxRuns}));
    for (const store::Run& run : runs) {
      if (run.event_id == event.id) continue;
      if (has_failed) {
        BOOST_OUTCOME_TRY(const bool is_open, around_.store.is_open(run.delivery));
        if (!is_open) continue;
      }
      const auto other = parse_event(run.event, {});
      if (!other) continue;
      BOOST_OUTCOME_TRY(const auto its, envelope_of(other.value()));
      if (key.find(its) != wanted) continue;
      BOOST_OUTCOME_TRY(const bool is_done, cancel_run(run, reason));
      cancelled += is_done ? 1 : 0;
    }
  }
  return cancelled;
}

}  // namespace ebagent::agent::flow
