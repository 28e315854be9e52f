#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "ebagent/result.hpp"
#include "server/authenticator.hpp"
#include "server/aws_api/aws_api.hpp"
#include "server/cloud_events_api.hpp"
#include "server/http_message.hpp"
#include "server/origin_guard.hpp"
#include "server/runs_api.hpp"
#include "server/scheduler_api/scheduler_api.hpp"
#include "server/work_queue.hpp"
#include "store/store.hpp"

namespace ebagent::server {

// Which request goes where: `POST /` to the AWS API, /schedules, /schedule-groups and /tags to that of Scheduler, `POST /cloudevents` to that of CloudEvents, `GET
// /_eventbridge/health` to the health report, `POST /_eventbridge/reset` to the reset, /_eventbridge/runs to that of runs, the rest is told what there is. Thread safety: handle() may be called from any thread.
class Front {
 public:
  // The references must outlive the front. `version` is the program's; `reset` forgets everything, and is refused when
  // absent; without an authenticator any credentials will do.
  Front(aws_api::AwsApi& api, scheduler_api::SchedulerApi& scheduler, CloudEventsApi& cloud_events,
        store::Store& store, OriginGuard guard, std::string version, std::function<Result<void>()> reset = {},
        std::optional<Authenticator> authenticator = std::nullopt);

  // Serves runs too; before the first request. `runs` must outlive the front.
  void serve_runs(RunsApi& runs) { runs_ = &runs; }

  void handle(Request request, Respond respond);

 private:
  [[nodiscard]] std::optional<Reply> authenticate(Request& request, std::string_view path) const;
  void report_health(Respond respond);
  void reset(Respond respond);

  aws_api::AwsApi& api_;
  scheduler_api::SchedulerApi& scheduler_;
  CloudEventsApi& cloud_events_;
  store::Store& store_;
  RunsApi* runs_ = nullptr;
  const OriginGuard guard_;
  const std::string version_;
  const std::function<Result<void>()> reset_;
  const std::optional<Authenticator> authenticator_;
  WorkQueue work_;  // last: its thread ends before what it uses
};

}  // namespace ebagent::server
