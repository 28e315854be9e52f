#include "pattern/segment.hpp"

#include <algorithm>
#include <bit>

namespace ebagent::pattern {
namespace {

// Slots that count how often a predicate occurs; two predicates that share one only look less selective.
constexpr std::size_t kMinUseSlots = 64;
// A trie is shared up to this many times the paths needed: buffers are made for all its paths.
constexpr std::size_t kMaxSharedPaths = 4;
constexpr std::size_t kFewPaths = 64;

std::size_t use_slot(std::uint32_t path, const Predicate& predicate, std::size_t slots) {
  const std::uint64_t what = (std::uint64_t{path} << 8) | static_cast<std::uint64_t>(predicate.kind());
  return mix(PathLookups::content_of(predicate) ^ kHashB, what * kHashA + kHashB) & (slots - 1);
}

}  // namespace

Segment::Segment(std::vector<std::shared_ptr<Entry>> entries, std::shared_ptr<const PathTrie> shared)
    : entries_(std::move(entries)) {
  std::stable_sort(entries_.begin(), entries_.end(), [](const auto& a, const auto& b) { return a->id < b->id; });
  find_paths(std::move(shared));
  lookups_.resize(trie_->path_count());
  std::size_t predicates = 0;
  for (const Filed& filed : filed_) {
    for (const std::uint32_t condition : filed.program->alternative(filed.alternative)) {
      predicates += filed.program->conditions[condition].any_of.size();
    }
  }
  std::vector<std::uint32_t> uses(std::max(kMinUseSlots, std::bit_ceil(2 * predicates)));
  for (const Filed& filed : filed_) {
    std::size_t path = filed.paths;
    for (const std::uint32_t condition : filed.program->alternative(filed.alternative)) {
      for (const Predicate& predicate : filed.program->conditions[condition].any_of) {
        ++uses[use_slot(paths_[path], predicate, uses.size())];
      }
      ++path;
    }
  }
  for (std::uint32_t i = 0; i < filed_.size(); ++i) file(i, uses);
  for (std::uint32_t path = 0; path < lookups_.size(); ++path) lookups_[path].finish(path, table_);
  table_.finish();
}

// Files the alternatives with the ids of their paths, in `shared` where it serves, else in a trie of their own.
void Segment::find_paths(std::shared_ptr<const PathTrie> shared) {
  for (std::uint32_t entry = 0; entry < entries_.size(); ++entry) {
    const Program& program = entries_[entry]->pattern.program();
    std::uint32_t paths = 0;
    for (std::uint32_t i = 0; i < program.alternative_count(); ++i) {
      filed_.push_back({&program, i, entry, paths});
      paths += static_cast<std::uint32_t>(program.alternative(i).size());
    }
  }
  const auto collect = [this](auto&& id_of) {
    paths_.clear();
    for (Filed& filed : filed_) {
      filed.paths = static_cast<std::uint32_t>(paths_.size());
      for (const std::uint32_t condition : filed.program->alternative(filed.alternative)) {
        const std::uint32_t id = id_of(filed.program->conditions[condition].path);
        if (id == kNone) return false;
        paths_.push_back(id);
      }
    }
    return true;
  };
  const std::size_t most = kFewPaths + kMaxSharedPaths * entries_.size();
  if (shared != nullptr && shared->path_count() <= most &&
      collect([&](const std::string& path) { return shared->find(path); })) {
    trie_ = std::move(shared);
    return;
  }
  auto own = std::make_shared<PathTrie>();
  collect([&](const std::string& path) { return own->intern(path); });
  own->finish();
  trie_ = std::move(own);
}

// Files an alternative under the field whose predicates the fewest others share.
void Segment::file(std::uint32_t index, const std::vector<std::uint32_t>& uses) {
  const Filed& filed = filed_[index];
  const Alternative alternative = filed.program->alternative(filed.alternative);
  std::size_t anchor = alternative.size();
  std::uint64_t least = std::numeric_limits<std::uint64_t>::max();
  for (std::size_t i = 0; i < alternative.size(); ++i) {
    const Condition& condition = filed.program->conditions[alternative[i]];
    if (condition.accepts_absence) continue;
    std::uint64_t weight = 0;
    for (const Predicate& predicate : condition.any_of) {
      weight += PathLookups::weight(predicate, uses[use_slot(paths_[filed.paths + i], predicate, uses.size())]);
    }
    if (weight < least) {
      least = weight;
      anchor = i;
    }
  }
  if (anchor == alternative.size()) {
    always_.push_back(index);
    return;
  }
  const std::uint32_t path = paths_[filed.paths + anchor];
  for (const Predicate& predicate : filed.program->conditions[alternative[anchor]].any_of) {
    lookups_[path].add(path, predicate, index, table_);
  }
}

void Segment::find_candidates(Scratch::Workspace& workspace) const {
  // Lists longer than this are gone through once an event, however often their key is met.
  constexpr std::size_t kShortList = 4;
  CandidateSet& candidates = workspace.candidates;
  candidates.reserve(filed_.size());
  workspace.new_round(table_.list_end());
  for (const std::uint32_t index : always_) candidates.insert(index);
  for (const std::uint32_t path : workspace.fields.touched()) {
    const PathLookups& lookups = lookups_[path];
    for (const Value& value : workspace.fields.values(path)) {
      lookups.find(
          path, value,
          [&](std::uint64_t key) {
            const PostingTable::Found found = table_.find(key);
            if (found.postings.size() > kShortList && !workspace.is_first_visit(found.list)) return;
            for (const std::uint32_t index : found.postings) candidates.insert(index);
          },
          [&](std::uint32_t index) { candidates.insert(index); });
    }
  }
}

Result<void> Segment::match(Scratch::Workspace& workspace, std::uint64_t version) const {
  find_candidates(workspace);
  std::uint32_t matched = kNone;
  bool is_too_hard = false;
  workspace.candidates.drain([&](std::uint32_t candidate) {
    const Filed& filed = filed_[candidate];
    if (filed.entry == matched || is_too_hard) return;
    const Alternative alternative = filed.program->alternative(filed.alternative);
    const std::span<const std::uint32_t> paths(paths_.data() + filed.paths, alternative.size());
    const Verdict verdict = workspace.selection.decide(*filed.program, alternative, paths, workspace.fields);
    if (verdict == Verdict::No) return;
    const Entry& entry = *entries_[filed.entry];
    if (entry.removed_at.load(std::memory_order_relaxed) <= version) return;
    is_too_hard = verdict == Verdict::TooHard;
    matched = filed.entry;
    workspace.ids.push_back(entry.id);
  });
  if (is_too_hard) return fail(too_hard());
  return success();
}

}  // namespace ebagent::pattern
