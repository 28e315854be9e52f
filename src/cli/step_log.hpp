#pragma once

#include <memory>

#include "agent/run_feed.hpp"
#include "ebagent/result.hpp"
#include "telemetry/log.hpp"

namespace ebagent::cli {

// Logs the steps of runs as they are begun and ended, without what they are given and give back.
class StepLog {
 public:
  // Overloaded when as many listen to the feed as may. `log` must outlive the step log.
  [[nodiscard]] static Result<std::unique_ptr<StepLog>> open(agent::RunFeed& feed, telemetry::Log& log);
  ~StepLog();
  StepLog(const StepLog&) = delete;
  StepLog& operator=(const StepLog&) = delete;

 private:
  struct Ear;
  explicit StepLog(std::shared_ptr<Ear> ear);

  const std::shared_ptr<Ear> ear_;
};

}  // namespace ebagent::cli
