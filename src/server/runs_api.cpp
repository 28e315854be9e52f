#include "server/runs_api.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <charconv>
#include <initializer_list>
#include <iterator>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include "agent/run_view.hpp"
#include "core/json.hpp"
#include "core/percent.hpp"
#include "server/reply_text.hpp"
#include "server/run_stream.hpp"

namespace ebagent::server {
namespace {

namespace json = boost::json;

constexpr std::string_view kRuns = "/_eventbridge/runs";
constexpr std::string_view kEvents = "events";
constexpr std::size_t kMaxWaitingRequests = 64;  // each takes the store some milliseconds
constexpr std::size_t kDefaultPage = 50;
constexpr std::size_t kLargestPage = 1'000;
constexpr std::size_t kMaxWords = 4'096;  // bytes of a comment, reason or name that is kept

Reply json_reply(const json::object& object) {
  Reply reply;
  reply.body = core::write_json(object);
  return reply;
}

Reply refusal(const Error& error) {
  switch (error.code) {
    case ErrorCode::NotFound:
      return plain_refusal(404, error.message);
    case ErrorCode::Conflict:
    case ErrorCode::Unsupported:
      return plain_refusal(409, error.message);
    case ErrorCode::InvalidArgument:
    case ErrorCode::Malformed:
    case ErrorCode::LimitExceeded:
      return plain_refusal(400, error.message);
    case ErrorCode::Overloaded:
      return too_many_requests(error.message);
    default:
      return plain_refusal(503, error.message);
  }
}

// The parameters of a query, decoded. InvalidArgument for one that is not among `known`, or given twice.
Result<json::object> query_of(std::string_view target, std::initializer_list<std::string_view> known) {
  json::object values;
  const std::size_t at = target.find('?');
  std::string_view rest = at == std::string_view::npos ? std::string_view{} : target.substr(at + 1);
  while (!rest.empty()) {
    const std::string_view part = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(part.size() + 1, rest.size()));
    if (part.empty()) continue;
    const std::string name = core::percent_decode(part.substr(0, part.find('=')));
    const std::size_t equals = part.find('=');
    std::string value = equals == std::string_view::npos ? "" : core::percent_decode(part.substr(equals + 1));
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      return fail(ErrorCode::InvalidArgument, "The query has no parameter \"" + name + "\".");
    }
    if (!core::is_utf8(value) || values.contains(name)) {
      return fail(ErrorCode::InvalidArgument, "The parameter \"" + name + "\" must be given once, in UTF-8.");
    }
    values[name] = std::move(value);
  }
  return values;
}

// The members of a body, all texts; an empty body has none.
Result<json::object> body_of(const std::string& body, std::initializer_list<std::string_view> known) {
  if (body.find_first_not_of(" \t\r\n") == std::string::npos) return json::object{};
  BOOST_OUTCOME_TRY(auto value, core::parse_json(body));
  if (!value.is_object()) return fail(ErrorCode::Malformed, "The body must be a JSON object.");
  for (const auto& member : value.as_object()) {
    const std::string_view name{member.key().data(), member.key().size()};
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      return fail(ErrorCode::InvalidArgument, "The body has no member \"" + std::string{name} + "\".");
    }
    if (!member.value().is_string() || member.value().as_string().size() > kMaxWords) {
      return fail(ErrorCode::InvalidArgument, "/" + std::string{name} + ": must be a text of at most " +
                                                  std::to_string(kMaxWords) + " bytes.");
    }
  }
  return std::move(value.as_object());
}

Result<std::size_t> limit_of(const json::object& query) {
  const std::string text = core::text_member(query, "limit");
  if (!query.contains("limit")) return kDefaultPage;
  std::size_t limit = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), limit);
  if (error != std::errc{} || end != text.data() + text.size() || limit == 0 || limit > kLargestPage) {
    return fail(ErrorCode::InvalidArgument,
                "limit: must be a number from 1 to " + std::to_string(kLargestPage) + ".");
  }
  return limit;
}

// Who answers: as the caller says, with the account that it was verified to be of.
std::string who(const Request& request, const json::object& body) {
  const std::string said = core::text_member(body, "by");
  const std::string account = request.caller ? request.caller->account : "";
  if (account.empty()) return said.empty() ? "HTTP" : said;
  return said.empty() ? "account " + account : said + " (account " + account + ")";
}

Reply method_not_allowed(std::string_view allowed) {
  Reply reply = plain_refusal(405, "This takes " + std::string{allowed} + " only.");
  reply.headers.emplace_back("Allow", allowed);
  return reply;
}

}  // namespace

struct RunsApi::Place {
  std::string id;      // of a run; empty: all of them
  std::string action;  // "approve" ...; empty: the run itself
};

RunsApi::RunsApi(Ports ports) : ports_(std::move(ports)), work_(kMaxWaitingRequests) {}

bool RunsApi::serves(std::string_view path) {
  return path.starts_with(kRuns) && (path.size() == kRuns.size() || path[kRuns.size()] == '/');
}

void RunsApi::handle(Request request, Respond respond) {
  std::string_view path = path_of(request.target).substr(kRuns.size());
  if (path.starts_with('/')) path.remove_prefix(1);
  Place place{.id = core::percent_decode(path.substr(0, path.find('/'))), .action = {}};
  if (const std::size_t slash = path.find('/'); slash != std::string_view::npos)
    place.action = path.substr(slash + 1);
  const bool accepted = work_.offer([this, request = std::move(request), place = std::move(place), respond] {
    respond(answer(request, place));
  });
  if (!accepted) respond(too_many_requests("As many requests about runs wait as may."));
}

Reply RunsApi::answer(const Request& request, const Place& place) {
  using Action = Reply (RunsApi::*)(const Request&, const std::string&);
  struct Named {
    std::string_view name;
    Action action;
  };
  const bool is_get = request.method == "GET" || request.method == "HEAD";
  if (place.action.empty()) {
    if (!is_get) return method_not_allowed("GET, HEAD");
    if (place.id == kEvents) return listen(request);
    return place.id.empty() ? list(request) : show(place.id);
  }
  const bool is_answer = place.action == "approve" || place.action == "deny";
  static constexpr Named kActions[] = {{"cancel", &RunsApi::cancel}, {"rerun", &RunsApi::rerun}};
  const auto* named = std::find_if(std::begin(kActions), std::end(kActions),
                                   [&](const Named& one) { return one.name == place.action; });
  if (!is_answer && named == std::end(kActions)) {
    return plain_refusal(404, "A run is approved, denied, cancelled or done again: POST " +
                                  std::string{kRuns} + "/ID/approve, deny, cancel or rerun.");
  }
  if (request.method != "POST") return method_not_allowed("POST");
  return is_answer ? decide(request, place.id, place.action == "approve")
                   : (this->*named->action)(request, place.id);
}

Reply RunsApi::list(const Request& request) {
  const auto query = query_of(request.target, {"agent", "state", "event", "limit"});
  if (!query) return refusal(query.error());
  const auto limit = limit_of(query.value());
  if (!limit) return refusal(limit.error());
  store::RunFilter filter{.agent = core::text_member(query.value(), "agent"),
                          .event_id = core::text_member(query.value(), "event"),
                          .state = {},
                          .limit = limit.value()};
  if (const std::string state = core::text_member(query.value(), "state"); !state.empty()) {
    filter.state = agent::run_state_from(state);
    if (!filter.state) {
      return plain_refusal(
          400,
          "state: must be running, waiting, succeeded, failed, cancelled or skipped, not \"" + state + "\".");
    }
  }
  const auto runs = ports_.store.runs(filter);
  if (!runs) return refusal(runs.error());
  json::array list;
  for (const store::Run& run : runs.value()) list.emplace_back(agent::to_json(run));
  return json_reply({{"runs", std::move(list)}});
}

Reply RunsApi::show(const std::string& id) {
  const auto run = ports_.store.run_by_id(id);
  if (!run) return refusal(run.error());
  if (!run.value()) return plain_refusal(404, "There is no run " + id + ".");
  const auto steps = ports_.store.steps(id);
  if (!steps) return refusal(steps.error());
  return json_reply(agent::to_json(*run.value(), steps.value(), ports_.clock.now()));
}

Reply RunsApi::decide(const Request& request, const std::string& id, bool approved) {
  const auto body = body_of(request.body, {"step", "comment", "by"});
  if (!body) return refusal(body.error());
  const TimePoint now = ports_.clock.now();
  const std::string answer = agent::answer_json(approved, who(request, body.value()),
                                                core::text_member(body.value(), "comment"), now);
  const auto step = ports_.store.answer_step(id, core::text_member(body.value(), "step"), answer, now);
  if (!step) return refusal(step.error());
  if (ports_.on_due) ports_.on_due();
  return json_reply({{"run_id", id}, {"step", agent::to_json(step.value())}});
}

Result<void> RunsApi::end_in_store(const std::string& id, const std::string& reason, TimePoint now) {
  BOOST_OUTCOME_TRYV(ports_.store.cancel_run(id, reason, now));
  return success();
}

Reply RunsApi::cancel(const Request& request, const std::string& id) {
  const auto body = body_of(request.body, {"reason", "by"});
  if (!body) return refusal(body.error());
  const std::string reason = core::text_member(body.value(), "reason");
  const std::string by = who(request, body.value());
  const std::string why = "Cancelled by " + by + (reason.empty() ? "." : ": " + reason);
  const TimePoint now = ports_.clock.now();
  auto cancelled = ports_.cancel ? ports_.cancel(id, why) : end_in_store(id, why, now);
  if (!cancelled) return refusal(cancelled.error());
  const auto run = ports_.store.run_by_id(id);
  if (!run) return refusal(run.error());
  if (!run.value()) return plain_refusal(404, "The run " + id + " is no longer kept.");
  if (ports_.on_due) ports_.on_due();
  ports_.feed.publish({.kind = agent::RunEvent::Kind::RunEnded,
                       .run_id = id,
                       .agent = run.value()->agent,
                       .event_id = run.value()->event_id,
                       .state = "cancelled",
                       .text = run.value()->error,
                       .at = now});
  return json_reply(agent::to_json(*run.value()));
}

Reply RunsApi::rerun(const Request& request, const std::string& id) {
  const auto body = body_of(request.body, {"from"});
  if (!body) return refusal(body.error());
  const TimePoint now = ports_.clock.now();
  store::Rerun wish{.run_id = id, .from_step = {}, .new_id = core::uuid_v7(now, ports_.random)};
  if (body.value().contains("from")) wish.from_step = core::text_member(body.value(), "from");
  const auto run = ports_.store.rerun(wish, now);
  if (!run) return refusal(run.error());
  if (ports_.on_due) ports_.on_due();
  json::object object = agent::to_json(run.value());
  object["rerun_of"] = id;
  return json_reply(object);
}

Reply RunsApi::listen(const Request& request) {
  const auto query = query_of(request.target, {"agent", "run"});
  if (!query) return refusal(query.error());
  auto stream = RunStream::open(ports_.feed, ports_.clock,
                                {.agent = core::text_member(query.value(), "agent"),
                                 .run_id = core::text_member(query.value(), "run")});
  if (!stream) return refusal(stream.error());
  Reply reply;
  reply.content_type = "text/event-stream";
  reply.headers.emplace_back("Cache-Control", "no-store");
  reply.body = ": listening\n\n";
  reply.stream = std::move(stream).value();
  return reply;
}

}  // namespace ebagent::server
