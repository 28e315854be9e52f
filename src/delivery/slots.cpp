#include "delivery/slots.hpp"

#include <utility>

namespace ebagent::delivery {

bool Slots::take(store::Delivery& delivery, const AwaitSlot& wanted) {
  Line& line = lines_[wanted.key];
  // Whoever waits already goes first.
  if (line.held >= wanted.limit || (line.held > 0 && !line.waiting.empty())) return false;
  ++line.held;
  delivery.slot = wanted.key;
  return true;
}

void Slots::keep(store::Delivery delivery, const AwaitSlot& wanted, TimePoint now) {
  const std::int64_t seq = delivery.seq;
  lines_[wanted.key].waiting.insert_or_assign(seq, Kept{std::move(delivery), now});
}

std::optional<store::Delivery> Slots::release(const std::string& key, TimePoint now) {
  const auto found = lines_.find(key);
  if (found == lines_.end()) return std::nullopt;
  Line& line = found->second;
  if (line.waiting.empty()) {
    if (--line.held == 0) lines_.erase(found);
    return std::nullopt;
  }
  Kept next = std::move(line.waiting.extract(line.waiting.begin()).mapped());
  next.delivery.waited += now - next.since;
  next.delivery.slot = key;
  return std::move(next.delivery);
}

std::vector<store::Delivery> Slots::clear() {
  std::vector<store::Delivery> all;
  for (auto& [key, line] : lines_) {
    for (auto& [seq, kept] : line.waiting) all.push_back(std::move(kept.delivery));
    line.waiting.clear();
  }
  return all;
}

}  // namespace ebagent::delivery
