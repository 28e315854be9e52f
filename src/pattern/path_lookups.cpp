#include "pattern/path_lookups.hpp"

#include <algorithm>
#include <bit>
#include <limits>

namespace ebagent::pattern {
namespace {

std::uint64_t prefix_content(std::string_view text) {
  std::uint64_t content = 0;
  for (const char c : text) content = roll(content, c);
  return content;
}

std::uint64_t suffix_content(std::string_view text) {
  std::uint64_t content = 0;
  for (auto c = text.rbegin(); c != text.rend(); ++c) content = roll(content, *c);
  return content;
}

bool is_bounded(const NumberRange& range) {
  return range.low != kLowestNumber && range.high != kHighestNumber;
}

void add_length(std::vector<std::uint32_t>& lengths, std::size_t length) {
  const auto at = std::lower_bound(lengths.begin(), lengths.end(), length);
  if (at == lengths.end() || *at != length) lengths.insert(at, static_cast<std::uint32_t>(length));
}

}  // namespace

std::uint64_t PathLookups::weight(const Predicate& predicate, std::uint32_t same) {
  constexpr std::uint64_t kParsed = 1;       // the text is read as a number or address first
  constexpr std::uint64_t kEnds = 4;         // one look-up a length in use
  constexpr std::uint64_t kRanges = 64;      // ranges overlap
  constexpr std::uint64_t kGrams = 64;       // many look-ups, or tried one by one
  constexpr std::uint64_t kHalf = 1u << 20;  // a range with one end holds about half of all numbers
  constexpr std::uint64_t kAny = 1u << 24;   // names every alternative for nearly every event
  switch (predicate.kind()) {
    case PredicateKind::Text:
    case PredicateKind::Literal:
      return same;
    case PredicateKind::Number:
    case PredicateKind::AddressBlock:
      return kParsed + same;
    case PredicateKind::Caseless:
      return predicate.caseless().is_ascii() ? same : kAny;
    case PredicateKind::Prefix:
    case PredicateKind::Suffix:
      return predicate.text().empty() ? kAny : kEnds + same;
    case PredicateKind::CaselessPrefix:
    case PredicateKind::CaselessSuffix:
      return predicate.caseless().is_ascii() && !predicate.caseless().folded().empty() ? kEnds + same : kAny;
    case PredicateKind::Range:
      return (is_bounded(predicate.range()) ? kRanges : kHalf) + same;
    case PredicateKind::Wildcard: {
      const auto pieces = predicate.wildcard().pieces();
      return pieces.front().empty() && pieces.back().empty() ? kGrams + same : kEnds + same;
    }
    case PredicateKind::Present:
    case PredicateKind::AnythingBut:
    case PredicateKind::Absent:
      return kAny;
  }
  return kAny;
}

std::uint64_t PathLookups::content_of(const Predicate& predicate) {
  switch (predicate.kind()) {
    case PredicateKind::Text:
    case PredicateKind::Literal:
    case PredicateKind::Prefix:
    case PredicateKind::Suffix:
      return hash_text(predicate.text());
    case PredicateKind::Number:
      return hash_number(predicate.number());
    case PredicateKind::Range:
      return hash_number(predicate.range().low) + hash_number(predicate.range().high) * 3;
    case PredicateKind::AddressBlock:
      return hash_block(predicate.block());
    case PredicateKind::Caseless:
    case PredicateKind::CaselessPrefix:
    case PredicateKind::CaselessSuffix:
      return hash_text(predicate.caseless().folded());
    case PredicateKind::Wildcard:
      return hash_text(predicate.wildcard().encoded());
    case PredicateKind::Present:
    case PredicateKind::AnythingBut:
    case PredicateKind::Absent:
      return 0;
  }
  return 0;
}

PathLookups::Rare& PathLookups::rare() {
  if (rare_ == nullptr) rare_ = std::make_unique<Rare>();
  return *rare_;
}

void PathLookups::put(std::uint32_t path, LookupKind kind, std::uint64_t content, std::uint32_t posting,
                      PostingTable& table) {
  set(kind);
  table.add(lookup_key(path, kind, content), posting);
}

void PathLookups::put_prefix(std::uint32_t path, LookupKind kind, std::string_view text,
                             std::uint32_t posting, PostingTable& table) {
  if (text.empty()) return put(path, LookupKind::Any, 0, posting, table);
  add_length(kind == LookupKind::Prefix ? rare().prefixes : rare().caseless_prefixes, text.size());
  put(path, kind, prefix_content(text), posting, table);
}

void PathLookups::put_suffix(std::uint32_t path, LookupKind kind, std::string_view text,
                             std::uint32_t posting, PostingTable& table) {
  if (text.empty()) return put(path, LookupKind::Any, 0, posting, table);
  add_length(kind == LookupKind::Suffix ? rare().suffixes : rare().caseless_suffixes, text.size());
  put(path, kind, suffix_content(text), posting, table);
}

void PathLookups::add(std::uint32_t path, const Predicate& predicate, std::uint32_t posting,
                      PostingTable& table) {
  switch (predicate.kind()) {
    case PredicateKind::Text:
      return put(path, LookupKind::Text, content_of(predicate), posting, table);
    case PredicateKind::Literal:
      return put(path, LookupKind::Literal, content_of(predicate), posting, table);
    case PredicateKind::Number:
      return put(path, LookupKind::Number, content_of(predicate), posting, table);
    case PredicateKind::AddressBlock: {
      const Blocks blocks{predicate.block().first.is_v4, predicate.block().bits};
      auto& known = rare().blocks;
      if (std::find(known.begin(), known.end(), blocks) == known.end()) known.push_back(blocks);
      return put(path, LookupKind::Block, content_of(predicate), posting, table);
    }
    case PredicateKind::Prefix:
      return put_prefix(path, LookupKind::Prefix, predicate.text(), posting, table);
    case PredicateKind::Suffix:
      return put_suffix(path, LookupKind::Suffix, predicate.text(), posting, table);
    case PredicateKind::Wildcard:
      rare().wildcards.push_back({&predicate.wildcard(), posting});
      return;
    case PredicateKind::Range:
      rare().ranges.add(predicate.range(), posting);
      return;
    case PredicateKind::Caseless:
      if (!predicate.caseless().is_ascii()) break;
      rare();
      return put(path, LookupKind::Caseless, prefix_content(predicate.caseless().folded()), posting, table);
    case PredicateKind::CaselessPrefix:
      if (!predicate.caseless().is_ascii()) break;
      return put_prefix(path, LookupKind::CaselessPrefix, predicate.caseless().folded(), posting, table);
    case PredicateKind::CaselessSuffix:
      if (!predicate.caseless().is_ascii()) break;
      return put_suffix(path, LookupKind::CaselessSuffix, predicate.caseless().folded(), posting, table);
    case PredicateKind::Present:
    case PredicateKind::AnythingBut:
      break;
    case PredicateKind::Absent:
      return;
  }
  put(path, LookupKind::Any, 0, posting, table);
}

void PathLookups::finish(std::uint32_t path, PostingTable& table) {
  if (rare_ == nullptr) return;
  put_wildcards(path, table);
  rare_->ranges.finish();
}

// A wildcard is filed under what the fewest others at this path share: its fixed beginning, its fixed end, or four
// characters in a row of any of its pieces.
void PathLookups::put_wildcards(std::uint32_t path, PostingTable& table) {
  const std::vector<FiledWildcard> wildcards = std::exchange(rare_->wildcards, {});
  if (wildcards.empty()) return;
  std::size_t grams = 0;
  for (const auto& [wildcard, posting] : wildcards) {
    for (const std::string_view piece : wildcard->pieces())
      grams += piece.size() < kGram ? 0 : piece.size() - kGram + 1;
  }
  // How often each beginning, end and gram occurs; two that share a slot only look more frequent.
  const std::size_t slots = std::bit_ceil(4 * (grams + 2 * wildcards.size()));
  std::vector<std::uint32_t> uses(slots);
  const auto use_of_end = [&](std::uint64_t content) -> std::uint32_t& {
    return uses[(content >> 20) & (slots - 1)];
  };
  const auto for_each_gram = [](const Wildcard& wildcard, auto&& each) {
    for (const std::string_view piece : wildcard.pieces()) {
      for (std::size_t at = 0; at + kGram <= piece.size(); ++at) each(gram_at(piece.data() + at));
    }
  };
  for (const auto& [wildcard, posting] : wildcards) {
    const auto pieces = wildcard->pieces();
    ++use_of_end(prefix_content(pieces.front()));
    ++use_of_end(~suffix_content(pieces.back()));
    for_each_gram(*wildcard, [&](std::uint32_t gram) { ++uses[gram_slot(gram, slots)]; });
  }
  // Grams cost a look into their filter for every character; with few candidates that does not pay.
  constexpr std::uint32_t kFewCandidates = 4;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> filed_grams;
  for (const auto& [wildcard, posting] : wildcards) {
    const auto pieces = wildcard->pieces();
    const std::string_view front = pieces.front();
    const std::string_view back = pieces.back();
    if (pieces.size() == 1) {
      put(path, LookupKind::Text, hash_text(front), posting, table);
      continue;
    }
    constexpr std::uint32_t kNever = std::numeric_limits<std::uint32_t>::max();
    const std::uint32_t by_front = front.empty() ? kNever : use_of_end(prefix_content(front));
    const std::uint32_t by_back = back.empty() ? kNever : use_of_end(~suffix_content(back));
    std::uint32_t by_gram = kNever;
    std::uint32_t rarest = 0;
    const std::uint32_t least = std::min({by_front, by_back, static_cast<std::uint32_t>(wildcards.size())});
    if (least > kFewCandidates) {
      for_each_gram(*wildcard, [&](std::uint32_t gram) {
        const std::uint32_t use = uses[gram_slot(gram, slots)];
        if (use < by_gram) {
          by_gram = use;
          rarest = gram;
        }
      });
    }
    if (by_gram < by_front && by_gram < by_back) {
      filed_grams.emplace_back(rarest, posting);
    } else if (by_front <= by_back && by_front != kNever) {
      put_prefix(path, LookupKind::Prefix, front, posting, table);
    } else if (by_back != kNever) {
      put_suffix(path, LookupKind::Suffix, back, posting, table);
    } else {
      put(path, LookupKind::Any, 0, posting, table);
    }
  }
  if (filed_grams.empty()) return;
  constexpr std::size_t kBitsPerGram = 16;
  std::vector<std::uint64_t>& filter = rare_->gram_filter;
  filter.assign(std::bit_ceil(kBitsPerGram * filed_grams.size() / 64 + 1), 0);
  for (const auto& [gram, posting] : filed_grams) {
    const std::size_t slot = gram_slot(gram, filter.size() * 64);
    filter[slot / 64] |= std::uint64_t{1} << (slot % 64);
    put(path, LookupKind::Gram, gram, posting, table);
  }
}

}  // namespace ebagent::pattern
