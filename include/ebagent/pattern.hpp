#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ebagent/result.hpp"

// EventPatterns with the semantics of Amazon EventBridge: compile once, match many events against many
// patterns. How it works: docs/pattern-engine.md. Source:
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html
namespace ebagent::pattern {

// What a pattern may ask of the engine before compile() refuses it. The defaults are EventBridge's.
struct Limits {
  std::size_t max_characters = 4096;  // of the JSON text; a quota of 2,048 that AWS raises to this on request
  std::size_t max_fields = 256;       // fields of one alternative, after $or is expanded
  // How many beginnings of the wildcards of one field one text may match at once. AWS accepts 9 and refuses
  // `*:*:*:*:*:event-bus/*`, which has 10.
  std::size_t max_wildcard_complexity = 9;
  std::size_t max_or_combinations = 1000;  // alternatives after every $or is expanded

  // No limit on wildcards, and room for any $or: for patterns that somebody trusted wrote.
  [[nodiscard]] static Limits generous();
};

struct Program;  // the compiled form, private to the engine

// A compiled, immutable EventPattern. Copies share one compiled form.
// Thread safety: may be used and copied by any number of threads.
class Pattern {
 public:
  explicit Pattern(std::shared_ptr<const Program> program) : program_(std::move(program)) {}

  // The JSON text it was compiled from.
  [[nodiscard]] std::string_view text() const;
  // Whether it uses `wildcard` (alone or inside anything-but); EventBridge allows 30 such rules a bus.
  [[nodiscard]] bool has_wildcard() const;
  [[nodiscard]] const Program& program() const { return *program_; }
  [[nodiscard]] const std::shared_ptr<const Program>& shared_program() const { return program_; }

 private:
  std::shared_ptr<const Program> program_;
};

// Compiles the JSON text of an EventPattern.
// Errors: InvalidArgument (the text is no pattern), Malformed (it is no JSON), LimitExceeded; the message is
// the bare reason in EventBridge's words, e.g. "Empty arrays are not allowed".
[[nodiscard]] Result<Pattern> compile(std::string_view json, const Limits& limits = {});

// Buffers that matching reuses from event to event; once warm, matching allocates nothing. Keeps the rules that it
// last matched against until its next use.
// Thread safety: one thread at a time; keep one a thread.
class Scratch {
 public:
  Scratch();
  ~Scratch();
  Scratch(Scratch&&) noexcept;
  Scratch& operator=(Scratch&&) noexcept;

  struct Workspace;
  [[nodiscard]] Workspace& workspace() { return *workspace_; }

 private:
  std::unique_ptr<Workspace> workspace_;
};

// The text of an event that was read wholly and strictly once. Matching it reads only as much of it as the rules
// ask for. It is a view: the text must outlive it, unchanged.
class CheckedEvent {
 public:
  // Errors: Malformed when `json` is not a JSON object or not valid UTF-8; LimitExceeded when it is too large.
  [[nodiscard]] static Result<CheckedEvent> check(std::string_view json, Scratch& scratch);

  [[nodiscard]] std::string_view text() const { return text_; }
  // Whether in each object no key comes twice, none contains a dot and none is written with escapes: then a path
  // leads to one place at most, and a walk may end where every path was met.
  [[nodiscard]] bool has_plain_keys() const { return has_plain_keys_; }
  // Whether any string is written with escapes.
  [[nodiscard]] bool has_escapes() const { return has_escapes_; }

 private:
  CheckedEvent(std::string_view text, bool has_plain_keys, bool has_escapes)
      : text_(text), has_plain_keys_(has_plain_keys), has_escapes_(has_escapes) {}

  std::string_view text_;
  bool has_plain_keys_;
  bool has_escapes_;
};

// True when the event matches. Errors: Malformed when the event is not a JSON object; LimitExceeded when its
// arrays are made so that finding out would take unreasonable work.
[[nodiscard]] Result<bool> matches(const Pattern& pattern, std::string_view event_json);

using RuleId = std::uint64_t;

// Many patterns under ids of the caller's; match() tells which ids an event matches, in one pass over the
// event and at a cost that does not grow with the rules that do not match. Thread safety: every member may be
// called from any thread. match() works on an immutable snapshot, which it takes anew only after a
// change: it never waits for add() or remove() beyond copying a pointer, and sees each change wholly or not at all.
class RuleSet {
 public:
  RuleSet();
  ~RuleSet();
  RuleSet(const RuleSet&) = delete;
  RuleSet& operator=(const RuleSet&) = delete;

  // Adds a pattern under `id`; an id with several patterns matches when any of them does.
  void add(RuleId id, Pattern pattern);
  // The same for many at once: one index is built instead of one a rule.
  void add_all(std::span<const std::pair<RuleId, Pattern>> rules);
  // Removes every pattern of `id`. Returns how many there were.
  std::size_t remove(RuleId id);
  // Patterns held, not ids.
  [[nodiscard]] std::size_t size() const;

  // The ids that match, ascending, each once. The span lives in `scratch` until it is used again.
  // Errors: as matches().
  [[nodiscard]] Result<std::span<const RuleId>> match(std::string_view event_json, Scratch& scratch) const;
  // The same for an event that was checked before. Errors: LimitExceeded.
  [[nodiscard]] Result<std::span<const RuleId>> match(const CheckedEvent& event, Scratch& scratch) const;

 private:
  struct Snapshot;
  class Writer;

  [[nodiscard]] std::shared_ptr<const Snapshot> snapshot() const;
  void publish(std::shared_ptr<const Snapshot> next);

  mutable std::mutex snapshot_mutex_;         // held only while the pointer is copied or replaced
  std::shared_ptr<const Snapshot> snapshot_;  // guarded by snapshot_mutex_
  std::atomic<std::uint64_t> version_;        // of snapshot_; no two snapshots of the process share one
  std::unique_ptr<Writer> writer_;            // what add and remove keep between calls; has its own lock
};

// Why one field of a pattern is satisfied by an event or not.
struct FieldExplanation {
  std::string path;        // names joined with '.'
  bool satisfied = false;  // by some value, wherever it stands
  std::string wants;       // what the pattern lists for this field, JSON text (its only member, or the array)
  std::vector<std::string> has;  // the event's values at that path, JSON texts
  std::string reason;            // one sentence for people
};

// One way in which a pattern can match: a pattern without $or has exactly one.
struct AlternativeExplanation {
  bool matches = false;
  std::vector<FieldExplanation> fields;
  std::string reason;  // one sentence for people
};

struct Explanation {
  bool matches = false;
  std::vector<AlternativeExplanation> alternatives;
};

// Tells field by field why `event_json` matches `pattern` or does not. Errors: as matches().
[[nodiscard]] Result<Explanation> explain(const Pattern& pattern, std::string_view event_json);

// Several lines of text for people.
[[nodiscard]] std::string to_text(const Explanation& explanation);
// {"matches":..,"alternatives":[{"matches":..,"reason":..,"fields":[{"path","satisfied","wants","has","reason"}]}]}
[[nodiscard]] std::string to_json(const Explanation& explanation);

}  // namespace ebagent::pattern
