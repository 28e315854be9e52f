#include "delivery/ready_queue.hpp"

#include <algorithm>
#include <utility>

namespace ebagent::delivery {
namespace {

// What one lane may run for each worker that it leaves free.
constexpr std::size_t kShareOfFree = 3;

std::size_t bytes_of(const store::Delivery& delivery) {
  return delivery.event->size() + (delivery.input ? delivery.input->size() : 0);
}

// What one target may have of a bound; an empty lane takes any delivery, however large.
std::size_t half(std::size_t bound) {
  return std::max<std::size_t>(bound / 2, 1);
}

}  // namespace

bool ReadyQueue::has_share(const Lane& lane) const {
  if (lane.running == 0) return true;
  const std::size_t left = bounds_.workers - std::min(running_ + 1, bounds_.workers);
  return lane.running + 1 <= kShareOfFree * left;
}

void ReadyQueue::give_turn(const std::string& target_arn, Lane& lane) {
  if (lane.in_turn || lane.waiting.empty() || lane.running >= bounds_.max_running_per_target) return;
  if (!has_share(lane)) {
    if (!lane.is_held) held_.push_back(target_arn);
    lane.is_held = true;
    return;
  }
  lane.in_turn = true;
  turns_.push_back(target_arn);
}

// Held lanes run at least one attempt each: there are no more of them than workers, and a finish() comes for each.
void ReadyQueue::release_held() {
  for (std::size_t count = held_.size(); count > 0; --count) {
    const std::string target_arn = std::move(held_.front());
    held_.pop_front();
    const auto found = lanes_.find(target_arn);
    if (found == lanes_.end()) continue;
    found->second.is_held = false;
    give_turn(target_arn, found->second);
  }
}

bool ReadyQueue::has_room(const Lane& lane, std::size_t bytes) const {
  const bool is_full = size_ >= bounds_.max_deliveries || (size_ > 0 && bytes_ + bytes > bounds_.max_bytes);
  if (is_full) return false;
  const std::size_t in_lane = lane.waiting.size() + lane.kept;
  return in_lane == 0 ||
         (in_lane < half(bounds_.max_deliveries) && lane.bytes + bytes <= half(bounds_.max_bytes));
}

bool ReadyQueue::push(store::Delivery& delivery) {
  const std::size_t bytes = bytes_of(delivery);
  if (size_ >= bounds_.max_deliveries) return false;
  Lane& lane = lanes_[delivery.route->target_arn];
  if (!has_room(lane, bytes)) {
    if (lane.waiting.empty() && lane.running == 0 && lane.kept == 0) lanes_.erase(delivery.route->target_arn);
    return false;
  }
  lane.bytes += bytes;
  bytes_ += bytes;
  ++size_;
  lane.waiting.push_back(std::move(delivery));
  give_turn(lane.waiting.back().route->target_arn, lane);
  return true;
}

std::optional<store::Delivery> ReadyQueue::pop() {
  if (turns_.empty()) return std::nullopt;
  const std::string arn = std::move(turns_.front());
  turns_.pop_front();
  Lane& lane = lanes_.at(arn);
  lane.in_turn = false;
  store::Delivery delivery = std::move(lane.waiting.front());
  lane.waiting.pop_front();
  const std::size_t bytes = bytes_of(delivery);
  lane.bytes -= bytes;
  bytes_ -= bytes;
  --size_;
  ++lane.running;
  ++running_;
  give_turn(arn, lane);
  return delivery;
}

void ReadyQueue::finish(const std::string& target_arn) {
  const auto found = lanes_.find(target_arn);
  if (found == lanes_.end()) return;
  Lane& lane = found->second;
  --lane.running;
  --running_;
  give_turn(target_arn, lane);
  if (lane.waiting.empty() && lane.running == 0 && lane.kept == 0) lanes_.erase(found);
  if (!held_.empty()) release_held();
}

ReadyQueue::Slot ReadyQueue::await_slot(store::Delivery& delivery, const AwaitSlot& wanted, TimePoint now) {
  if (slots_.take(delivery, wanted)) return Slot::Given;
  const std::size_t bytes = bytes_of(delivery);
  Lane& lane = lanes_.at(delivery.route->target_arn);
  if (!has_room(lane, bytes)) return Slot::NoRoom;
  lane.bytes += bytes;
  bytes_ += bytes;
  ++size_;
  ++lane.kept;
  ++kept_;
  slots_.keep(std::move(delivery), wanted, now);
  return Slot::Awaited;
}

void ReadyQueue::release_slot(const std::string& key, TimePoint now) {
  auto next = slots_.release(key, now);
  if (!next) return;
  Lane& lane = lanes_.at(next->route->target_arn);
  --lane.kept;
  --kept_;
  lane.waiting.push_front(std::move(*next));
  give_turn(lane.waiting.front().route->target_arn, lane);
}

std::vector<store::Delivery> ReadyQueue::clear() {
  std::vector<store::Delivery> all = slots_.clear();
  kept_ = 0;
  all.reserve(size_);
  for (auto lane = lanes_.begin(); lane != lanes_.end();) {
    std::move(lane->second.waiting.begin(), lane->second.waiting.end(), std::back_inserter(all));
    lane->second.waiting.clear();
    lane->second.bytes = 0;
    lane->second.kept = 0;
    lane->second.in_turn = false;
    lane = lane->second.running == 0 ? lanes_.erase(lane) : std::next(lane);
  }
  turns_.clear();
  size_ = 0;
  bytes_ = 0;
  return all;
}

std::size_t ReadyQueue::room() const {
  if (bytes_ >= bounds_.max_bytes || size_ >= bounds_.max_deliveries) return 0;
  return bounds_.max_deliveries - size_;
}

}  // namespace ebagent::delivery
