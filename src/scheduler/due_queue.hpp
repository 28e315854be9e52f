#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <vector>

#include "ebagent/clock.hpp"
#include "store/store.hpp"

namespace ebagent::scheduler {

// The schedules that come due next, read ahead from the store.
//
// It knows every schedule whose place is not behind its horizon, but for those that are being fired; behind
// it the store knows more. While a page is read the horizon is already where the page will end, so that what
// is planned meanwhile is not missed by both. A schedule that is put twice for the same time stands in it
// once. Thread safety: none; its owner's lock guards it.
class DueQueue {
 public:
  struct Bounds {
    std::size_t max_schedules = 20'000;
    std::size_t max_bytes = std::size_t{64} * 1024 * 1024;  // of their records
  };
  explicit DueQueue(Bounds bounds) : bounds_(bounds) {}

  // Puts what was planned unless it is behind the horizon, where it will be read. True when it is now the
  // first.
  bool put(store::StoredSchedule schedule);
  // Those due at `now`, at most `limit`, taken out.
  [[nodiscard]] std::vector<store::StoredSchedule> take_due(TimePoint now, std::size_t limit);
  [[nodiscard]] std::optional<TimePoint> next_due() const;

  // Reading ahead, by one thread at a time: begin_page says behind which place to read up to `until`, end_page
  // takes what was read; `is_full` says that there may be more of it.
  [[nodiscard]] store::SchedulePlace begin_page(TimePoint until);
  void end_page(std::vector<store::StoredSchedule> page, bool is_full);
  void page_failed() { horizon_ = read_up_to_; }
  // Drops the latest when there are too many; they are read again later.
  void trim();
  // Knows nothing any more.
  void clear();

  [[nodiscard]] bool has_room() const {
    return places_.size() < bounds_.max_schedules && bytes_ < bounds_.max_bytes;
  }
  [[nodiscard]] TimePoint horizon() const { return horizon_.due; }
  [[nodiscard]] std::size_t size() const { return places_.size(); }

 private:
  void insert(store::StoredSchedule schedule);

  const Bounds bounds_;
  std::map<store::SchedulePlace, store::StoredSchedule> places_;
  std::size_t bytes_ = 0;
  store::SchedulePlace horizon_ = {};
  store::SchedulePlace read_up_to_ = {};  // the horizon but for the page that is being read
};

}  // namespace ebagent::scheduler
