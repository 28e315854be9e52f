#include "store/sqlite/sweeper.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "store/sqlite/schema.hpp"

namespace ebagent::store::sqlite {

Result<Sweep> Sweeper::step(TimePoint before, TimePoint now, Sweep from, std::size_t limit) {
  BOOST_OUTCOME_TRY(const Step runs, sweep_runs(before, now, from.run, limit));
  BOOST_OUTCOME_TRY(const Step events, sweep_events(before, from.event, limit));
  return Sweep{.event = events.last,
               .run = runs.last,
               .events_removed = from.events_removed + events.removed,
               .runs_removed = from.runs_removed + runs.removed,
               .is_done = events.is_done && runs.is_done};
}

Result<Sweeper::Step> Sweeper::sweep_events(TimePoint before, std::int64_t after, std::size_t limit) {
  struct Old {
    std::int64_t seq, first, end;
  };
  std::vector<Old> old;
  Step step{.last = after};
  {
    BOOST_OUTCOME_TRY(auto rows, find_events_.query(after, limit));
    for (std::size_t looked_at = 0;; ++looked_at) {
      BOOST_OUTCOME_TRY(const bool has_row, rows.next());
      // Events stand in the order in which they were accepted: behind one that is too young all are.
      if (!has_row || rows.time(1) >= before) break;
      step.last = rows.integer(0);
      step.is_done = looked_at + 1 < limit;
      if (rows.integer(4) == 0) old.push_back({rows.integer(0), rows.integer(2), rows.integer(3)});
    }
  }
  for (const Old& event : old) {
    BOOST_OUTCOME_TRY(give_event_to_runs_.run(event.seq));
    BOOST_OUTCOME_TRY(delete_delivered_.run(event.first, event.end));
    BOOST_OUTCOME_TRY(delete_event_.run(event.seq));
  }
  step.removed = old.size();
  return step;
}

Result<Sweeper::Step> Sweeper::sweep_runs(TimePoint before, TimePoint now, std::int64_t after,
                                          std::size_t limit) {
  std::vector<std::pair<std::int64_t, std::string>> old;
  Step step{.last = after};
  {
    BOOST_OUTCOME_TRY(auto rows, find_runs_.query(after, limit, before, now));
    for (std::size_t looked_at = 0;; ++looked_at) {
      BOOST_OUTCOME_TRY(const bool has_row, rows.next());
      if (!has_row || rows.time(2) >= before) break;
      step.last = rows.integer(0);
      step.is_done = looked_at + 1 < limit;
      if (rows.integer(3) != 0) old.emplace_back(rows.integer(0), rows.text(1));
    }
  }
  for (const auto& [seq, id] : old) {
    BOOST_OUTCOME_TRY(delete_steps_.run(id));
    BOOST_OUTCOME_TRY(delete_run_.run(seq));
  }
  step.removed = old.size();
  return step;
}

Result<bool> Sweeper::shrink() {
  // What is free is used again by what comes; only where a burst left much more than that is it worth giving back.
  constexpr std::int64_t kSparePages = 64 * 1024 * 1024 / kPageBytes;
  BOOST_OUTCOME_TRY(const std::int64_t pages, connection_.integer("PRAGMA page_count"));
  BOOST_OUTCOME_TRY(const std::int64_t free, connection_.integer("PRAGMA freelist_count"));
  if (free <= std::max(kSparePages, pages / 4)) return false;
  // About 2 ms of the writer's time.
  BOOST_OUTCOME_TRY(connection_.run("PRAGMA incremental_vacuum(128)"));
  return true;
}

}  // namespace ebagent::store::sqlite
