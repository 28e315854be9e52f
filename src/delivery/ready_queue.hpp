#pragma once

#include <cstddef>
#include <deque>
#include <limits>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "delivery/slots.hpp"
#include "delivery/target_sender.hpp"
#include "ebagent/clock.hpp"
#include "store/store.hpp"

namespace ebagent::delivery {

// Deliveries that may be attempted now, one lane a target ARN. Lanes take turns, so that a target with
// thousands of deliveries does not put off one with a single delivery; within a lane the order is that of
// arrival.
//
// A lane fills at most half of the queue and runs at most `max_running_per_target` attempts at once, and beyond the
// first no more than three times as many as there are workers left. So a target that hangs keeps neither the memory nor all
// of the workers: of 32 the first gets 24, a second that hangs as well 6, a third 1, and one is left for all others.
//
// Deliveries whose sender wants a slot for them that is taken are kept beside the lanes until it is free; they count to the
// bounds of queue and lane.
// Thread safety: none; its owner's lock guards it.
class ReadyQueue {
 public:
  struct Bounds {
    std::size_t max_deliveries;
    std::size_t max_bytes;  // of event and input texts
    std::size_t max_running_per_target;
    std::size_t workers = std::numeric_limits<std::size_t>::max() / 8;  // that all lanes share
  };

  explicit ReadyQueue(Bounds bounds) : bounds_(bounds) {}

  // Takes the delivery, or leaves it as it is and returns false when there is no room for it.
  bool push(store::Delivery& delivery);
  // The next delivery whose target may have one more attempt; nullopt when there is none. It counts as
  // running until finish().
  std::optional<store::Delivery> pop();
  // An attempt at this target has ended.
  void finish(const std::string& target_arn);

  enum class Slot { Given, Awaited, NoRoom };
  // What was popped wants a slot: it has one now, it is kept until one is free, or there is no room to keep it. Unless it was
  // given one, the delivery is kept or left, and finish() is to be called.
  Slot await_slot(store::Delivery& delivery, const AwaitSlot& wanted, TimePoint now);
  // The slot that an attempt held is free: who waits for it longest may be attempted.
  void release_slot(const std::string& key, TimePoint now);
  // All that wait, leaving none.
  std::vector<store::Delivery> clear();

  [[nodiscard]] std::size_t size() const { return size_; }
  // Those of them that wait for a worker, and not for a slot.
  [[nodiscard]] std::size_t waiting() const { return size_ - kept_; }
  // True when pop() would return a delivery.
  [[nodiscard]] bool has_turn() const { return !turns_.empty(); }
  // How many more deliveries could fit; 0 when the texts already fill the queue.
  [[nodiscard]] std::size_t room() const;

 private:
  struct Lane {
    std::deque<store::Delivery> waiting = {};
    std::size_t bytes = 0;
    std::size_t running = 0;
    std::size_t kept = 0;  // that wait for slots
    bool in_turn = false;
    bool is_held = false;  // it stands in held_
  };

  [[nodiscard]] bool has_room(const Lane& lane, std::size_t bytes) const;
  void give_turn(const std::string& target_arn, Lane& lane);
  void release_held();
  // True when the workers that are left allow the lane one more attempt.
  [[nodiscard]] bool has_share(const Lane& lane) const;

  const Bounds bounds_;
  std::unordered_map<std::string, Lane> lanes_;  // those with something waiting or running
  std::deque<std::string> turns_;                // targets whose lane may run one more, each once
  std::deque<std::string> held_;                 // targets that wait for workers to come free, each once
  Slots slots_;
  std::size_t kept_ = 0;     // by slots_
  std::size_t running_ = 0;  // of all lanes
  std::size_t size_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace ebagent::delivery
