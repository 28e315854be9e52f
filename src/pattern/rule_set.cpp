#include <algorithm>
#include <unordered_map>

#include "ebagent/pattern.hpp"
#include "pattern/event_walk.hpp"
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
  View view;
  std::vector<std::shared_ptr<const Segment>> segments;  // each at least twice as large as the next

  void push(std::vector<std::shared_ptr<Entry>> entries) {
    auto trie = segments.empty() ? nullptr : segments.back()->trie();
    segments.push_back(std::make_shared<const Segment>(std::move(entries), std::move(trie)));
  }
};

// What add and remove keep between calls; one of them works at a time.
class RuleSet::Writer {
 public:
  std::mutex mutex;                                    // guards all members
  std::unordered_multimap<RuleId, Entry*> entries_of;  // a segment owns them
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

namespace {

std::uint64_t next_version() {
  static std::atomic<std::uint64_t> last{0};
  return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

}  // namespace

RuleSet::RuleSet() : version_(0), writer_(std::make_unique<Writer>()) {
  publish(std::make_shared<const Snapshot>(Snapshot{{.version = next_version()}, {}}));
}
RuleSet::~RuleSet() = default;

std::shared_ptr<const RuleSet::Snapshot> RuleSet::snapshot() const {
  const std::lock_guard lock(snapshot_mutex_);
  return snapshot_;
}

void RuleSet::publish(std::shared_ptr<const Snapshot> next) {
  const std::uint64_t version = next->view.version;
  {
    const std::lock_guard lock(snapshot_mutex_);
    snapshot_.swap(next);
  }
  version_.store(version, std::memory_order_release);
  // What was replaced ends here, outside the lock.
}

void RuleSet::add(RuleId id, Pattern pattern) {
  const std::pair<RuleId, Pattern> rule(id, std::move(pattern));
  add_all({&rule, 1});
}

void RuleSet::add_all(std::span<const std::pair<RuleId, Pattern>> rules) {
  if (rules.empty()) return;
  const std::lock_guard writing(writer_->mutex);
  auto next = std::make_shared<Snapshot>(*snapshot());
  next->view.version = next_version();
  std::vector<std::shared_ptr<Entry>> entries;
  for (const auto& [id, pattern] : rules) {
    entries.push_back(std::make_shared<Entry>(id, pattern));
    writer_->entries_of.emplace(id, entries.back().get());
  }
  writer_->live += rules.size();
  // Small segments are merged into larger ones as they come, so that each rule is indexed O(log n) times in
  // all.
  while (!next->segments.empty() && next->segments.back()->entries().size() < 2 * entries.size()) {
    writer_->append_live(*next->segments.back(), entries);
    next->segments.pop_back();
  }
  next->push(std::move(entries));
  next->view.has_removed = writer_->dead != 0;
  publish(std::move(next));
}

std::size_t RuleSet::remove(RuleId id) {
  constexpr std::size_t kToleratedDead = 64;  // below this, rebuilding costs more than skipping
  const std::lock_guard writing(writer_->mutex);
  const auto [first, last] = writer_->entries_of.equal_range(id);
  if (first == last) return 0;
  auto next = std::make_shared<Snapshot>(*snapshot());
  next->view.version = next_version();
  std::size_t count = 0;
  for (auto entry = first; entry != last; ++entry, ++count) {
    entry->second->removed_at.store(next->view.version, std::memory_order_relaxed);
  }
  writer_->entries_of.erase(first, last);
  writer_->live -= count;
  writer_->dead += count;
  if (writer_->dead > writer_->live + kToleratedDead) {
    std::vector<std::shared_ptr<Entry>> entries;
    for (const auto& segment : next->segments) writer_->append_live(*segment, entries);
    next->segments.clear();
    if (!entries.empty()) next->push(std::move(entries));
  }
  next->view.has_removed = writer_->dead != 0;
  publish(std::move(next));
  return count;
}

std::size_t RuleSet::size() const {
  const std::lock_guard writing(writer_->mutex);
  return writer_->live;
}

Result<std::span<const RuleId>> RuleSet::match(std::string_view event_json, Scratch& scratch) const {
  BOOST_OUTCOME_TRY(const auto event, CheckedEvent::check(event_json, scratch));
  return match(event, scratch);
}

Result<std::span<const RuleId>> RuleSet::match(const CheckedEvent& event, Scratch& scratch) const {
  Scratch::Workspace& workspace = scratch.workspace();
  if (workspace.snapshot_version != version_.load(std::memory_order_acquire)) {
    std::shared_ptr<const Snapshot> latest = snapshot();
    workspace.snapshot_version = latest->view.version;
    workspace.snapshot = std::move(latest);
  }
  const auto& current = *static_cast<const Snapshot*>(workspace.snapshot.get());
  workspace.ids.clear();
  workspace.selection.begin_event();
  const PathTrie* collected = nullptr;
  for (const auto& segment : current.segments) {
    if (segment->trie().get() != collected) {
      collected = segment->trie().get();
      walk_event(event, *collected, workspace.fields, workspace.decoded);
    }
    BOOST_OUTCOME_TRY(segment->match(workspace, current.view));
  }
  std::vector<RuleId>& ids = workspace.ids;
  if (std::adjacent_find(ids.begin(), ids.end(), std::greater_equal<>{}) != ids.end()) {
    std::sort(ids.begin(), ids.end());
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  }
  return std::span<const RuleId>(ids);
}

}  // namespace ebagent::pattern
