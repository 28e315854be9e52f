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

// One alternative of an entry's pattern and where the ids of its fields' paths begin.
struct Segment::Unfiled {
  std::uint32_t entry;
  const Program* program;
  Alternative conditions;
  std::uint32_t paths;
};

Segment::Segment(std::vector<std::shared_ptr<Entry>> entries, std::shared_ptr<const PathTrie> shared)
    : entries_(std::move(entries)) {
  std::stable_sort(entries_.begin(), entries_.end(),
                   [](const auto& a, const auto& b) { return a->id < b->id; });
  std::vector<Unfiled> all;
  std::uint32_t fields = 0;
  std::size_t predicates = 0;
  for (std::uint32_t entry = 0; entry < entries_.size(); ++entry) {
    const Program& program = entries_[entry]->pattern.program();
    for (std::size_t i = 0; i < program.alternative_count; ++i) {
      all.push_back({entry, &program, program.alternative(i), fields});
      fields += static_cast<std::uint32_t>(all.back().conditions.size());
      for (const std::uint32_t condition : all.back().conditions)
        predicates += program.conditions[condition].predicate_count;
    }
  }
  const std::vector<std::uint32_t> paths = find_paths(all, std::move(shared));
  std::vector<std::uint32_t> uses(std::max(kMinUseSlots, std::bit_ceil(4 * predicates)));
  for (const Unfiled& one : all) {
    for (std::size_t i = 0; i < one.conditions.size(); ++i) {
      for (const Predicate& predicate : one.program->any_of(one.program->conditions[one.conditions[i]])) {
        ++uses[use_slot(paths[one.paths + i], predicate, uses.size())];
      }
    }
  }
  lookups_.resize(trie_->path_count());
  owners_.reserve(all.size());
  check_begins_.reserve(all.size() + 1);
  for (const Unfiled& one : all) file(one, std::span(paths).subspan(one.paths, one.conditions.size()), uses);
  check_begins_.push_back(checks_.end());
  for (std::uint32_t path = 0; path < lookups_.size(); ++path) lookups_[path].finish(path, table_);
  table_.finish();
  checks_.finish();
}

// The ids of the paths of all fields, in `shared` where it serves, else in a trie of their own.
std::vector<std::uint32_t> Segment::find_paths(const std::vector<Unfiled>& all,
                                               std::shared_ptr<const PathTrie> shared) {
  std::vector<std::uint32_t> paths;
  const auto collect = [&](auto&& id_of) {
    paths.clear();
    for (const Unfiled& one : all) {
      for (const std::uint32_t condition : one.conditions) {
        paths.push_back(id_of(one.program->conditions[condition].path));
        if (paths.back() == kNone) return false;
      }
    }
    return true;
  };
  const std::size_t most = kFewPaths + kMaxSharedPaths * entries_.size();
  if (shared != nullptr && shared->path_count() <= most &&
      collect([&](const std::string& path) { return shared->find(path); })) {
    trie_ = std::move(shared);
    return paths;
  }
  auto own = std::make_shared<PathTrie>();
  collect([&](const std::string& path) { return own->intern(path); });
  own->finish();
  trie_ = std::move(own);
  return paths;
}

// Files an alternative under the field whose predicates the fewest others share.
void Segment::file(const Unfiled& one, std::span<const std::uint32_t> paths,
                   const std::vector<std::uint32_t>& uses) {
  const auto any_of = [&one](std::size_t i) {
    return one.program->any_of(one.program->conditions[one.conditions[i]]);
  };
  std::size_t anchor = one.conditions.size();
  std::uint64_t least = std::numeric_limits<std::uint64_t>::max();
  for (std::size_t i = 0; i < one.conditions.size(); ++i) {
    if (one.program->conditions[one.conditions[i]].accepts_absence) continue;
    std::uint64_t weight = 0;
    for (const Predicate& predicate : any_of(i)) {
      weight += PathLookups::weight(predicate, uses[use_slot(paths[i], predicate, uses.size())]);
    }
    if (weight < least) {
      least = weight;
      anchor = i;
    }
  }
  const auto index = static_cast<std::uint32_t>(owners_.size());
  owners_.push_back({entries_[one.entry]->id, one.entry});
  check_begins_.push_back(checks_.add(*one.program, one.conditions, paths, anchor));
  if (anchor == one.conditions.size()) {
    always_.push_back(index);
    return;
  }
  for (const Predicate& predicate : any_of(anchor))
    lookups_[paths[anchor]].add(paths[anchor], predicate, index, table_);
}

void Segment::find_candidates(Scratch::Workspace& workspace) const {
  // Lists longer than this are gone through once an event, however often their key is met.
  constexpr std::size_t kShortList = 4;
  CandidateSet& candidates = workspace.candidates;
  candidates.reserve(owners_.size());
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
            if (found.postings.size() == 1) checks_.prefetch(check_begins_[found.postings.front()]);
            for (const std::uint32_t index : found.postings) candidates.insert(index);
          },
          [&](std::uint32_t index) { candidates.insert(index); });
    }
  }
}

Result<void> Segment::match(Scratch::Workspace& workspace, const View& view) const {
  find_candidates(workspace);
  std::uint32_t matched = kNone;
  std::uint32_t hard = kNone;  // an entry of which an alternative was too hard, and none has matched
  bool is_too_hard = false;
  workspace.candidates.drain([&](std::uint32_t candidate) {
    if (is_too_hard || (matched != kNone && owners_[candidate].entry == matched)) return;
    const auto checks = checks_.range(check_begins_[candidate], check_begins_[candidate + 1]);
    const Verdict verdict = workspace.selection.decide(checks, checks_, workspace.fields);
    if (verdict == Verdict::No) return;
    const Owner& owner = owners_[candidate];
    if (view.has_removed &&
        entries_[owner.entry]->removed_at.load(std::memory_order_relaxed) <= view.version) {
      return;
    }
    is_too_hard = hard != kNone && hard != owner.entry;
    if (verdict == Verdict::TooHard) {
      hard = owner.entry;
      return;
    }
    if (hard == owner.entry) hard = kNone;
    matched = owner.entry;
    workspace.ids.push_back(owner.id);
  });
  if (is_too_hard || hard != kNone) return fail(too_hard());
  return success();
}

}  // namespace ebagent::pattern
