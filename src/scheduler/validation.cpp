#include "scheduler/validation.hpp"

#include <string>
#include <string_view>
#include <utility>

#include "bus/validation.hpp"
#include "core/json.hpp"
#include "delivery/target_sender.hpp"
#include "scheduler/firing.hpp"

namespace ebagent::scheduler {
namespace {

namespace json = boost::json;

// Source: https://docs.aws.amazon.com/scheduler/latest/UserGuide/scheduler-quotas.html
constexpr std::size_t kMaxInputBytes = 256 * 1024;
constexpr std::chrono::minutes kOldestStart{5};

auto refuse(std::string message) {
  return fail(ErrorCode::InvalidArgument, std::move(message));
}

// Parameters without which a target of that service cannot be called.
constexpr std::pair<std::string_view, std::string_view> kNeededParameters[] = {
    {"events", "EventBridgeParameters"},
    {"kinesis", "KinesisParameters"},
    {"ecs", "EcsParameters"},
};

Result<void> check_dates(const Schedule& schedule, TimePoint asked) {
  if (schedule.start && *schedule.start < asked - kOldestStart) {
    return refuse("The StartDate you specify cannot be earlier than 5 minutes ago.");
  }
  if (schedule.end && *schedule.end <= asked) {
    return refuse("The EndDate you specify cannot be earlier than the current time.");
  }
  if (schedule.start && schedule.end && *schedule.end <= *schedule.start) {
    return refuse("The EndDate you specify must come after the StartDate.");
  }
  return success();
}

Result<void> check_input(std::string_view service, const std::string& input) {
  if (input.size() > kMaxInputBytes) {
    return refuse("The Input of a target has at most " + std::to_string(kMaxInputBytes) + " bytes.");
  }
  const bool must_be_json =
      service == "lambda" || service == "states" || service == "events" || service == "scheduler";
  if (input.empty() || !must_be_json) return success();
  // As it will be sent, but for the number of the attempt.
  std::string example = with_context(input, {"arn", TimePoint{}, "id"});
  constexpr std::string_view kAttempt = "<aws.scheduler.attempt-number>";
  for (auto at = example.find(kAttempt); at != std::string::npos; at = example.find(kAttempt, at)) {
    example.replace(at, kAttempt.size(), "1");
  }
  const auto parsed = core::parse_json(example);
  if (!parsed) return refuse("The Input of this target must be well-formed JSON: " + parsed.error().message);
  if (service == "events" && !parsed.value().is_object()) {
    return refuse("The Input of an event bus must be a JSON object: it becomes the detail of an event.");
  }
  return success();
}

Result<void> check_target(const json::object& target) {
  const std::string arn = core::text_member(target, "Arn");
  if (!bus::has_target_format(arn)) return refuse("Provided Arn is not in correct format.");
  const std::string_view service = delivery::service_of(arn);
  for (const auto& [needing, parameters] : kNeededParameters) {
    if (service == needing && !target.contains(parameters)) {
      return refuse("A target of this kind needs the member " + std::string{parameters} + ".");
    }
  }
  if (service != "events" && target.contains("EventBridgeParameters")) {
    return refuse("EventBridgeParameters go with the ARN of an event bus.");
  }
  return check_input(service, core::text_member(target, "Input"));
}

}  // namespace

Result<void> check(const Schedule& schedule, Zones& zones, TimePoint asked) {
  BOOST_OUTCOME_TRY(const auto timetable, timetable_of(schedule, zones));
  if (timetable.is_recurring()) {
    BOOST_OUTCOME_TRY(check_dates(schedule, asked));
  }
  return check_target(schedule.target);
}

}  // namespace ebagent::scheduler
