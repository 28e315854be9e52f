#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "ebagent/clock.hpp"
#include "ebagent/result.hpp"

namespace ebagent::store {

// ---- what is kept
// ----------------------------------------------------------------------------------------------

// Where deliveries of one target go: a snapshot of rule and target as they were when events matched, so that
// a later change of the rule does not alter deliveries under way. Kept once, whatever the number of
// deliveries.
struct Route {
  std::int64_t id = 0;  // given by the store
  std::string bus{};    // name of the event bus
  std::string rule_arn{};
  std::string target_id{};
  std::string target_arn{};
  std::string target_json{};  // the whole target as PutTargets had it
  int max_attempts = 185;     // retries after the first attempt
  std::chrono::seconds max_age{86'400};
  std::string dead_letter_arn{};  // empty: the built-in dead-letter queue
  bool reshapes_input = false;    // the target has Input, InputPath or InputTransformer
};

enum class DeliveryState { Pending, Delivered, Dead };

// One (event, target) pair on its way.
struct Delivery {
  std::int64_t seq = 0;  // given by the store
  std::string event_id{};
  std::shared_ptr<const std::string> event{};  // the envelope's JSON text
  std::optional<std::string> input{};          // what the target gets instead of the whole event
  std::shared_ptr<const Route> route{};
  int attempts = 0;     // attempts already made
  int hops = 0;         // how many agents' events led to this one
  std::string trace{};  // of the chain that it belongs to; empty: it begins one
  std::string
      run_id{};  // the one run that it carries, which is done again; empty: those that its event makes
  TimePoint accepted{};  // when the event was accepted or the dead letter redriven: its age counts from here
  TimePoint due{};       // not to be attempted before
  // Only while a process has it in hand: how long it waited there for its turn, which does not make it older, and the slot
  // that it was given.
  Duration waited{0};
  std::string slot{};
};

struct DeadLetter {
  std::int64_t seq = 0;  // of the delivery
  std::string event_id{};
  std::string event{};
  std::optional<std::string> input{};
  Route route;
  int attempts = 0;
  int hops = 0;
  TimePoint accepted{};
  TimePoint died{};
  std::string error_code{};  // as EventBridge names them: NO_RESOURCE, TIMEOUT, ...
  std::string error_message{};
  std::string exhausted_condition{};  // MaximumRetryAttempts, MaximumEventAgeInSeconds or empty
};

// Waiting: for a person or a time, with nobody at work. Cancelled and Skipped runs are over as Succeeded and Failed ones are.
enum class RunState { Running, Succeeded, Failed, Waiting, Cancelled, Skipped };
enum class StepState { Started, Succeeded, Failed };

// One agent working on one event. `key` is its idempotency key: there is at most one run a key.
struct Run {
  std::string id{};
  std::string key{};
  std::string agent{};
  std::string event_id{};
  std::string event{};             // the envelope's JSON text
  bool is_event_accepted = false;  // it is that of the accepted event `event_id`, which is not kept twice
  std::string input_hash{};  // SHA-256 of what the agent was given; a second payload under one key is refused
  RunState state = RunState::Running;
  int attempts = 1;  // times the run was begun or resumed
  int hops = 0;
  TimePoint started{};
  std::optional<TimePoint> ended{};
  TimePoint expires{};        // after this a finished run no longer answers for its key
  std::string result{};       // the agent's answer when Succeeded
  std::string error{};        // why it failed, was cancelled or skipped
  std::string stop_reason{};  // a word for why it ended: "answer", "turns", "cost", "cancelled" ...
  std::string trace{};        // of the chain of events that it belongs to: 32 hexadecimal digits
  std::int64_t delivery = 0;  // that brought the event, and brings it again when the run goes on; 0: none
  std::optional<TimePoint> wakes{};  // when Waiting: the time at which it goes on in any case
};

// One journalled unit of a run.
struct Step {
  std::string run_id{};
  int index = 0;         // position in the run, from 0
  std::string name{};    // unique in its run
  std::string kind{};    // "handler", "model", "tool", "event", "approval"
  std::string effect{};  // "read", "idempotent", "once" for tools and handler steps
  StepState state = StepState::Started;
  int attempts = 1;  // times it was begun
  TimePoint started{};
  std::optional<TimePoint> ended{};
  std::string input{};   // JSON text
  std::string output{};  // JSON text when Succeeded
  std::string error{};   // when Failed
};

// One event of an archive.
struct ArchivedEvent {
  TimePoint time{};  // the event's own
  std::string id{};
  std::string json{};  // the envelope's text
};

// Where a reading of an archive stands: behind the event of this time and id. An archive is read in this order.
struct ArchivePosition {
  TimePoint time{};
  std::string id{};
};

// A piece of an archive: events behind `after` and not after `until`.
struct ArchiveSlice {
  std::int64_t archive = 0;
  ArchivePosition after{};
  TimePoint until{};
  std::size_t limit = 100;
};

struct ArchiveSize {
  std::int64_t events = 0;
  std::int64_t bytes = 0;  // of their texts
};

// A named document of the catalog (buses, rules, targets, schedules ...): `kind` and `key` identify it.
struct CatalogRecord {
  std::string kind{};
  std::string key{};
  std::string json{};
};

// A schedule of EventBridge Scheduler. What it says is `json`, which the store does not look into; the other
// members are what it is found and fired by.
struct StoredSchedule {
  // Given by the one who puts it, larger than every id before: another content has another id, so that a
  // firing that was planned for the old content comes to nothing.
  std::int64_t id = 0;
  std::string scope{};  // account and region
  std::string group{};
  std::string name{};  // unique in its group
  bool is_enabled = true;
  std::shared_ptr<const Route> route{};  // interned by put_route before
  std::optional<TimePoint> planned{};    // the time that fires next; absent when none does
  std::optional<TimePoint> due{};        // when it is fired: the same, or later within a flexible window
  std::string json{};
};

// Where a list of schedules that is ordered by group and name, or one ordered by due time, goes on.
struct ScheduleName {
  std::string group{};
  std::string name{};
};
struct SchedulePlace {
  TimePoint due = TimePoint::min();
  std::int64_t id = 0;

  auto operator<=>(const SchedulePlace&) const = default;
};

struct ScheduleFilter {
  std::string scope{};
  std::string group{};  // empty: all
  std::string name_prefix{};
  std::optional<bool> is_enabled{};
  std::optional<ScheduleName> after{};
  std::size_t limit = 100;
};
struct SchedulePage {
  std::vector<StoredSchedule> schedules{};  // ordered by group and name
  std::optional<ScheduleName> next{};       // where to go on; absent at the end
};

// ---- what is written: a Transaction is all or nothing, and durable once its callback runs
// -------------------------

struct MarkDead {
  std::int64_t seq = 0;
  TimePoint at;
  int attempts = 0;
  std::string error_code, error_message, exhausted_condition;
};
struct AcceptEvent {  // an event and its deliveries; an id already accepted is left as it is (and makes none)
  std::string id{};
  std::string bus{};
  std::shared_ptr<const std::string> json{};
  int hops = 0;
  std::string trace{};
  TimePoint accepted{};
  struct To {
    std::shared_ptr<const Route> route{};  // interned by put_route before
    std::optional<std::string> input{};
    std::shared_ptr<const MarkDead>
        verdict{};  // when set it is never attempted; its `seq` is given by the store
  };
  std::vector<To> to{};
  std::vector<std::int64_t>
      archives{};    // that keep a copy; those that are not kept (any more) are passed over
  TimePoint time{};  // the event's own; looked at for archives only
};
// Begins an archive, or changes how long it keeps events. A number that was dropped is never used again.
struct KeepArchive {
  std::int64_t archive = 0;
  std::optional<Duration> keep{};  // absent: for ever
};
// The archive is empty from now on; sweeps free its space.
struct DropArchive {
  std::int64_t archive = 0;
};
struct PutCatalog {
  CatalogRecord record;
};
struct DeleteCatalog {
  std::string kind, key;
};
struct MarkDelivered {
  std::int64_t seq = 0;
  TimePoint at;
  int attempts = 0;
};
struct Reschedule {
  std::int64_t seq = 0;
  TimePoint due;
  int attempts = 0;
  std::string last_error;
  std::optional<TimePoint> age_from = {};  // its age counts from here on; absent: as before
};
// What the target of an open delivery gets from now on, instead of what it got so far.
struct SetInput {
  std::int64_t seq = 0;
  std::string input;
};
// Inserts, or replaces the run of that id. A new run takes over the key of an ended run that has expired.
// `steps` are kept with it: all those of a run that is done and none of whose steps was put before.
struct PutRun {
  Run run;
  std::vector<Step> steps = {};
};
// Inserts, or replaces the step of that run and index.
struct PutStep {
  Step step;
};
// The dead-letter queue that a dead letter's target names has taken it: it leaves the built-in one. Nothing happens when
// it was redriven meanwhile, even if it died once more.
struct DeadLetterSent {
  std::int64_t seq = 0;
  TimePoint died;
};
// It has not; it is due to be sent there again at `due`.
struct PostponeDeadLetter {
  std::int64_t seq = 0;
  TimePoint due;
};
// Makes a schedule, or puts it in the place of the one that has its name. AlreadyExists when there is one of
// that name and none is replaced; Conflict when the one to be replaced is not there, or has fired meanwhile.
struct PutSchedule {
  StoredSchedule schedule;
  struct Replaced {
    std::int64_t id = 0;
    std::optional<TimePoint> due;
  };
  std::optional<Replaced> replaced{};
};
// NotFound when there is none of that name.
struct DeleteSchedule {
  std::string scope, group, name;
};
// Fires a schedule: accepts its event and plans its next time, both or neither. Comes to nothing when the
// schedule is gone, has another content, or was fired already for this time.
struct FireSchedule {
  std::int64_t id = 0;
  TimePoint due;
  std::optional<AcceptEvent> event{};  // absent when a time is passed over
  std::optional<TimePoint> planned{};  // the next time; absent after the last
  std::optional<TimePoint> next_due{};
  bool is_deleted = false;  // instead of planning a next time
};
using Write = std::variant<AcceptEvent, PutCatalog, DeleteCatalog, MarkDelivered, Reschedule, SetInput,
                           MarkDead, DeadLetterSent, PostponeDeadLetter, PutRun, PutStep, KeepArchive,
                           DropArchive, PutSchedule, DeleteSchedule, FireSchedule>;
using Transaction = std::vector<Write>;

// What became of a transaction: the deliveries its AcceptEvents made, in order, leased to this process and
// ready to be attempted at once (those past the caller's appetite are left for lease_due).
struct Committed {
  std::vector<Delivery> deliveries;
};
using OnCommitted = std::function<void(Result<Committed>)>;

struct RunFilter {
  std::string agent{};     // empty: all
  std::string event_id{};  // empty: all
  std::optional<RunState> state{};
  std::size_t limit = 100;  // newest first
};

// Stands in the key of a run that is done again, between the key of the run that its event made and its own id.
inline constexpr std::string_view kRerunKey = "\nrerun ";

// A run that is to be done again, as the run `new_id`.
struct Rerun {
  std::string run_id;
  std::optional<std::string>
      from_step{};  // what is completed before this step is taken over; absent: nothing is
  std::string new_id;
};

struct EventCounts {  // since the store was made
  std::int64_t accepted = 0, delivered = 0, dead = 0, pending = 0;
};

// How far a sweep of what is old has come, and what it has removed so far.
struct Sweep {
  std::int64_t event = 0;  // events and runs up to these were looked at
  std::int64_t run = 0;
  std::size_t events_removed = 0;
  std::size_t runs_removed = 0;
  bool is_done = false;
};

// True when a transaction was refused for what it says; the other errors are the disk's or the machine's.
[[nodiscard]] bool is_refusal(const Error& error);

// Durable state of one bus. An implementation commits many callers' transactions with one flush (group
// commit), and a transaction is on disk before its callback runs. Thread safety: every member may be called
// from any thread. Callbacks run on the store's writer thread and must be short; commit() called from one never blocks,
// commit_and_wait() may not be called there.
class Store {
 public:
  virtual ~Store() = default;

  // Queues a transaction. Blocks while the queue is full. The callback gets Unavailable or Io when it could
  // not be written; nothing of it is kept then.
  virtual void commit(Transaction writes, OnCommitted done) = 0;
  // The same for writes that the caller keeps, to try them again when they are refused.
  virtual void commit_kept(std::shared_ptr<const Transaction> writes, OnCommitted done) {
    commit(*writes, std::move(done));
  }
  // As commit() without ever blocking: while the queue is nearly full the callback gets Overloaded at once, on the caller's
  // thread. The rest of the queue is for those who commit(): work under way goes before new work.
  virtual void offer(Transaction writes, OnCommitted done) = 0;
  // As commit(), waiting for the outcome.
  Result<Committed> commit_and_wait(Transaction writes);

  // Interns a route: equal routes get equal ids. Durable when it returns.
  virtual Result<std::shared_ptr<const Route>> put_route(Route route) = 0;

  // Deliveries due at `now` that no one holds, at most `limit`, oldest due first; they are this process's
  // until it marks or reschedules them or ends.
  virtual Result<std::vector<Delivery>> lease_due(TimePoint now, std::size_t limit) = 0;
  // When the next unleased delivery comes due; nullopt when there is none.
  virtual Result<std::optional<TimePoint>> next_due() = 0;
  // True while the delivery of this number is neither delivered nor dead.
  virtual Result<bool> is_open(std::int64_t seq) = 0;

  virtual Result<std::vector<CatalogRecord>> catalog(std::string_view kind) = 0;

  virtual Result<std::optional<Run>> run_by_key(std::string_view key) = 0;
  virtual Result<std::optional<Run>> run_by_id(std::string_view id) = 0;
  virtual Result<std::vector<Run>> runs(const RunFilter& filter) = 0;
  virtual Result<std::vector<Step>> steps(std::string_view run_id) = 0;

  virtual Result<std::optional<StoredSchedule>> schedule(std::string_view scope, std::string_view group,
                                                         std::string_view name) = 0;
  // One page; it may hold fewer than `limit` although there are more, because only so many schedules are
  // looked at for one page.
  virtual Result<SchedulePage> schedules(const ScheduleFilter& filter) = 0;
  // Schedules that come due behind `after` and not after `until`, at most `limit`, in the order of their places.
  virtual Result<std::vector<StoredSchedule>> schedules_due(SchedulePlace after, TimePoint until,
                                                            std::size_t limit) = 0;
  // The largest id of a schedule there has been in this store's file, or more; 0 when there was none.
  virtual Result<std::int64_t> last_schedule_id() = 0;
  // Deletes at most `limit` schedules of a group; returns how many.
  virtual Result<std::size_t> delete_schedules(std::string_view scope, std::string_view group,
                                               std::size_t limit) = 0;

  virtual Result<std::optional<std::string>> event_by_id(std::string_view id) = 0;
  virtual Result<std::vector<DeadLetter>> dead_letters(std::size_t limit) = 0;
  virtual Result<std::optional<DeadLetter>> dead_letter(std::int64_t seq) = 0;
  // Dead letters whose target names a dead-letter queue of its own and that are due to be sent there at `now`, at most
  // `limit`, those due longest first.
  virtual Result<std::vector<DeadLetter>> dead_letters_to_send(TimePoint now, std::size_t limit) = 0;
  // Makes a dead letter a pending delivery again, with no attempts made, due now. NotFound when there is
  // none.
  virtual Result<void> redrive(std::int64_t seq, TimePoint now) = 0;

  // What people do with runs; also beside the owner. Each is durable when it returns, and a run that waits goes on at once.
  //
  // Completes the step of kind "approval" that waits under this name, or that of the call it is about; an empty name means
  // the only one that waits. Conflict when several wait, when it was answered before, when the run does not wait, and when
  // `now` is past the `until` of its question. NotFound when there is no such run or question.
  virtual Result<Step> answer_step(std::string_view run_id, std::string_view step,
                                   std::string_view output_json, TimePoint now) = 0;
  // Ends a run that is at work, waits, or failed and is to be tried again: nothing more of it is written from now on.
  // Conflict when it is over.
  virtual Result<Run> cancel_run(std::string_view run_id, std::string_view reason, TimePoint now) = 0;
  // Begins a run again, as another run that its delivery carries alone. Its calls have idempotency keys of their own; steps
  // that were taken over stay done. Conflict while the run or its delivery is under way, and when a step before `from_step`
  // has an unknown outcome; NotFound when run, step or event are not there; Unsupported for a run without a delivery and for
  // one that another agent asked for.
  virtual Result<Run> rerun(const Rerun& wish, TimePoint now) = 0;

  virtual Result<EventCounts> counts() = 0;

  // By time, then by id; fewer than the limit when their texts are long, but never none while there is one.
  virtual Result<std::vector<ArchivedEvent>> archived_events(const ArchiveSlice& slice) = 0;
  // Zero for an archive that is not kept.
  virtual Result<ArchiveSize> archive_size(std::int64_t archive) = 0;
  // Removes at most `limit` events that their archives keep no longer, oldest first. Returns how many; fewer than `limit`
  // when that was all.
  virtual Result<std::size_t> sweep_archives(TimePoint now, std::size_t limit) = 0;

  // Forgets all events, deliveries, dead letters, archives, runs, schedules and catalog records. What is being attempted just
  // now ends without
  // a trace. For tests that share a server.
  virtual Result<void> clear() = 0;

  // Takes a sweep one step further, looking at no more than `limit` events and runs, oldest first: removes events accepted
  // before `before` all of whose deliveries were delivered, and runs ended before it that answer for no key any more (see
  // Run::expires). Events with an open delivery or a dead letter stay. The first step takes an empty Sweep.
  virtual Result<Sweep> sweep(TimePoint before, TimePoint now, Sweep from, std::size_t limit) = 0;
  // Bytes in use; the file may be larger, because the space of what was removed is used again first.
  virtual Result<std::uint64_t> used_bytes() = 0;
  // Gives a little unused space back to the file system when much of the file is unused. True when there is more.
  virtual Result<bool> shrink() = 0;
};

}  // namespace ebagent::store
