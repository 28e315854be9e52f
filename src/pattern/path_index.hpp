#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "pattern/predicate.hpp"

namespace ebagent::pattern {

using Postings = std::vector<std::uint32_t>;  // positions in the segment that the index belongs to

// Finds, for a leaf at one path, the alternatives whose anchor at this path may accept it, without looking at
// the others. It may name too many (they are verified), never too few. Texts are views into the patterns
// indexed.
class PathIndex {
 public:
  // Calls `finish` before the first lookup.
  void add(const Predicate& predicate, std::uint32_t alternative);
  void finish();

  // Appends the candidates for a leaf; `folded` is a buffer.
  void find(const Value& value, std::string& folded, Postings& out) const;

  // How many lookups a predicate costs beside those that share its entry: low is selective. `same` is how
  // often the same predicate occurs at this path.
  [[nodiscard]] static std::uint64_t weight(const Predicate& predicate, std::uint32_t same);

 private:
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  using TextMap = std::unordered_map<std::string, Postings, TextHash, std::equal_to<>>;
  struct SizedMap {
    std::size_t size;  // all texts of `texts` have this size
    TextMap texts;
  };
  struct AddressHash {
    std::size_t operator()(const Address& a) const { return std::hash<std::uint64_t>{}(a.high * 31 + a.low); }
  };
  struct BlockMap {
    bool is_v4;
    unsigned bits;
    std::unordered_map<Address, Postings, AddressHash> blocks;
  };
  struct Range {
    double low;
    double high;
    double most;  // the highest `high` of the half-open stretch that this range is the middle of
    std::uint32_t alternative;
  };

  static void add_sized(std::vector<SizedMap>& maps, std::string_view text, std::uint32_t alternative);
  void add_wildcard(const Predicate& predicate, std::uint32_t alternative);
  void add_block(const AddressBlock& block, std::uint32_t alternative);
  void find_string(const Value& value, std::string& folded, Postings& out) const;
  double cover(std::size_t first, std::size_t last);
  void find_ranges(std::size_t first, std::size_t last, double number, Postings& out) const;

  TextMap texts_;
  TextMap literals_;
  TextMap caseless_;  // folded
  std::unordered_map<double, Postings> numbers_;
  std::vector<SizedMap> prefixes_;
  std::vector<SizedMap> suffixes_;
  std::vector<SizedMap> caseless_prefixes_;
  std::vector<SizedMap> caseless_suffixes_;
  std::vector<BlockMap> blocks_;
  std::vector<Range> ranges_;                                          // by low
  std::vector<std::pair<const Predicate*, std::uint32_t>> unindexed_;  // tried one by one
  Postings any_;                                                       // accept (nearly) every leaf
};

}  // namespace ebagent::pattern
