#include "server/scheduler_api/scheduler_api.hpp"

#include <charconv>
#include <exception>
#include <functional>
#include <string>
#include <utility>
#include <variant>

#include "core/json.hpp"
#include "server/aws_api/caller.hpp"
#include "server/scheduler_api/operation.hpp"
#include "server/scheduler_api/request_target.hpp"

namespace ebagent::server::scheduler_api {
namespace {

namespace json = boost::json;

constexpr std::string_view kCollections[] = {"schedules", "schedule-groups", "tags"};

const Operation* find_operation(std::string_view method, const RequestTarget& target) {
  for (const auto family : {schedule_operations(), group_operations()}) {
    for (const Operation& operation : family) {
      if (operation.method == method && operation.collection == target.collection &&
          operation.path_member.empty() == !target.name) {
        return &operation;
      }
    }
  }
  return nullptr;
}

Reply reply_with(std::string body, std::string request_id) {
  Reply reply;
  reply.body = std::move(body);
  reply.headers.emplace_back("x-amzn-RequestId", std::move(request_id));
  return reply;
}

Reply reply_with(const ApiError& error, std::string request_id) {
  std::string body = "{\"Message\":";
  core::append_json_string(body, error.message);
  body += '}';
  Reply reply = reply_with(std::move(body), std::move(request_id));
  reply.status = error.status;
  reply.headers.emplace_back("x-amzn-ErrorType", error.type);
  return reply;
}

// What is no number stays a text, which the operation's shape refuses.
json::value number_of(const std::string& text) {
  std::int64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number);
  if (text.empty() || read.ec != std::errc{} || read.ptr != end) return json::value(text);
  return number;
}

void add_parameters(json::object& input, const Operation& operation, const RequestTarget& target) {
  for (const QueryMember& query : operation.query) {
    const auto found = target.query.find(query.parameter);
    if (found == target.query.end()) continue;
    if (query.kind == QueryMember::Kind::List) {
      json::array list;
      for (const std::string& value : found->second) list.push_back(json::value(value));
      input[query.member] = std::move(list);
    } else {
      const std::string& value = found->second.front();
      input[query.member] = query.kind == QueryMember::Kind::Number ? number_of(value) : json::value(value);
    }
  }
  if (target.name) input[operation.path_member] = *target.name;
}

std::variant<json::object, ApiError> read_input(const Operation& operation, const RequestTarget& target,
                                                std::string_view body) {
  json::object input;
  const bool has_body = operation.method == "POST" || operation.method == "PUT";
  if (has_body && !body.empty()) {
    auto parsed = core::parse_json(body);
    if (!parsed) return ApiError{"SerializationException", parsed.error().message};
    if (!parsed.value().is_object()) {
      return ApiError{"SerializationException", "The body of the request must be a JSON object."};
    }
    input = std::move(parsed.value().get_object());
  }
  add_parameters(input, operation, target);
  const auto checked = aws_api::check(input, *operation.input);
  if (checked) return input;
  const bool wrong_type = checked.error().code == ErrorCode::Malformed;
  return ApiError{wrong_type ? "SerializationException" : "ValidationException", checked.error().message};
}

Outcome perform(const Operation& operation, scheduler::Schedules& schedules, const bus::Scope& scope,
                const RequestTarget& target, std::string_view body) {
  const auto input = read_input(operation, target, body);
  if (const auto* error = std::get_if<ApiError>(&input)) return *error;
  try {
    return operation.run({schedules, scope, std::get<json::object>(input)});
  } catch (const std::exception& defect) {
    return ApiError{"InternalServerException", std::string{"The operation failed: "} + defect.what(), 500};
  }
}

}  // namespace

SchedulerApi::SchedulerApi(scheduler::Schedules& schedules, const Clock& clock, core::Random& random,
                           Settings settings)
    : schedules_(schedules), clock_(clock), random_(random), settings_(std::move(settings)) {
  for (std::size_t i = 0; i < settings_.threads; ++i) {
    work_.push_back(std::make_unique<WorkQueue>(settings_.max_waiting));
  }
}

bool SchedulerApi::serves(std::string_view path) {
  if (!path.starts_with('/')) return false;
  path.remove_prefix(1);
  const std::string_view first = path.substr(0, path.find('/'));
  return std::find(std::begin(kCollections), std::end(kCollections), first) != std::end(kCollections);
}

void SchedulerApi::handle(Request request, Respond respond) {
  std::string request_id = core::uuid_v7(clock_.now(), random_);
  auto target = read_target(request.target);
  const Operation* operation = target ? find_operation(request.method, *target) : nullptr;
  if (operation == nullptr) {
    const ApiError error{"UnknownOperationException",
                         "EventBridge Scheduler has no operation " + request.method + " there.", 404};
    return respond(reply_with(error, std::move(request_id)));
  }
  const auto throttled = [&] {
    respond(reply_with(
        ApiError{"ThrottlingException", "Rate exceeded: too many operations are waiting.", 429}, request_id));
  };
  if (request.is_over_capacity) return throttled();
  WorkQueue& lane = *work_[std::hash<std::string>{}(target->name.value_or("")) % work_.size()];
  const bool accepted = lane.offer(
      [this, operation, target = std::move(*target), request = std::move(request), respond, request_id] {
        const bus::Scope scope = aws_api::caller_scope(request, settings_.default_scope);
        const Outcome outcome = perform(*operation, schedules_, scope, target, request.body);
        if (const auto* error = std::get_if<ApiError>(&outcome))
          return respond(reply_with(*error, request_id));
        respond(reply_with(core::write_json(std::get<json::object>(outcome)), request_id));
      });
  if (!accepted) throttled();
}

}  // namespace ebagent::server::scheduler_api
