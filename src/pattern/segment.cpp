#include "pattern/segment.hpp"

#include <algorithm>
#include <bit>
#include <functional>
#include <string_view>

namespace ebagent::pattern {
namespace {

// Slots that count how often a predicate occurs; two predicates that share one only look less selective.
constexpr std::size_t kMinUseSlots = 64;

std::size_t use_slot(std::uint32_t path, const Predicate& predicate, std::size_t slots) {
  std::size_t hash = std::hash<std::string_view>{}(predicate.text);
  hash ^= std::hash<double>{}(predicate.low) * 31 + std::hash<double>{}(predicate.high) * 37;
  hash ^= (predicate.block.first.low + predicate.block.bits) * 0xC2B2AE3D27D4EB4FULL;
  hash ^= (std::size_t(path) * 16 + std::size_t(predicate.kind) + 1) * 0x9E3779B97F4A7C15ULL;
  return (hash ^ (hash >> 32)) & (slots - 1);
}

}  // namespace

Segment::Segment(std::vector<std::shared_ptr<Entry>> entries) : entries_(std::move(entries)) {
  std::size_t predicates = 0;
  for (std::uint32_t entry = 0; entry < entries_.size(); ++entry) {
    const Program& program = entries_[entry]->pattern.program();
    for (std::uint32_t i = 0; i < program.alternatives.size(); ++i) {
      filed_.push_back({entry, i, std::uint32_t(paths_.size())});
      for (const auto& condition : program.alternatives[i].conditions) {
        paths_.push_back(trie_.intern(condition->path));
        predicates += condition->any_of.size();
      }
    }
  }
  indexes_.resize(trie_.path_count());
  std::vector<std::uint32_t> uses(std::max(kMinUseSlots, std::bit_ceil(2 * predicates)));
  for (const Filed& filed : filed_) {
    const auto& conditions =
        entries_[filed.entry]->pattern.program().alternatives[filed.alternative].conditions;
    for (std::size_t i = 0; i < conditions.size(); ++i) {
      for (const Predicate& predicate : conditions[i]->any_of) {
        ++uses[use_slot(paths_[filed.paths + i], predicate, uses.size())];
      }
    }
  }
  for (std::uint32_t i = 0; i < filed_.size(); ++i) file(i, uses);
  for (PathIndex& index : indexes_) index.finish();
}

// Files an alternative under the field whose predicates the fewest others share.
void Segment::file(std::uint32_t index, const std::vector<std::uint32_t>& uses) {
  const Filed& filed = filed_[index];
  const auto& conditions =
      entries_[filed.entry]->pattern.program().alternatives[filed.alternative].conditions;
  std::size_t anchor = conditions.size();
  std::uint64_t least = std::numeric_limits<std::uint64_t>::max();
  for (std::size_t i = 0; i < conditions.size(); ++i) {
    if (conditions[i]->accepts_absence) continue;
    std::uint64_t weight = 0;
    for (const Predicate& predicate : conditions[i]->any_of) {
      weight += PathIndex::weight(predicate, uses[use_slot(paths_[filed.paths + i], predicate, uses.size())]);
    }
    if (weight < least) {
      least = weight;
      anchor = i;
    }
  }
  if (anchor == conditions.size()) {
    always_.push_back(index);
    return;
  }
  for (const Predicate& predicate : conditions[anchor]->any_of) {
    indexes_[paths_[filed.paths + anchor]].add(predicate, index);
  }
}

Result<void> Segment::match(Scratch::Workspace& workspace, std::uint64_t version) const {
  workspace.fields.collect(workspace.tape, trie_);
  Postings& candidates = workspace.candidates;
  candidates.assign(always_.begin(), always_.end());
  for (const std::uint32_t path : workspace.fields.touched()) {
    for (const Value& value : workspace.fields.values(path))
      indexes_[path].find(value, workspace.folded, candidates);
  }
  std::sort(candidates.begin(), candidates.end());
  candidates.erase(std::unique(candidates.begin(), candidates.end()), candidates.end());
  std::uint32_t matched = kNone;
  for (const std::uint32_t candidate : candidates) {
    const Filed& filed = filed_[candidate];
    const Entry& entry = *entries_[filed.entry];
    if (filed.entry == matched || entry.removed_at.load(std::memory_order_relaxed) <= version) continue;
    const auto& conditions = entry.pattern.program().alternatives[filed.alternative].conditions;
    const std::span<const std::uint32_t> paths(paths_.data() + filed.paths, conditions.size());
    switch (workspace.selection.decide(conditions, paths, workspace.fields)) {
      case Verdict::Yes:
        matched = filed.entry;
        workspace.ids.push_back(entry.id);
        break;
      case Verdict::TooHard:
        return fail(too_hard());
      case Verdict::No:
        break;
    }
  }
  return success();
}

}  // namespace ebagent::pattern
