#include "cli/step_log.hpp"

#include <mutex>
#include <string_view>
#include <utility>

namespace ebagent::cli {
namespace {

using agent::RunEvent;

void log_event(telemetry::Log& log, const RunEvent& event) {
  const bool is_begun = event.kind == RunEvent::Kind::StepBegun;
  if (!is_begun && event.kind != RunEvent::Kind::StepEnded) return;
  log.debug(is_begun ? "step begun" : "step ended",
            {{"agent", event.agent},
             {"run_id", event.run_id},
             {"correlation_id", event.event_id},
             {"step", event.step},
             {"kind", event.step_kind},
             {"state", is_begun ? std::string{"started"} : event.state}});
}

}  // namespace

// Called by who publishes; the mutex keeps lines in the order of what happened.
struct StepLog::Ear {
  explicit Ear(telemetry::Log& to) : log(to) {}

  telemetry::Log& log;
  std::mutex mutex{};
  std::unique_ptr<agent::RunFeed::Subscription> subscription{};  // guarded by mutex

  void listen() {
    const std::lock_guard lock(mutex);
    if (subscription == nullptr) return;
    for (const auto& event : subscription->take()) log_event(log, *event);
  }
};

StepLog::StepLog(std::shared_ptr<Ear> ear) : ear_(std::move(ear)) {}

Result<std::unique_ptr<StepLog>> StepLog::open(agent::RunFeed& feed, telemetry::Log& log) {
  auto ear = std::make_shared<Ear>(log);
  BOOST_OUTCOME_TRY(auto subscription, feed.subscribe([weak = std::weak_ptr<Ear>(ear)] {
    if (const auto alive = weak.lock()) alive->listen();
  }));
  {
    const std::lock_guard lock(ear->mutex);
    ear->subscription = std::move(subscription);
  }
  ear->listen();  // what came meanwhile
  return std::unique_ptr<StepLog>{new StepLog(std::move(ear))};
}

StepLog::~StepLog() {
  std::unique_ptr<agent::RunFeed::Subscription> ended;
  const std::lock_guard lock(ear_->mutex);
  ended = std::move(ear_->subscription);
}

}  // namespace ebagent::cli
