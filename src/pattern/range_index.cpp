#include "pattern/range_index.hpp"

#include <algorithm>

namespace ebagent::pattern {
namespace {

constexpr std::size_t kSample = 64;  // starts between two samples: eight cache lines

// How many of `count` ascending words are at most `at`; without branches on what is compared.
std::size_t count_at_most(const std::uint64_t* words, std::size_t count, std::uint64_t at) {
  const std::uint64_t* first = words;
  while (count > 1) {
    const std::size_t half = count / 2;
    first += first[half - 1] <= at ? half : 0;
    count -= half;
  }
  return static_cast<std::size_t>(first - words) + (count == 1 && *first <= at ? 1 : 0);
}

}  // namespace

std::size_t RangeIndex::starts_at_or_below(std::uint64_t at) const {
  const std::size_t sample = count_at_most(samples_.data(), samples_.size(), at);
  if (sample == 0) return 0;
  const std::size_t first = (sample - 1) * kSample;
  return first + count_at_most(lows_.data() + first, std::min(kSample, lows_.size() - first), at);
}

void RangeIndex::finish() {
  std::sort(pending_.begin(), pending_.end(),
            [](const Pending& a, const Pending& b) { return a.low < b.low; });
  lows_.reserve(pending_.size());
  postings_.reserve(pending_.size());
  std::vector<std::uint64_t> highs;
  highs.reserve(pending_.size());
  for (std::size_t i = 0; i < pending_.size(); ++i) {
    if (i % kSample == 0) samples_.push_back(pending_[i].low);
    lows_.push_back(pending_[i].low);
    highs.push_back(pending_[i].high);
    postings_.push_back(pending_[i].posting);
  }
  pending_ = {};
  while (!highs.empty()) {
    std::vector<std::uint64_t> before(highs.size());
    std::uint64_t highest = 0;
    for (std::size_t i = 0; i < highs.size(); ++i) before[i] = highest = std::max(highest, highs[i]);
    std::vector<std::uint64_t> above;
    for (std::size_t i = 0; i + kFanOut <= highs.size(); i += kFanOut) {
      above.push_back(
          *std::max_element(highs.begin() + std::ptrdiff_t(i), highs.begin() + std::ptrdiff_t(i + kFanOut)));
    }
    levels_.push_back(std::move(highs));
    before_.push_back(std::move(before));
    highs = std::move(above);
  }
}

}  // namespace ebagent::pattern
