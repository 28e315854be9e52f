#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "pattern/lookup_key.hpp"
#include "pattern/posting_table.hpp"
#include "pattern/predicate.hpp"
#include "pattern/range_index.hpp"

namespace ebagent::pattern {

// Which look-ups find what is filed under the predicates of one path. The postings themselves are in a table that all
// paths share; here stands what is to be asked of it: prefixes of which lengths, whether any number is wanted, and so
// on. Ranges have an index of their own.
class PathLookups {
 public:
  // Files a posting under a predicate. Calls finish() once after the last add(). Wildcards must outlive finish().
  void add(std::uint32_t path, const Predicate& predicate, std::uint32_t posting, PostingTable& table);
  void finish(std::uint32_t path, PostingTable& table);

  // Calls `found` with the keys under which the predicates may be filed that accept a leaf, and `posting` with the
  // ranges that may contain it. May name too many, never too few.
  template <class OnKey, class OnPosting>
  void find(std::uint32_t path, const Value& value, OnKey&& found, OnPosting&& posting) const {
    const auto look_up = [&](LookupKind kind, std::uint64_t content) {
      found(lookup_key(path, kind, content));
    };
    if (has(LookupKind::Any)) look_up(LookupKind::Any, 0);
    if (value.is_string()) {
      if (has(LookupKind::Text)) look_up(LookupKind::Text, hash_text(value.text()));
      if (rare_ != nullptr) find_in_text(value, look_up);
      return;
    }
    if (has(LookupKind::Literal)) look_up(LookupKind::Literal, hash_text(value.text()));
    const bool has_ranges = rare_ != nullptr && !rare_->ranges.is_empty();
    if ((!has(LookupKind::Number) && !has_ranges) || value.number() == nullptr) return;
    if (has(LookupKind::Number)) look_up(LookupKind::Number, hash_number(*value.number()));
    if (has_ranges) rare_->ranges.find(*value.number(), posting);
  }

  // How many look-ups and candidates a predicate costs: low is selective. `same` is how often an equal one occurs.
  [[nodiscard]] static std::uint64_t weight(const Predicate& predicate, std::uint32_t same);
  // Equal for equal predicates of one kind.
  [[nodiscard]] static std::uint64_t content_of(const Predicate& predicate);

 private:
  static constexpr std::size_t kGram = 4;  // characters

  // Lengths of the prefixes (or suffixes) filed, ascending.
  using Lengths = std::vector<std::uint32_t>;
  struct Blocks {
    bool is_v4;
    unsigned bits;
    bool operator==(const Blocks&) const = default;
  };
  struct FiledWildcard {
    const Wildcard* wildcard;
    std::uint32_t posting;
  };
  // What few paths need.
  struct Rare {
    Lengths prefixes;
    Lengths suffixes;
    Lengths caseless_prefixes;
    Lengths caseless_suffixes;
    std::vector<Blocks> blocks;
    RangeIndex ranges;
    std::vector<std::uint64_t> gram_filter;  // a bit for each hash of a gram that is filed; empty for none
    std::vector<FiledWildcard> wildcards;    // until finish()
  };

  [[nodiscard]] bool has(LookupKind kind) const { return (kinds_ >> static_cast<unsigned>(kind)) & 1; }
  void set(LookupKind kind) {
    kinds_ = static_cast<std::uint16_t>(kinds_ | (1u << static_cast<unsigned>(kind)));
  }
  Rare& rare();
  void put(std::uint32_t path, LookupKind kind, std::uint64_t content, std::uint32_t posting,
           PostingTable& table);
  void put_prefix(std::uint32_t path, LookupKind kind, std::string_view text, std::uint32_t posting,
                  PostingTable& table);
  void put_suffix(std::uint32_t path, LookupKind kind, std::string_view text, std::uint32_t posting,
                  PostingTable& table);
  void put_wildcards(std::uint32_t path, PostingTable& table);

  static char fold(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
  static std::uint32_t gram_at(const char* at) {
    std::uint32_t gram = 0;
    std::memcpy(&gram, at, kGram);
    return gram;
  }
  static std::size_t gram_slot(std::uint32_t gram, std::size_t slots) {
    return static_cast<std::size_t>((gram * kHashA) >> 40) & (slots - 1);
  }

  template <class LookUp>
  static void find_ends(std::string_view text, const Lengths& prefixes, const Lengths& suffixes,
                        LookupKind prefix, LookupKind suffix, bool folds, LookUp& look_up) {
    std::uint64_t content = 0;
    std::size_t at = 0;
    for (const std::uint32_t length : prefixes) {
      if (length > text.size()) break;
      for (; at < length; ++at) content = roll(content, folds ? fold(text[at]) : text[at]);
      look_up(prefix, content);
    }
    content = 0;
    at = 0;
    for (const std::uint32_t length : suffixes) {
      if (length > text.size()) break;
      for (; at < length; ++at) {
        const char c = text[text.size() - 1 - at];
        content = roll(content, folds ? fold(c) : c);
      }
      look_up(suffix, content);
    }
  }

  template <class LookUp>
  void find_in_text(const Value& value, LookUp& look_up) const {
    const Rare& rare = *rare_;
    const std::string_view text = value.text();
    find_ends(text, rare.prefixes, rare.suffixes, LookupKind::Prefix, LookupKind::Suffix, false, look_up);
    if (has(LookupKind::Caseless)) {
      std::uint64_t content = 0;
      for (const char c : text) content = roll(content, fold(c));
      look_up(LookupKind::Caseless, content);
    }
    find_ends(text, rare.caseless_prefixes, rare.caseless_suffixes, LookupKind::CaselessPrefix,
              LookupKind::CaselessSuffix, true, look_up);
    if (!rare.gram_filter.empty()) {
      for (std::size_t at = 0; at + kGram <= text.size(); ++at) {
        const std::uint32_t gram = gram_at(text.data() + at);
        const std::size_t slot = gram_slot(gram, rare.gram_filter.size() * 64);
        if ((rare.gram_filter[slot / 64] >> (slot % 64)) & 1) look_up(LookupKind::Gram, gram);
      }
    }
    if (!rare.blocks.empty() && value.address() != nullptr) {
      for (const Blocks& blocks : rare.blocks) {
        if (blocks.is_v4 != value.address()->is_v4) continue;
        look_up(LookupKind::Block, hash_block({masked(*value.address(), blocks.bits), blocks.bits}));
      }
    }
  }

  std::uint16_t kinds_ = 0;  // a bit for each LookupKind in use
  std::unique_ptr<Rare> rare_;
};

}  // namespace ebagent::pattern
