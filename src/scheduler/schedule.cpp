#include "scheduler/schedule.hpp"

#include <utility>

#include "core/json.hpp"

namespace ebagent::scheduler {
namespace {

namespace json = boost::json;

constexpr std::chrono::seconds kDefaultMaxAge{86'400};

struct TextMember {
  std::string_view name;
  std::string Schedule::*member;
};
constexpr TextMember kTexts[] = {
    {"ScheduleExpression", &Schedule::expression},
    {"ScheduleExpressionTimezone", &Schedule::zone},
    {"Description", &Schedule::description},
    {"KmsKeyArn", &Schedule::kms_key},
};

std::optional<TimePoint> time_of(const json::object& object, std::string_view name) {
  const auto number = core::integer_member(object, name);
  if (!number) return std::nullopt;
  return TimePoint{Duration{*number}};
}

void put_time(json::object& object, std::string_view name, std::optional<TimePoint> time) {
  if (time) object[name] = time->time_since_epoch().count();
}

auto unreadable(const store::StoredSchedule& stored) {
  return fail(ErrorCode::Malformed,
              "The store's record of schedule " + stored.group + "/" + stored.name + " cannot be read.");
}

std::string arn_of(const bus::Scope& scope, std::string_view kind) {
  return "arn:aws:scheduler:" + scope.region + ":" + scope.account + ":" + std::string{kind};
}

}  // namespace

bool Schedule::has_same_timing(const Schedule& other) const {
  return expression == other.expression && zone == other.zone && start == other.start && end == other.end &&
         window == other.window && is_enabled == other.is_enabled;
}

std::chrono::seconds Schedule::max_age() const {
  const auto* policy = target.if_contains("RetryPolicy");
  if (policy == nullptr || !policy->is_object()) return kDefaultMaxAge;
  const auto age = core::integer_member(policy->get_object(), "MaximumEventAgeInSeconds");
  return age ? std::chrono::seconds{*age} : kDefaultMaxAge;
}

std::string schedule_arn(const Schedule& schedule) {
  return arn_of(schedule.scope, "schedule/") + schedule.group + "/" + schedule.name;
}

std::string group_arn(const bus::Scope& scope, std::string_view group) {
  return arn_of(scope, "schedule-group/").append(group);
}

std::string scope_key(const bus::Scope& scope) {
  return scope.account + "/" + scope.region;
}

std::string write_record(const Schedule& schedule) {
  json::object object;
  for (const auto& [name, member] : kTexts) {
    if (!(schedule.*member).empty()) object[name] = schedule.*member;
  }
  put_time(object, "StartDate", schedule.start);
  put_time(object, "EndDate", schedule.end);
  if (schedule.window.count() != 0) object["Window"] = schedule.window.count();
  if (schedule.deletes_itself) object["Deletes"] = true;
  object["Target"] = schedule.target;
  put_time(object, "Created", schedule.created);
  put_time(object, "Modified", schedule.modified);
  put_time(object, "Anchor", schedule.anchor);
  if (!schedule.asked.token.empty()) {
    object["Token"] = schedule.asked.token;
    object["Asked"] = schedule.asked.digest;
  }
  return core::write_json(object);
}

Result<Schedule> read_record(const store::StoredSchedule& stored) {
  const auto parsed = core::parse_json(stored.json);
  const auto* object = parsed ? parsed.value().if_object() : nullptr;
  const auto* target = object == nullptr ? nullptr : object->if_contains("Target");
  if (target == nullptr || !target->is_object()) return unreadable(stored);
  Schedule schedule;
  const auto slash = stored.scope.find('/');
  if (slash == std::string::npos) return unreadable(stored);
  schedule.scope = {stored.scope.substr(0, slash), stored.scope.substr(slash + 1)};
  schedule.group = stored.group;
  schedule.name = stored.name;
  schedule.is_enabled = stored.is_enabled;
  for (const auto& [name, member] : kTexts) schedule.*member = core::text_member(*object, name);
  schedule.start = time_of(*object, "StartDate");
  schedule.end = time_of(*object, "EndDate");
  schedule.window = std::chrono::minutes{core::integer_member(*object, "Window").value_or(0)};
  schedule.deletes_itself = object->contains("Deletes");
  schedule.target = target->get_object();
  schedule.created = time_of(*object, "Created").value_or(TimePoint{});
  schedule.modified = time_of(*object, "Modified").value_or(TimePoint{});
  schedule.anchor = time_of(*object, "Anchor").value_or(TimePoint{});
  schedule.asked = {core::text_member(*object, "Token"), core::text_member(*object, "Asked")};
  return schedule;
}

Result<schedule::Timetable> timetable_of(const Schedule& schedule, Zones& zones) {
  auto expression = schedule::parse_zoned(schedule.expression);
  if (!expression) {
    return fail(ErrorCode::InvalidArgument, "Invalid Schedule Expression " + schedule.expression + ".");
  }
  auto zone = zones.find(schedule.zone);
  if (!zone) {
    return fail(ErrorCode::InvalidArgument, "Invalid ScheduleExpressionTimezone " + schedule.zone + ".");
  }
  return schedule::Timetable{std::move(expression).value(),
                             std::move(zone).value(),
                             {.start = schedule.start.value_or(schedule.anchor), .end = schedule.end}};
}

}  // namespace ebagent::scheduler
