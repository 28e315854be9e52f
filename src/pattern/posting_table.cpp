#include "pattern/posting_table.hpp"

#include <algorithm>
#include <bit>

namespace ebagent::pattern {

PostingTable::Place& PostingTable::place_of(std::uint64_t key) {
  const std::uint32_t tag = tag_of(key);
  std::size_t at = key & mask_;
  while (places_[at].tag != 0 && places_[at].tag != tag) at = (at + 1) & mask_;
  places_[at].tag = tag;
  return places_[at];
}

void PostingTable::finish() {
  places_.assign(std::bit_ceil(2 * pending_.size() + 1), Place{});
  mask_ = places_.size() - 1;
  for (const auto& [key, posting] : pending_) ++place_of(key).value;
  // Counts become places for lists, and a lone posting stands in its place itself.
  std::uint32_t end = 0;
  for (Place& place : places_) {
    if (place.value < 2) continue;
    const std::uint32_t count = place.value;
    place.value = kIsList | end;
    end += count + 1;
  }
  lists_.assign(end, 0);
  for (const auto& [key, posting] : pending_) {
    Place& place = place_of(key);
    if ((place.value & kIsList) == 0) {
      place.value = posting;
      continue;
    }
    const std::uint32_t list = place.value & ~kIsList;
    lists_[list + 1 + lists_[list]++] = posting;
  }
  pending_ = {};
}

}  // namespace ebagent::pattern
