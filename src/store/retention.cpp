#include "store/retention.hpp"

namespace ebagent::store {
namespace {

// Rows looked at in one step: a few milliseconds of the writer's time.
constexpr std::size_t kStep = 256;

}  // namespace

Result<Sweep> Retention::run(const std::function<bool()>& should_stop) {
  const TimePoint now = clock_.now();
  Sweep old;
  while (!old.is_done) {
    BOOST_OUTCOME_TRY(old, store_.sweep(now - settings_.keep, now, old, kStep));
    if (should_stop()) return old;
  }
  Sweep more;
  while (!more.is_done) {
    BOOST_OUTCOME_TRY(const std::uint64_t used, store_.used_bytes());
    // A little room, so that not every event that comes makes one go.
    if (used <= settings_.max_bytes - (more.event == 0 ? 0 : settings_.max_bytes / 10)) break;
    BOOST_OUTCOME_TRY(more, store_.sweep(now, now, more, kStep));
    if (should_stop()) break;
  }
  old.events_removed += more.events_removed;
  old.runs_removed += more.runs_removed;
  for (bool has_more = true; has_more && !should_stop();) {
    BOOST_OUTCOME_TRY(const std::size_t removed, store_.sweep_archives(now, kStep));
    has_more = removed == kStep;
  }
  for (bool has_more = true; has_more && !should_stop();) {
    BOOST_OUTCOME_TRY(has_more, store_.shrink());
  }
  return old;
}

}  // namespace ebagent::store
