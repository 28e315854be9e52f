#pragma once

#include <boost/json/object.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "bus/scope.hpp"
#include "ebagent/clock.hpp"
#include "ebagent/result.hpp"
#include "schedule/timetable.hpp"
#include "scheduler/zones.hpp"
#include "store/store.hpp"

namespace ebagent::scheduler {

// The schedule group that every account and region has from the start.
inline constexpr std::string_view kDefaultGroup = "default";

// What makes a repeated request the same one: its ClientToken and a digest of what it asked for.
struct RequestMark {
  std::string token = {};
  std::string digest = {};

  bool operator==(const RequestMark&) const = default;
};

// A schedule of EventBridge Scheduler: what CreateSchedule says of it, and when it was made.
struct Schedule {
  bus::Scope scope = {};
  std::string group{kDefaultGroup};
  std::string name = {};
  std::string expression = {};
  std::string zone = "UTC";
  std::optional<TimePoint> start = {};
  std::optional<TimePoint> end = {};
  std::chrono::minutes window{0};  // of FlexibleTimeWindow; 0 is OFF
  bool is_enabled = true;
  bool deletes_itself = false;  // ActionAfterCompletion is DELETE
  std::string description = {};
  std::string kms_key = {};
  boost::json::object target = {};  // as it was given, with the defaults of its RetryPolicy
  TimePoint created = {};
  TimePoint modified = {};
  TimePoint anchor = {};   // when it got this timing: a rate without StartDate counts from here
  RequestMark asked = {};  // by the request that made it or changed it last

  // Whether it is to fire at the same times.
  [[nodiscard]] bool has_same_timing(const Schedule& other) const;
  // How long after its time a target may still be called.
  [[nodiscard]] std::chrono::seconds max_age() const;
};

// "arn:aws:scheduler:REGION:ACCOUNT:schedule/GROUP/NAME"
[[nodiscard]] std::string schedule_arn(const Schedule& schedule);
// "arn:aws:scheduler:REGION:ACCOUNT:schedule-group/NAME"
[[nodiscard]] std::string group_arn(const bus::Scope& scope, std::string_view group);

// The text under which the store keeps the schedules of a scope.
[[nodiscard]] std::string scope_key(const bus::Scope& scope);

// The store's JSON of a schedule, and back. Malformed when the text is no such record.
[[nodiscard]] std::string write_record(const Schedule& schedule);
[[nodiscard]] Result<Schedule> read_record(const store::StoredSchedule& stored);

// When it is to fire. InvalidArgument with AWS's message when expression or zone cannot be understood.
[[nodiscard]] Result<schedule::Timetable> timetable_of(const Schedule& schedule, Zones& zones);

}  // namespace ebagent::scheduler
