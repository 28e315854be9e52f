#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "api_fixture.hpp"
#include "scheduler/schedule_runner.hpp"
#include "scheduler/schedules.hpp"
#include "scheduler/zones.hpp"
#include "server/scheduler_api/scheduler_api.hpp"

namespace ebagent::server::testing {

// The API of Scheduler beside that of EventBridge, called without a socket.
class SchedulerApiFixture : public AwsApiTest {
 protected:
  SchedulerApiFixture() {
    runner_ = std::make_unique<scheduler::ScheduleRunner>(
        *store_, zones_, clock_, random_, [](const std::vector<store::Delivery>&) {}, [](const Error&) {},
        scheduler::ScheduleRunner::Settings{});
    schedules_ = std::move(scheduler::Schedules::open(*store_, clock_, random_, zones_, *runner_).value());
    scheduler_api_ = std::make_unique<scheduler_api::SchedulerApi>(*schedules_, clock_, random_,
                                                                   scheduler_api::Settings{});
  }

  Reply rest(std::string_view method, std::string_view target, std::string_view body = {}) {
    Request made;
    made.method = method;
    made.target = target;
    made.body = body;
    std::promise<Reply> answered;
    scheduler_api_->handle(std::move(made),
                           [&answered](Reply reply) { answered.set_value(std::move(reply)); });
    return answered.get_future().get();
  }

  scheduler::Zones zones_;
  std::unique_ptr<scheduler::ScheduleRunner> runner_;
  std::unique_ptr<scheduler::Schedules> schedules_;
  std::unique_ptr<scheduler_api::SchedulerApi> scheduler_api_;
};

}  // namespace ebagent::server::testing
