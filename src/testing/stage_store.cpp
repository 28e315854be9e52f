#include "testing/stage_store.hpp"

#include <algorithm>
#include <utility>

namespace ebagent::testing {
namespace {

bool is_it(const Crash& crash, const store::Step& step) {
  const bool has_ended = step.state != store::StepState::Started;
  return step.name == crash.step && has_ended == (crash.when == Crash::When::BeforeResult);
}

bool has_it(const Crash& crash, const store::Transaction& writes) {
  return std::any_of(writes.begin(), writes.end(), [&](const store::Write& write) {
    if (const auto* step = std::get_if<store::PutStep>(&write)) return is_it(crash, step->step);
    if (const auto* run = std::get_if<store::PutRun>(&write)) {
      return std::any_of(run->steps.begin(), run->steps.end(),
                         [&](const store::Step& step) { return is_it(crash, step); });
    }
    return false;
  });
}

}  // namespace

void StageStore::commit(store::Transaction writes, store::OnCommitted done) {
  if (!is_dead_ && crash_ && has_it(*crash_, writes)) {
    if (crash_->when == Crash::When::AfterIntent) (void)behind().commit_and_wait(writes);
    crash_.reset();
    is_dead_ = true;
  }
  if (is_dead_) return done(ebagent::fail(ErrorCode::Unavailable, "the process died"));
  behind().commit(std::move(writes), std::move(done));
}

}  // namespace ebagent::testing
