#include "server/front.hpp"

#include <utility>

#include "core/json.hpp"
#include "server/reply_text.hpp"

namespace ebagent::server {
namespace {

constexpr std::string_view kCloudEventsPath = "/cloudevents";
constexpr std::string_view kResetPath = "/_eventbridge/reset";
constexpr std::string_view kHealthPath = "/_eventbridge/health";
// Of the credential scope of requests to Amazon's APIs; the Scheduler's have paths, EventBridge's have none.
constexpr std::string_view kEventsService = "events";
constexpr std::string_view kSchedulerService = "scheduler";
// Health checks that may wait; a monitor that asks more often than the store answers learns just that.
constexpr std::size_t kMaxWaitingChecks = 16;

Reply method_not_allowed(std::string_view path, std::string_view allowed) {
  std::string message{path};
  ((message += " takes ") += allowed) += " only.";
  Reply reply = plain_refusal(405, message);
  reply.headers.emplace_back("Allow", allowed);
  return reply;
}

Reply not_found() {
  return plain_refusal(
      404,
      "There is nothing here. The EventBridge API is POST / (set this server as the endpoint URL of "
      "the AWS CLI or an SDK), CloudEvents go to POST /cloudevents; GET /_eventbridge/health tells how the "
      "server is.");
}

// In the form that clients of AWS JSON and of REST JSON both read.
Reply aws_refusal(unsigned status, std::string_view type, std::string_view message) {
  Reply reply;
  reply.status = status;
  reply.body = "{\"__type\":";
  core::append_json_string(reply.body, type);
  reply.body += ",\"message\":";
  core::append_json_string(reply.body, message);
  reply.body += '}';
  reply.headers.emplace_back("x-amzn-ErrorType", type);
  return reply;
}

Reply refused(const Denial& denial) {
  Reply reply = aws_refusal(denial.status, denial.type, denial.message);
  if (denial.status == 401) reply.headers.emplace_back("WWW-Authenticate", "Bearer");
  return reply;
}

Reply over_capacity() {
  Reply reply = aws_refusal(429, "ThrottlingException",
                            "Rate exceeded: the server has as many requests in hand as it may.");
  reply.headers.emplace_back("Retry-After", "1");
  return reply;
}

std::string health_json(const std::string& version, const store::EventCounts& counts) {
  boost::json::object events;
  events.emplace("accepted", counts.accepted);
  events.emplace("delivered", counts.delivered);
  events.emplace("dead", counts.dead);
  events.emplace("pending", counts.pending);
  boost::json::object health;
  health.emplace("status", "ok");
  health.emplace("version", version);
  health.emplace("counts", std::move(events));
  return core::write_json(health);
}

}  // namespace

Front::Front(aws_api::AwsApi& api, scheduler_api::SchedulerApi& scheduler, CloudEventsApi& cloud_events,
             store::Store& store, OriginGuard guard, std::string version, std::function<Result<void>()> reset,
             std::optional<Authenticator> authenticator)
    : api_(api),
      scheduler_(scheduler),
      cloud_events_(cloud_events),
      store_(store),
      guard_(std::move(guard)),
      version_(std::move(version)),
      reset_(std::move(reset)),
      authenticator_(std::move(authenticator)),
      work_(kMaxWaitingChecks) {}

void Front::handle(Request request, Respond respond) {
  if (const auto refusal = guard_.refusal(request)) return respond(plain_refusal(403, *refusal));
  const std::string_view path = path_of(request.target);
  if (request.is_over_capacity && path != "/" && path != kHealthPath) return respond(over_capacity());
  if (auto refusal = authenticate(request, path)) return respond(std::move(*refusal));
  if (path == "/") {
    if (request.method != "POST") return respond(method_not_allowed(path, "POST"));
    return api_.handle(std::move(request), std::move(respond));
  }
  if (scheduler_api::SchedulerApi::serves(path)) {
    return scheduler_.handle(std::move(request), std::move(respond));
  }
  if (path == kCloudEventsPath) {
    if (request.method != "POST") return respond(method_not_allowed(path, "POST"));
    return cloud_events_.handle(request, std::move(respond));
  }
  if (path == kHealthPath) {
    if (request.method != "GET" && request.method != "HEAD")
      return respond(method_not_allowed(path, "GET, HEAD"));
    return report_health(std::move(respond));
  }
  if (path == kResetPath) {
    if (request.method != "POST") return respond(method_not_allowed(path, "POST"));
    return reset(std::move(respond));
  }
  if (runs_ != nullptr && RunsApi::serves(path)) return runs_->handle(std::move(request), std::move(respond));
  respond(not_found());
}

// Notes who calls, or gives the refusal. Whoever may reach the server may ask how it is; a request that is over capacity
// has lost its body and gets no further than its refusal.
std::optional<Reply> Front::authenticate(Request& request, std::string_view path) const {
  if (!authenticator_ || path == kHealthPath || request.is_over_capacity) return std::nullopt;
  const bool is_own = path == kCloudEventsPath || path == kResetPath || RunsApi::serves(path);
  auto verified = is_own ? authenticator_->verify_other(request)
                         : authenticator_->verify(request, path == "/" ? kEventsService : kSchedulerService);
  if (const auto* denial = std::get_if<Denial>(&verified)) return refused(*denial);
  request.caller = std::get<Caller>(std::move(verified));
  return std::nullopt;
}

void Front::reset(Respond respond) {
  if (!reset_) return respond(plain_refusal(403, "Start the server with --allow-reset to reset it."));
  const bool accepted = work_.offer([this, respond] {
    if (const auto done = reset_(); !done) return respond(plain_refusal(503, done.error().message));
    Reply reply;
    reply.body = R"({"status":"reset"})";
    respond(std::move(reply));
  });
  if (!accepted) respond(plain_refusal(503, "Too many resets are waiting."));
}

void Front::report_health(Respond respond) {
  const bool accepted = work_.offer([this, respond] {
    const auto counts = store_.counts();
    if (!counts) return respond(plain_refusal(503, counts.error().message));
    Reply reply;
    reply.body = health_json(version_, counts.value());
    respond(std::move(reply));
  });
  if (!accepted) respond(plain_refusal(503, "The store is too slow to tell how it is."));
}

}  // namespace ebagent::server
