#include "server/aws_api/operation.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace ebagent::server::aws_api {
namespace {

namespace json = boost::json;

const json::value* member(const json::object& input, std::string_view name) {
  const json::value* value = input.if_contains(json::string_view{name.data(), name.size()});
  return value == nullptr || value->is_null() ? nullptr : value;
}

}  // namespace

ApiError api_error(const Error& error) {
  switch (error.code) {
    case ErrorCode::NotFound:
      return {"ResourceNotFoundException", error.message};
    case ErrorCode::InvalidArgument:
      return {"ValidationException", error.message};
    case ErrorCode::Malformed:
      return {"InvalidEventPatternException", error.message};
    case ErrorCode::AlreadyExists:
      return {"ResourceAlreadyExistsException", error.message};
    case ErrorCode::LimitExceeded:
      return {"LimitExceededException", error.message};
    case ErrorCode::Conflict:
      return {"ManagedRuleException", error.message};
    case ErrorCode::Unsupported:
      return {"OperationDisabledException", error.message};
    case ErrorCode::Overloaded:
      return {"ThrottlingException", "Rate exceeded: " + error.message};
    case ErrorCode::Unavailable:
    case ErrorCode::TimedOut:
    case ErrorCode::Io:
      return {"InternalException", error.message, 503};
    case ErrorCode::Denied:
      return {"AccessDeniedException", error.message, 403};
    case ErrorCode::OutcomeUnknown:
    case ErrorCode::Internal:
      break;
  }
  return {"InternalFailure", error.message, 500};
}

std::string_view text_of(const json::object& input, std::string_view name) {
  const json::value* value = member(input, name);
  if (value == nullptr) return {};
  return {value->get_string().data(), value->get_string().size()};
}

std::string_view bus_of(const json::object& input) {
  const std::string_view name = text_of(input, "EventBusName");
  return name.empty() ? bus::kDefaultBus : name;
}

bus::PageRequest page_request(const json::object& input) {
  bus::PageRequest page;
  page.next_token = text_of(input, "NextToken");
  if (const json::value* limit = member(input, "Limit")) page.limit = static_cast<int>(limit->get_int64());
  return page;
}

const json::object* object_of(const json::object& input, std::string_view name) {
  const json::value* value = member(input, name);
  return value == nullptr ? nullptr : &value->get_object();
}

bool flag_of(const json::object& input, std::string_view name) {
  const json::value* value = member(input, name);
  return value != nullptr && value->get_bool();
}

bus::Tags tags_of(const json::object& input) {
  bus::Tags tags;
  if (const json::value* list = member(input, "Tags")) {
    for (const json::value& tag : list->get_array()) {
      tags.insert_or_assign(std::string{text_of(tag.get_object(), "Key")},
                            std::string{text_of(tag.get_object(), "Value")});
    }
  }
  return tags;
}

std::optional<int> number_of(const json::object& input, std::string_view name) {
  const json::value* value = member(input, name);
  return value == nullptr ? std::nullopt : std::optional{static_cast<int>(value->get_int64())};
}

std::optional<std::string> optional_text_of(const json::object& input, std::string_view name) {
  if (member(input, name) == nullptr) return std::nullopt;
  return std::string{text_of(input, name)};
}

TimePoint time_of(const json::object& input, std::string_view name) {
  // Beyond this a double cannot tell milliseconds apart; no event is as old or as young.
  constexpr double kMaxSeconds = 1e12;
  const json::value* value = member(input, name);
  if (value == nullptr) return {};
  const double seconds = std::clamp(value->to_number<double>(), -kMaxSeconds, kMaxSeconds);
  return TimePoint{Duration{std::llround(seconds * 1000)}};
}

bus::Catalog::Managed managed_choice(const json::object& input) {
  return flag_of(input, "Force") ? bus::Catalog::Managed::Force : bus::Catalog::Managed::Refuse;
}

void add_text(json::object& output, std::string_view name, std::string_view text) {
  if (text.empty()) return;
  output.emplace(json::string_view{name.data(), name.size()}, json::string_view{text.data(), text.size()});
}

void add_time(json::object& output, std::string_view name, std::optional<TimePoint> time) {
  if (!time || *time == TimePoint{}) return;
  output.emplace(json::string_view{name.data(), name.size()},
                 std::chrono::duration<double>(time->time_since_epoch()).count());
}

Outcome nothing_or_error(const Result<void>& result) {
  if (!result) return api_error(result.error());
  return json::object{};
}

}  // namespace ebagent::server::aws_api
