#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace ebagent::pattern {

// What is filed under each key: a flat hash table whose places hold a posting or lead to a list of them. Keys
// themselves are not kept; another key of the same hash may be taken for one that was added, so what is found must be
// verified.
class PostingTable {
 public:
  // Postings are below 2^31. Calls finish() once after the last add().
  void add(std::uint64_t key, std::uint32_t posting) { pending_.emplace_back(key, posting); }
  void finish();

  struct Found {
    std::span<const std::uint32_t> postings;
    std::uint32_t list = 0;  // where they stand in all lists; names the list
  };
  [[nodiscard]] Found find(std::uint64_t key) const {
    const auto tag = tag_of(key);
    for (std::size_t at = key & mask_; places_[at].tag != 0; at = (at + 1) & mask_) {
      const Place& place = places_[at];
      if (place.tag != tag) continue;
      if ((place.value & kIsList) == 0) return {{&place.value, 1}, 0};
      const std::uint32_t list = place.value & ~kIsList;
      return {{lists_.data() + list + 1, lists_[list]}, list};
    }
    return {};
  }
  // Above the name of every list.
  [[nodiscard]] std::size_t list_end() const { return lists_.size(); }

 private:
  static constexpr std::uint32_t kIsList = 1u << 31;

  // Free when `tag` is 0. `value` is a posting, or kIsList and where in lists_ a list begins with its size.
  struct Place {
    std::uint32_t tag = 0;
    std::uint32_t value = 0;
  };

  static std::uint32_t tag_of(std::uint64_t key) { return static_cast<std::uint32_t>(key >> 32) | 1; }
  Place& place_of(std::uint64_t key);

  std::vector<Place> places_{1};  // their number is a power of two, at most half of them are taken
  std::size_t mask_ = 0;
  std::vector<std::uint32_t> lists_;
  std::vector<std::pair<std::uint64_t, std::uint32_t>> pending_;  // until finish()
};

}  // namespace ebagent::pattern
