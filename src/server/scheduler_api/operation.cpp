#include "server/scheduler_api/operation.hpp"

#include <map>
#include <string>

#include "core/ids.hpp"
#include "core/json.hpp"

namespace ebagent::server::scheduler_api {
namespace {

namespace json = boost::json;

}  // namespace

ApiError api_error(const Error& error) {
  switch (error.code) {
    case ErrorCode::NotFound:
      return {"ResourceNotFoundException", error.message, 404};
    case ErrorCode::InvalidArgument:
      return {"ValidationException", error.message, 400};
    case ErrorCode::AlreadyExists:
    case ErrorCode::Conflict:
      return {"ConflictException", error.message, 409};
    case ErrorCode::LimitExceeded:
      return {"ServiceQuotaExceededException", error.message, 402};
    case ErrorCode::Unavailable:
    case ErrorCode::TimedOut:
    case ErrorCode::Io:
      return {"InternalServerException", error.message, 503};
    default:
      return {"InternalServerException", error.message, 500};
  }
}

// The members in an order of their own, so that the same request has the same digest however it is written.
scheduler::RequestMark mark_of(const json::object& input) {
  scheduler::RequestMark mark{.token = core::text_member(input, "ClientToken")};
  if (mark.token.empty()) return mark;
  std::map<std::string, std::string> members;
  for (const auto& [name, value] : input) {
    if (name != "ClientToken") members.emplace(name, core::write_json(value));
  }
  std::string text;
  for (const auto& [name, value] : members) text.append(name).append("=").append(value).append("\n");
  mark.digest = core::sha256_hex(text);
  return mark;
}

bus::PageRequest page_of(const json::object& input) {
  bus::PageRequest page{.next_token = core::text_member(input, "NextToken")};
  if (const auto* limit = input.if_contains("MaxResults")) page.limit = static_cast<int>(limit->as_int64());
  return page;
}

void add_time(json::object& output, std::string_view name, TimePoint time) {
  constexpr double kMillisASecond = 1'000.0;
  output[name] = static_cast<double>(time.time_since_epoch().count()) / kMillisASecond;
}

}  // namespace ebagent::server::scheduler_api
