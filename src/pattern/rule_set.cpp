#include <algorithm>
#include <unordered_map>

#include "ebagent/pattern.hpp"
#include "pattern/segment.hpp"
#include "pattern/workspace.hpp"

namespace ebagent::pattern {

Scratch::Scratch() : workspace_(std::make_unique<Workspace>()) {}
Scratch::~Scratch() = default;
Scratch::Scratch(Scratch&&) noexcept = default;
Scratch& Scratch::operator=(Scratch&&) noexcept = default;

Error too_hard() {
  return {
      ErrorCode::LimitExceeded,
      "The event repeats the fields of a pattern in so many arrays that matching it would take too long."};
}

// Everything that one call of match() sees.
struct RuleSet::Snapshot {
  std::uint64_t version = 0;
  std::vector<std::shared_ptr<const Segment>> segments;  // each at least twice as large as the next
};

// What add and remove keep between calls; one of them works at a time.
class RuleSet::Writer {
 public:
  std::mutex mutex;  // guards all members
  std::unordered_map<RuleId, std::vector<std::shared_ptr<Entry>>> entries_of;
  std::size_t live = 0;
  std::size_t dead = 0;  // removed, but still in a segment

  // Appends the entries of a segment that are not removed.
  void append_live(const Segment& segment, std::vector<std::shared_ptr<Entry>>& out) {
    for (const auto& entry : segment.entries()) {
      if (entry->removed_at.load(std::memory_order_relaxed) == std::numeric_limits<std::uint64_t>::max()) {
        out.push_back(entry);
      } else {
        --dead;
      }
    }
  }
};

RuleSet::RuleSet() : snapshot_(std::make_shared<const Snapshot>()), writer_(std::make_unique<Writer>()) {}
RuleSet::~RuleSet() = default;

std::shared_ptr<const RuleSet::Snapshot> RuleSet::snapshot() const {
  const std::lock_guard lock(snapshot_mutex_);
  return snapshot_;
}

void RuleSet::add(RuleId id, Pattern pattern) {
  const std::pair<RuleId, Pattern> rule(id, std::move(pattern));
  add_all({&rule, 1});
}

void RuleSet::add_all(std::span<const std::pair<RuleId, Pattern>> rules) {
  if (rules.empty()) return;
  const std::lock_guard writing(writer_->mutex);
  auto next = std::make_shared<Snapshot>(*snapshot());
  ++next->version;
  std::vector<std::shared_ptr<Entry>> entries;
  for (const auto& [id, pattern] : rules) {
    entries.push_back(std::make_shared<Entry>(id, pattern));
    writer_->entries_of[id].push_back(entries.back());
  }
  writer_->live += rules.size();
  // Small segments are merged into larger ones as they come, so that each rule is indexed O(log n) times in
  // all.
  while (!next->segments.empty() && next->segments.back()->entries().size() < 2 * entries.size()) {
    writer_->append_live(*next->segments.back(), entries);
    next->segments.pop_back();
  }
  next->segments.push_back(std::make_shared<const Segment>(std::move(entries)));
  const std::lock_guard publishing(snapshot_mutex_);
  snapshot_ = std::move(next);
}

std::size_t RuleSet::remove(RuleId id) {
  constexpr std::size_t kToleratedDead = 64;  // below this, rebuilding costs more than skipping
  const std::lock_guard writing(writer_->mutex);
  const auto found = writer_->entries_of.find(id);
  if (found == writer_->entries_of.end()) return 0;
  const std::size_t count = found->second.size();
  auto next = std::make_shared<Snapshot>(*snapshot());
  ++next->version;
  for (const auto& entry : found->second) entry->removed_at.store(next->version, std::memory_order_relaxed);
  writer_->entries_of.erase(found);
  writer_->live -= count;
  writer_->dead += count;
  if (writer_->dead > writer_->live + kToleratedDead) {
    std::vector<std::shared_ptr<Entry>> entries;
    for (const auto& segment : next->segments) writer_->append_live(*segment, entries);
    next->segments.clear();
    if (!entries.empty()) next->segments.push_back(std::make_shared<const Segment>(std::move(entries)));
  }
  const std::lock_guard publishing(snapshot_mutex_);
  snapshot_ = std::move(next);
  return count;
}

std::size_t RuleSet::size() const {
  const std::lock_guard writing(writer_->mutex);
  return writer_->live;
}

Result<std::span<const RuleId>> RuleSet::match(std::string_view event_json, Scratch& scratch) const {
  const std::shared_ptr<const Snapshot> current = snapshot();
  Scratch::Workspace& workspace = scratch.workspace();
  workspace.ids.clear();
  BOOST_OUTCOME_TRY(workspace.tape.read(event_json));
  for (const auto& segment : current->segments) {
    BOOST_OUTCOME_TRY(segment->match(workspace, current->version));
  }
  std::vector<RuleId>& ids = workspace.ids;
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return std::span<const RuleId>(ids);
}

Result<bool> matches(const Pattern& pattern, std::string_view event_json) {
  Scratch::Workspace workspace;
  BOOST_OUTCOME_TRY(workspace.tape.read(event_json));
  const Program& program = pattern.program();
  workspace.fields.collect(workspace.tape, program.trie);
  bool any_too_hard = false;
  for (const Alternative& alternative : program.alternatives) {
    const Verdict verdict =
        workspace.selection.decide(alternative.conditions, alternative.paths, workspace.fields);
    if (verdict == Verdict::Yes) return true;
    any_too_hard = any_too_hard || verdict == Verdict::TooHard;
  }
  if (any_too_hard) return fail(too_hard());
  return false;
}

}  // namespace ebagent::pattern
