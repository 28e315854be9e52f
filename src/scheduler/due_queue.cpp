#include "scheduler/due_queue.hpp"

#include <iterator>
#include <limits>
#include <utility>

namespace ebagent::scheduler {
namespace {

// What a schedule takes besides its record, about.
constexpr std::size_t kOverheadBytes = 256;

std::size_t bytes_of(const store::StoredSchedule& schedule) {
  return schedule.json.size() + kOverheadBytes;
}

store::SchedulePlace place_of(const store::StoredSchedule& schedule) {
  return {*schedule.due, schedule.id};
}

}  // namespace

void DueQueue::insert(store::StoredSchedule schedule) {
  const std::size_t bytes = bytes_of(schedule);
  const store::SchedulePlace place = place_of(schedule);
  if (places_.try_emplace(place, std::move(schedule)).second) bytes_ += bytes;
}

bool DueQueue::put(store::StoredSchedule schedule) {
  if (!schedule.due || place_of(schedule) > horizon_) return false;
  const store::SchedulePlace place = place_of(schedule);
  insert(std::move(schedule));
  return places_.begin()->first == place;
}

std::vector<store::StoredSchedule> DueQueue::take_due(TimePoint now, std::size_t limit) {
  std::vector<store::StoredSchedule> due;
  while (!places_.empty() && due.size() < limit && places_.begin()->first.due <= now) {
    due.push_back(std::move(places_.begin()->second));
    bytes_ -= bytes_of(due.back());
    places_.erase(places_.begin());
  }
  return due;
}

std::optional<TimePoint> DueQueue::next_due() const {
  if (places_.empty()) return std::nullopt;
  return places_.begin()->first.due;
}

store::SchedulePlace DueQueue::begin_page(TimePoint until) {
  read_up_to_ = horizon_;
  horizon_ = {until, std::numeric_limits<std::int64_t>::max()};
  return read_up_to_;
}

void DueQueue::end_page(std::vector<store::StoredSchedule> page, bool is_full) {
  if (is_full && !page.empty()) horizon_ = place_of(page.back());
  read_up_to_ = horizon_;
  for (store::StoredSchedule& schedule : page) insert(std::move(schedule));
}

void DueQueue::trim() {
  if (has_room()) return;
  while (places_.size() > 1 && (places_.size() > bounds_.max_schedules || bytes_ > bounds_.max_bytes)) {
    const auto last = std::prev(places_.end());
    bytes_ -= bytes_of(last->second);
    places_.erase(last);
  }
  horizon_ = std::min(horizon_, std::prev(places_.end())->first);
}

void DueQueue::clear() {
  places_.clear();
  bytes_ = 0;
  horizon_ = {};
  read_up_to_ = {};
}

}  // namespace ebagent::scheduler
