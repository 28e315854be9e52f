#pragma once

#include <cstdint>
#include <vector>

#include "pattern/predicate.hpp"

namespace ebagent::pattern {

// Finds the ranges that contain a number, at a cost that grows with the logarithm of their number and with what is
// found. It may name a range that ends very close to the number, so what is found must be verified.
class RangeIndex {
 public:
  // Calls finish() once after the last add().
  void add(const NumberRange& range, std::uint32_t posting) {
    pending_.push_back({range.low.coarse(), range.high.coarse(), posting});
  }
  void finish();
  [[nodiscard]] bool is_empty() const { return lows_.empty(); }

  template <class Out>
  void find(const Number& number, Out&& out) const {
    const std::uint64_t at = number.coarse();
    if (lows_.size() <= kFanOut) {
      for (std::size_t i = 0; i < lows_.size() && lows_[i] <= at; ++i) {
        if (levels_[0][i] >= at) out(postings_[i]);
      }
      return;
    }
    find_below(0, starts_at_or_below(at), at, out);
  }

 private:
  static constexpr std::size_t kFanOut = 16;

  struct Pending {
    std::uint64_t low;
    std::uint64_t high;
    std::uint32_t posting;
  };

  [[nodiscard]] std::size_t starts_at_or_below(std::uint64_t at) const;

  // Visits the first `count` entries of a level, nearest first, where the highest end reaches `at`.
  template <class Out>
  void find_below(std::size_t level, std::size_t count, std::uint64_t at, Out& out) const {
    // Neighbours are looked at first: where ranges hardly overlap nothing before them reaches so far.
    const std::size_t own = count == 0 ? 0 : (count - 1) / kFanOut * kFanOut;
    for (std::size_t i = count; i-- > own;) {
      if (before_[level][i] < at) return;
      if (levels_[level][i] >= at) visit(level, i, at, out);
    }
    if (own != 0) find_below(level + 1, own / kFanOut, at, out);
  }
  template <class Out>
  void visit(std::size_t level, std::size_t index, std::uint64_t at, Out& out) const {
    if (level == 0) return out(postings_[index]);
    const std::size_t first = index * kFanOut;
    for (std::size_t i = first + kFanOut; i-- > first;) {
      if (levels_[level - 1][i] >= at) visit(level - 1, i, at, out);
    }
  }

  std::vector<std::uint64_t> lows_;      // ascending
  std::vector<std::uint64_t> samples_;   // every kSample-th of them
  std::vector<std::uint32_t> postings_;  // in the order of lows_
  // Level 0 has the end of each range, each further level the highest of kFanOut entries of the one below; whole
  // groups only.
  std::vector<std::vector<std::uint64_t>> levels_;
  std::vector<std::vector<std::uint64_t>> before_;  // the highest of a level up to each entry
  std::vector<Pending> pending_;                    // until finish()
};

}  // namespace ebagent::pattern
