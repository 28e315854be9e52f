#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "delivery/target_sender.hpp"
#include "ebagent/clock.hpp"
#include "store/store.hpp"

namespace ebagent::delivery {

// Slots that deliveries share by a key, so that no more of them are under way than their sender allows, and the deliveries
// that wait for one, in the order in which they were accepted. Nothing is kept of keys that nobody holds.
// Thread safety: none; its owner's lock guards it.
class Slots {
 public:
  // Gives the delivery a slot, or returns false when none is free; then it is to be kept.
  bool take(store::Delivery& delivery, const AwaitSlot& wanted);
  void keep(store::Delivery delivery, const AwaitSlot& wanted, TimePoint now);
  // The slot that a delivery held is free. Returns who is next, which holds it now.
  std::optional<store::Delivery> release(const std::string& key, TimePoint now);
  // All that wait, leaving none; slots that are held stay so.
  std::vector<store::Delivery> clear();

 private:
  struct Kept {
    store::Delivery delivery;
    TimePoint since;
  };
  struct Line {
    std::size_t held = 0;
    std::map<std::int64_t, Kept> waiting = {};  // by number, which grows with the time of acceptance
  };

  std::unordered_map<std::string, Line> lines_;  // those with a slot that is held
};

}  // namespace ebagent::delivery
