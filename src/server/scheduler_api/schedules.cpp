#include <cmath>
#include <string>
#include <utility>

#include "core/json.hpp"
#include "server/scheduler_api/operation.hpp"
#include "server/scheduler_api/shapes.hpp"

namespace ebagent::server::scheduler_api {
namespace {

namespace json = boost::json;
using aws_api::add_text;
using aws_api::object_of;
using aws_api::text_of;

constexpr std::int64_t kDefaultEventAge = 86'400;  // seconds
constexpr std::int64_t kDefaultAttempts = 185;
constexpr std::string_view kEnabled = "ENABLED";
constexpr std::string_view kDisabled = "DISABLED";

// Epoch seconds, cut to milliseconds; nullopt when the member is absent. Dates that no schedule can have are
// moved to the nearest that one can.
std::optional<TimePoint> time_of(const json::object& input, std::string_view name) {
  const json::value* value = input.if_contains(name);
  if (value == nullptr || value->is_null()) return std::nullopt;
  constexpr double kLatest = 253'402'300'799.0;  // the end of the year 9999
  const double seconds = std::clamp(value->to_number<double>(), -kLatest, kLatest);
  return TimePoint{Duration{std::llround(seconds * 1'000.0)}};
}

// What SDKs send for a member that is not set is left out, and the defaults of the retry policy are filled in,
// as GetSchedule shows them.
json::object target_of(const json::object& input) {
  json::object target;
  for (const auto& [name, value] : input.at("Target").get_object()) {
    if (!value.is_null()) target.insert_or_assign(name, value);
  }
  json::object retry;
  if (const auto* given = object_of(target, "RetryPolicy")) retry = *given;
  retry.emplace("MaximumEventAgeInSeconds", kDefaultEventAge);
  retry.emplace("MaximumRetryAttempts", kDefaultAttempts);
  target["RetryPolicy"] = std::move(retry);
  return target;
}

std::variant<std::chrono::minutes, ApiError> window_of(const json::object& input) {
  const json::object& window = input.at("FlexibleTimeWindow").get_object();
  const bool is_flexible = text_of(window, "Mode") == "FLEXIBLE";
  const json::value* most = window.if_contains("MaximumWindowInMinutes");
  const bool has_most = most != nullptr && !most->is_null();
  if (is_flexible && !has_most) {
    return ApiError{
        "ValidationException",
        "MaximumWindowInMinutes must be provided when the FlexibleTimeWindow's Mode is FLEXIBLE."};
  }
  if (!is_flexible && has_most) {
    return ApiError{"ValidationException",
                    "MaximumWindowInMinutes cannot be provided when the FlexibleTimeWindow's Mode is OFF."};
  }
  return std::chrono::minutes{is_flexible ? most->get_int64() : 0};
}

std::string group_of(const json::object& input) {
  const std::string_view group = text_of(input, "GroupName");
  return std::string{group.empty() ? scheduler::kDefaultGroup : group};
}

std::variant<scheduler::Schedule, ApiError> schedule_of(const Call& call) {
  const json::object& input = call.input;
  const auto window = window_of(input);
  if (const auto* error = std::get_if<ApiError>(&window)) return *error;
  scheduler::Schedule schedule{.scope = call.scope,
                               .group = group_of(input),
                               .name = std::string{text_of(input, "Name")},
                               .expression = std::string{text_of(input, "ScheduleExpression")},
                               .start = time_of(input, "StartDate"),
                               .end = time_of(input, "EndDate"),
                               .window = std::get<std::chrono::minutes>(window),
                               .is_enabled = text_of(input, "State") != kDisabled,
                               .deletes_itself = text_of(input, "ActionAfterCompletion") == "DELETE",
                               .description = std::string{text_of(input, "Description")},
                               .kms_key = std::string{text_of(input, "KmsKeyArn")},
                               .target = target_of(input),
                               .asked = mark_of(input)};
  if (const auto zone = text_of(input, "ScheduleExpressionTimezone"); !zone.empty()) schedule.zone = zone;
  return schedule;
}

Outcome arn_or_error(const Result<std::string>& arn) {
  if (!arn) return api_error(arn.error());
  return json::object{{"ScheduleArn", arn.value()}};
}

Outcome create_schedule(const Call& call) {
  auto schedule = schedule_of(call);
  if (const auto* error = std::get_if<ApiError>(&schedule)) return *error;
  return arn_or_error(call.schedules.create(std::get<scheduler::Schedule>(std::move(schedule))));
}

Outcome update_schedule(const Call& call) {
  auto schedule = schedule_of(call);
  if (const auto* error = std::get_if<ApiError>(&schedule)) return *error;
  return arn_or_error(call.schedules.update(std::get<scheduler::Schedule>(std::move(schedule))));
}

// What GetSchedule and ListSchedules both show.
json::object summary_of(const scheduler::Schedule& schedule) {
  json::object out{{"Arn", scheduler::schedule_arn(schedule)},
                   {"Name", schedule.name},
                   {"GroupName", schedule.group},
                   {"State", schedule.is_enabled ? kEnabled : kDisabled}};
  add_time(out, "CreationDate", schedule.created);
  add_time(out, "LastModificationDate", schedule.modified);
  return out;
}

Outcome get_schedule(const Call& call) {
  const auto found = call.schedules.get(call.scope, group_of(call.input), text_of(call.input, "Name"));
  if (!found) return api_error(found.error());
  const scheduler::Schedule& schedule = found.value();
  json::object out = summary_of(schedule);
  out["ScheduleExpression"] = schedule.expression;
  out["ScheduleExpressionTimezone"] = schedule.zone;
  out["ActionAfterCompletion"] = schedule.deletes_itself ? "DELETE" : "NONE";
  json::object window{{"Mode", schedule.window.count() == 0 ? "OFF" : "FLEXIBLE"}};
  if (schedule.window.count() != 0) window["MaximumWindowInMinutes"] = schedule.window.count();
  out["FlexibleTimeWindow"] = std::move(window);
  if (schedule.start) add_time(out, "StartDate", *schedule.start);
  if (schedule.end) add_time(out, "EndDate", *schedule.end);
  add_text(out, "Description", schedule.description);
  add_text(out, "KmsKeyArn", schedule.kms_key);
  out["Target"] = schedule.target;
  return out;
}

Outcome delete_schedule(const Call& call) {
  const auto deleted = call.schedules.remove(call.scope, group_of(call.input), text_of(call.input, "Name"));
  if (!deleted) return api_error(deleted.error());
  return json::object{};
}

Outcome list_schedules(const Call& call) {
  scheduler::ScheduleQuery query{.group = std::string{text_of(call.input, "GroupName")},
                                 .name_prefix = std::string{text_of(call.input, "NamePrefix")},
                                 .page = page_of(call.input)};
  if (const auto state = text_of(call.input, "State"); !state.empty()) query.is_enabled = state == kEnabled;
  const auto page = call.schedules.list(call.scope, query);
  if (!page) return api_error(page.error());
  json::array schedules;
  for (const scheduler::Schedule& schedule : page.value().items) {
    json::object summary = summary_of(schedule);
    summary["Target"] = json::object{{"Arn", core::text_member(schedule.target, "Arn")}};
    schedules.push_back(std::move(summary));
  }
  json::object out{{"Schedules", std::move(schedules)}};
  add_text(out, "NextToken", page.value().next_token);
  return out;
}

constexpr QueryMember kReferenceQuery[] = {{"groupName", "GroupName"}, {"clientToken", "ClientToken"}};
constexpr QueryMember kListQuery[] = {{"ScheduleGroup", "GroupName"},
                                      {"MaxResults", "MaxResults", QueryMember::Kind::Number},
                                      {"NamePrefix", "NamePrefix"},
                                      {"NextToken", "NextToken"},
                                      {"State", "State"}};

constexpr Operation kOperations[] = {
    {"CreateSchedule", "POST", "schedules", "Name", {}, &shapes::kPutSchedule, create_schedule},
    {"GetSchedule", "GET", "schedules", "Name", kReferenceQuery, &shapes::kScheduleReference, get_schedule},
    {"UpdateSchedule", "PUT", "schedules", "Name", {}, &shapes::kPutSchedule, update_schedule},
    {"DeleteSchedule", "DELETE", "schedules", "Name", kReferenceQuery, &shapes::kScheduleReference,
     delete_schedule},
    {"ListSchedules", "GET", "schedules", "", kListQuery, &shapes::kListSchedules, list_schedules},
};

}  // namespace

std::span<const Operation> schedule_operations() {
  return kOperations;
}

}  // namespace ebagent::server::scheduler_api
