#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace ebagent::pattern {

// A set of small numbers that is filled in any order and emptied in ascending order.
class CandidateSet {
 public:
  // Room for numbers below `end`.
  void reserve(std::size_t end) {
    const std::size_t words = (end + kWord - 1) / kWord;
    if (words_.size() >= words) return;
    words_.resize(words);
    summary_.resize((words + kWord - 1) / kWord);
  }

  void insert(std::uint32_t number) {
    const std::size_t word = number / kWord;
    words_[word] |= std::uint64_t{1} << (number % kWord);
    summary_[word / kWord] |= std::uint64_t{1} << (word % kWord);
  }

  // Calls `each` for every number and leaves the set empty.
  template <class Each>
  void drain(Each&& each) {
    for (std::size_t s = 0; s < summary_.size(); ++s) {
      for (; summary_[s] != 0; summary_[s] &= summary_[s] - 1) {
        const std::size_t word = s * kWord + static_cast<std::size_t>(std::countr_zero(summary_[s]));
        for (; words_[word] != 0; words_[word] &= words_[word] - 1) {
          each(static_cast<std::uint32_t>(word * kWord +
                                          static_cast<std::size_t>(std::countr_zero(words_[word]))));
        }
      }
    }
  }

 private:
  static constexpr std::size_t kWord = 64;

  std::vector<std::uint64_t> words_;
  std::vector<std::uint64_t> summary_;  // a bit for each word that is not zero
};

}  // namespace ebagent::pattern
