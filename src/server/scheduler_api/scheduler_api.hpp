#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

#include "bus/scope.hpp"
#include "core/ids.hpp"
#include "ebagent/clock.hpp"
#include "scheduler/schedules.hpp"
#include "server/http_message.hpp"
#include "server/work_queue.hpp"

namespace ebagent::server::scheduler_api {

struct Settings {
  bus::Scope default_scope = {};  // of callers that do not say who they are
  // Operations wait for the disk, and those that wait together share a flush.
  std::size_t threads = 4;
  // Operations that may wait for a thread; more are answered ThrottlingException, which SDKs retry.
  std::size_t max_waiting = 1'024;
};

// The API of EventBridge Scheduler, REST JSON: /schedules, /schedule-groups, /tags. Requests for one name are
// worked on in order. Thread safety: handle() may be called from any thread.
// Source: https://docs.aws.amazon.com/scheduler/latest/APIReference/API_Operations.html
class SchedulerApi {
 public:
  // The references must outlive the API and every answer it owes.
  SchedulerApi(scheduler::Schedules& schedules, const Clock& clock, core::Random& random, Settings settings);

  // Whether a path is the API's.
  [[nodiscard]] static bool serves(std::string_view path);
  void handle(Request request, Respond respond);

 private:
  scheduler::Schedules& schedules_;
  const Clock& clock_;
  core::Random& random_;
  const Settings settings_;
  std::vector<std::unique_ptr<WorkQueue>> work_;  // last: their threads end before what they use
};

}  // namespace ebagent::server::scheduler_api
