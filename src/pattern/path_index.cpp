#include "pattern/path_index.hpp"

#include <algorithm>

namespace ebagent::pattern {
namespace {

void append(Postings& out, const Postings& found) {
  out.insert(out.end(), found.begin(), found.end());
}

}  // namespace

std::uint64_t PathIndex::weight(const Predicate& predicate, std::uint32_t same) {
  constexpr std::uint64_t kEnds = 4;        // one lookup a length in use
  constexpr std::uint64_t kRanges = 16;     // ranges overlap
  constexpr std::uint64_t kScanned = 64;    // tried one by one
  constexpr std::uint64_t kAny = 1u << 24;  // names every alternative for nearly every event
  switch (predicate.kind) {
    case PredicateKind::Text:
    case PredicateKind::Literal:
    case PredicateKind::Number:
    case PredicateKind::AddressBlock:
      return same;
    case PredicateKind::Caseless:
      return predicate.caseless.is_ascii() ? same : kScanned + same;
    case PredicateKind::Prefix:
    case PredicateKind::Suffix:
      return predicate.text.empty() ? kAny : kEnds + same;
    case PredicateKind::CaselessPrefix:
    case PredicateKind::CaselessSuffix:
      return predicate.text.empty() ? kAny : predicate.caseless.is_ascii() ? kEnds + same : kScanned + same;
    case PredicateKind::Range:
      return kRanges + same;
    case PredicateKind::Wildcard: {
      const auto& pieces = predicate.wildcard.pieces();
      return pieces.front().empty() && pieces.back().empty() ? kScanned + same : kEnds + same;
    }
    case PredicateKind::Present:
    case PredicateKind::AnythingBut:
    case PredicateKind::Absent:
      return kAny;
  }
  return kAny;
}

void PathIndex::add_sized(std::vector<SizedMap>& maps, std::string_view text, std::uint32_t alternative) {
  auto map = std::find_if(maps.begin(), maps.end(), [&](const SizedMap& m) { return m.size == text.size(); });
  if (map == maps.end()) map = maps.insert(maps.end(), SizedMap{text.size(), {}});
  map->texts[std::string(text)].push_back(alternative);
}

void PathIndex::add_block(const AddressBlock& block, std::uint32_t alternative) {
  auto map = std::find_if(blocks_.begin(), blocks_.end(), [&](const BlockMap& m) {
    return m.is_v4 == block.first.is_v4 && m.bits == block.bits;
  });
  if (map == blocks_.end()) map = blocks_.insert(blocks_.end(), BlockMap{block.first.is_v4, block.bits, {}});
  map->blocks[block.first].push_back(alternative);
}

void PathIndex::add_wildcard(const Predicate& predicate, std::uint32_t alternative) {
  const auto& pieces = predicate.wildcard.pieces();
  if (pieces.size() == 1) {
    texts_[pieces.front()].push_back(alternative);
  } else if (!pieces.front().empty()) {
    add_sized(prefixes_, pieces.front(), alternative);
  } else if (!pieces.back().empty()) {
    add_sized(suffixes_, pieces.back(), alternative);
  } else {
    unindexed_.emplace_back(&predicate, alternative);
  }
}

void PathIndex::add(const Predicate& predicate, std::uint32_t alternative) {
  const bool is_caseless_indexed = predicate.caseless.is_ascii();
  switch (predicate.kind) {
    case PredicateKind::Text:
      texts_[predicate.text].push_back(alternative);
      return;
    case PredicateKind::Literal:
      literals_[predicate.text].push_back(alternative);
      return;
    case PredicateKind::Number:
      numbers_[predicate.low].push_back(alternative);
      return;
    case PredicateKind::AddressBlock:
      add_block(predicate.block, alternative);
      return;
    case PredicateKind::Prefix:
      add_sized(prefixes_, predicate.text, alternative);
      return;
    case PredicateKind::Suffix:
      add_sized(suffixes_, predicate.text, alternative);
      return;
    case PredicateKind::Wildcard:
      add_wildcard(predicate, alternative);
      return;
    case PredicateKind::Range:
      ranges_.push_back({predicate.low, predicate.high, 0, alternative});
      return;
    case PredicateKind::Caseless:
      if (is_caseless_indexed) caseless_[predicate.caseless.folded()].push_back(alternative);
      break;
    case PredicateKind::CaselessPrefix:
      if (is_caseless_indexed) add_sized(caseless_prefixes_, predicate.caseless.folded(), alternative);
      break;
    case PredicateKind::CaselessSuffix:
      if (is_caseless_indexed) add_sized(caseless_suffixes_, predicate.caseless.folded(), alternative);
      break;
    case PredicateKind::Present:
    case PredicateKind::AnythingBut:
      any_.push_back(alternative);
      return;
    case PredicateKind::Absent:
      return;
  }
  if (!is_caseless_indexed) unindexed_.emplace_back(&predicate, alternative);
}

void PathIndex::finish() {
  std::sort(ranges_.begin(), ranges_.end(), [](const Range& a, const Range& b) { return a.low < b.low; });
  cover(0, ranges_.size());
}

double PathIndex::cover(std::size_t first, std::size_t last) {
  if (first == last) return -1.0 / 0.0;
  const std::size_t middle = first + (last - first) / 2;
  ranges_[middle].most = std::max({ranges_[middle].high, cover(first, middle), cover(middle + 1, last)});
  return ranges_[middle].most;
}

void PathIndex::find_ranges(std::size_t first, std::size_t last, double number, Postings& out) const {
  if (first == last) return;
  const std::size_t middle = first + (last - first) / 2;
  const Range& range = ranges_[middle];
  if (range.most < number) return;
  find_ranges(first, middle, number, out);
  if (range.low > number) return;
  if (range.high >= number) out.push_back(range.alternative);
  find_ranges(middle + 1, last, number, out);
}

void PathIndex::find(const Value& value, std::string& folded, Postings& out) const {
  append(out, any_);
  if (value.type == ValueType::String) return find_string(value, folded, out);
  if (const auto found = literals_.find(value.text); found != literals_.end()) append(out, found->second);
  if (!value.number) return;
  if (const auto found = numbers_.find(*value.number); found != numbers_.end()) append(out, found->second);
  find_ranges(0, ranges_.size(), *value.number, out);
}

void PathIndex::find_string(const Value& value, std::string& folded, Postings& out) const {
  const auto find_in = [&out](const TextMap& map, std::string_view text) {
    if (const auto found = map.find(text); found != map.end()) append(out, found->second);
  };
  const auto find_ends = [&](const std::vector<SizedMap>& prefixes, const std::vector<SizedMap>& suffixes,
                             std::string_view text) {
    for (const SizedMap& map : prefixes) {
      if (text.size() >= map.size) find_in(map.texts, text.substr(0, map.size));
    }
    for (const SizedMap& map : suffixes) {
      if (text.size() >= map.size) find_in(map.texts, text.substr(text.size() - map.size));
    }
  };
  if (!texts_.empty()) find_in(texts_, value.text);
  find_ends(prefixes_, suffixes_, value.text);
  if (!caseless_.empty() || !caseless_prefixes_.empty() || !caseless_suffixes_.empty()) {
    fold_ascii(value.text, folded);
    find_in(caseless_, folded);
    find_ends(caseless_prefixes_, caseless_suffixes_, folded);
  }
  if (value.address) {
    for (const BlockMap& map : blocks_) {
      if (map.is_v4 != value.address->is_v4) continue;
      if (const auto found = map.blocks.find(masked(*value.address, map.bits)); found != map.blocks.end()) {
        append(out, found->second);
      }
    }
  }
  for (const auto& [predicate, alternative] : unindexed_) {
    if (predicate->accepts(value)) out.push_back(alternative);
  }
}

}  // namespace ebagent::pattern
