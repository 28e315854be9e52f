#include "mcp/session.hpp"

#include <algorithm>
#include <optional>
#include <set>

#include "core/json.hpp"
#include "mcp/protocol.hpp"

namespace ebagent::mcp {
namespace {

namespace json = boost::json;
using std::chrono::milliseconds;
using Steady = std::chrono::steady_clock;

// Our own key in a call's _meta: servers that know it can recognise a repeated call.
constexpr std::string_view kIdempotencyKey = "eventbridge-agent/idempotencyKey";

milliseconds left_until(Steady::time_point deadline) {
  return std::max(milliseconds{1}, std::chrono::ceil<milliseconds>(deadline - Steady::now()));
}

Error to_error(const NoReply& none) {
  const ErrorCode code = none.may_have_acted ? ErrorCode::TimedOut
                         : none.is_refusal   ? ErrorCode::InvalidArgument
                                             : ErrorCode::Unavailable;
  return {code, "The server " + none.text + "."};
}

Error to_error(const RpcError& error) {
  const ErrorCode code = error.code == kInternalError ? ErrorCode::Unavailable : ErrorCode::InvalidArgument;
  return {code, "The server refused (" + std::to_string(error.code) + "): " + error.message};
}

Result<json::object> to_result(Answer answer) {
  if (auto* object = std::get_if<json::object>(&answer)) return std::move(*object);
  if (const auto* error = std::get_if<RpcError>(&answer)) return fail(to_error(*error));
  return fail(to_error(std::get<NoReply>(answer)));
}

std::vector<std::string> texts_of(const json::object& object, const char* member) {
  std::vector<std::string> texts;
  const json::value* list = object.if_contains(member);
  if (list == nullptr || !list->is_array()) return texts;
  for (const json::value& one : list->get_array()) {
    if (one.is_string()) texts.emplace_back(one.get_string());
  }
  return texts;
}

bool contains(const std::vector<std::string>& texts, std::string_view text) {
  return std::ranges::find(texts, text) != texts.end();
}

json::object roots_result(const Roots& roots) {
  json::array list;
  for (const std::string& uri : roots) list.emplace_back(json::object{{"uri", uri}});
  return {{"roots", std::move(list)}};
}

// The requests of a server of the era of sessions that an agent without a person beside it can answer.
Reply answer_request(const Message& message, const Roots& roots) {
  if (message.method == "ping") return json::object{};
  if (message.method == "roots/list" && !roots.empty()) return roots_result(roots);
  return RpcError{kMethodNotFound, "Method not found: " + message.method, nullptr};
}

std::optional<std::string> refusal_of_versions(const std::vector<std::string>& offered) {
  if (contains(offered, kModernVersion)) return std::nullopt;
  for (const std::string& version : offered) {
    if (is_legacy_version(version)) return std::nullopt;
  }
  std::string list;
  for (const std::string& version : offered) list += (list.empty() ? "" : ", ") + version;
  return "The server speaks no version of MCP that this program does; it offers " +
         (list.empty() ? "none" : list) + ".";
}

}  // namespace

json::object Session::capabilities() const {
  json::object all;
  if (!settings_.roots.empty()) all["roots"] = json::object{};
  return all;
}

Result<void> Session::connect(const Connect& connect, const std::function<void()>& on_list_changed) {
  FromServer from;
  from.on_notification = [on_list_changed](const Message& message) {
    if (message.method == "notifications/tools/list_changed") on_list_changed();
  };
  from.on_request = [roots = settings_.roots](const Message& message) {
    return answer_request(message, roots);
  };
  transport_.reset();  // the old one goes first: it may hold what the new one needs
  BOOST_OUTCOME_TRY(transport_, connect(std::move(from)));
  return success();
}

Answer Session::ask(Outgoing outgoing, milliseconds timeout) {
  outgoing.protocol_version = version_;
  outgoing.is_modern = era_ != Era::Legacy;
  if (outgoing.is_modern) {
    json::object& meta = outgoing.params["_meta"].is_object() ? outgoing.params["_meta"].get_object()
                                                              : outgoing.params["_meta"].emplace_object();
    meta[kVersionKey] = version_;
    meta[kClientInfoKey] = implementation();
    meta[kCapabilitiesKey] = capabilities();
  }
  return transport_->exchange(outgoing, timeout);
}

Answer Session::discover() {
  version_ = kModernVersion;
  return ask({.method = "server/discover"}, std::min(settings_.probe_timeout, settings_.start_timeout));
}

Result<void> Session::adopt(const json::object& discovered) {
  const auto offered = texts_of(discovered, "supportedVersions");
  if (auto refusal = refusal_of_versions(offered)) return fail(ErrorCode::Unsupported, *refusal);
  if (!contains(offered, kModernVersion)) return initialize();
  era_ = Era::Modern;
  if (const json::value* meta = discovered.if_contains("_meta"); meta != nullptr && meta->is_object()) {
    const json::value* info = meta->get_object().if_contains(kServerInfoKey);
    if (info != nullptr && info->is_object()) server_name_ = core::text_member(info->get_object(), "name");
  }
  return success();
}

Result<void> Session::initialize() {
  era_ = Era::Legacy;
  version_.clear();
  const json::object params{{"protocolVersion", kLegacyVersions.front()},
                            {"capabilities", capabilities()},
                            {"clientInfo", implementation()}};
  BOOST_OUTCOME_TRY(const auto result,
                    to_result(ask({.method = "initialize", .params = params}, settings_.start_timeout)));
  const std::string version = core::text_member(result, "protocolVersion");
  if (auto refusal = refusal_of_versions({version}); refusal || version == kModernVersion) {
    return fail(ErrorCode::Unsupported,
                refusal.value_or("The server answers initialize with " + version + "."));
  }
  version_ = version;
  if (const json::value* info = result.if_contains("serverInfo"); info != nullptr && info->is_object()) {
    server_name_ = core::text_member(info->get_object(), "name");
  }
  transport_->notify({.method = "notifications/initialized", .protocol_version = version_});
  return success();
}

// Source: https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/stdio#backward-compatibility
Result<void> Session::find_era(const Connect& connect, const std::function<void()>& on_list_changed) {
  const Answer answer = discover();
  if (const auto* result = std::get_if<json::object>(&answer)) return adopt(*result);
  if (const auto* error = std::get_if<RpcError>(&answer)) {
    if (error->code == kHeaderMismatch || error->code == kMissingCapability) return fail(to_error(*error));
    if (error->code == kUnsupportedVersion && error->data.is_object()) {
      const auto offered = texts_of(error->data.get_object(), "supported");
      if (auto refusal = refusal_of_versions(offered)) return fail(ErrorCode::Unsupported, *refusal);
    }
    return initialize();
  }
  const NoReply& none = std::get<NoReply>(answer);
  const bool is_gone = !transport_->is_open();
  if (!none.is_timeout && !none.is_refusal && !is_gone) return fail(to_error(none));
  // Some servers end when their first message is no `initialize`.
  if (is_gone) {
    BOOST_OUTCOME_TRYV(this->connect(connect, on_list_changed));
  }
  auto begun = initialize();
  if (begun || !none.is_timeout || !transport_->is_open()) return begun;
  // One of the modern era that had not started in time for the first question.
  era_ = Era::Unknown;
  const Answer again = discover();
  if (const auto* result = std::get_if<json::object>(&again)) return adopt(*result);
  return begun;
}

Result<std::unique_ptr<Session>> Session::open(const Connect& connect, SessionSettings settings, Era era,
                                               std::function<void()> on_list_changed) {
  std::unique_ptr<Session> session(new Session(std::move(settings)));
  BOOST_OUTCOME_TRYV(session->connect(connect, on_list_changed));
  if (era == Era::Legacy) {
    BOOST_OUTCOME_TRYV(session->initialize());
  } else {
    BOOST_OUTCOME_TRYV(session->find_era(connect, on_list_changed));
  }
  return session;
}

Result<json::array> Session::list_tools(milliseconds timeout) {
  const auto deadline = Steady::now() + timeout;
  json::array tools;
  std::optional<std::string> cursor;
  for (int page = 0; page < kMaxListPages; ++page) {
    Outgoing request{.method = "tools/list"};
    if (cursor) request.params["cursor"] = *cursor;
    BOOST_OUTCOME_TRY(const auto result, to_result(ask(std::move(request), left_until(deadline))));
    const json::value* list = result.if_contains("tools");
    if (list == nullptr || !list->is_array())
      return fail(ErrorCode::Malformed, "The server's list of tools is none.");
    for (const json::value& tool : list->get_array()) {
      if (!tool.is_object() || core::text_member(tool.get_object(), "name").empty()) {
        return fail(ErrorCode::Malformed, "The server's list of tools has a tool without a name.");
      }
      tools.push_back(tool);
    }
    if (tools.size() > kMaxTools) {
      return fail(ErrorCode::LimitExceeded,
                  "The server has more than " + std::to_string(kMaxTools) + " tools.");
    }
    const json::value* next = result.if_contains("nextCursor");
    if (next == nullptr || !next->is_string()) return tools;
    cursor = std::string(next->get_string());
  }
  return fail(ErrorCode::LimitExceeded,
              "The server's list of tools has more than " + std::to_string(kMaxListPages) + " pages.");
}

Result<json::object> Session::answer_inputs(const json::object& result) const {
  json::object responses;
  const json::value* requests = result.if_contains("inputRequests");
  if (requests == nullptr || requests->is_null()) return responses;
  if (!requests->is_object()) return fail(ErrorCode::Malformed, "The server's inputRequests are no object.");
  for (const auto& [key, request] : requests->get_object()) {
    const std::string method = request.is_object() ? core::text_member(request.get_object(), "method") : "";
    if (method != "roots/list" || settings_.roots.empty()) {
      return fail(ErrorCode::Unsupported,
                  "The server asks for \"" + method +
                      "\" before it gives the tool's result, which an agent cannot answer.");
    }
    responses[key] = roots_result(settings_.roots);
  }
  return responses;
}

Result<json::object> Session::call_tool(const std::string& name, const json::object& arguments,
                                        const CallOptions& options) {
  const auto deadline = Steady::now() + options.timeout;
  Outgoing call{.method = "tools/call",
                .params = {{"name", name}, {"arguments", arguments}},
                .name = name,
                .headers = options.headers};
  if (!options.idempotency_key.empty()) {
    call.params["_meta"] = json::object{{kIdempotencyKey, options.idempotency_key}};
    call.headers.emplace_back("Idempotency-Key", options.idempotency_key);
  }
  for (int round = 0; round < kMaxRounds; ++round) {
    BOOST_OUTCOME_TRY(auto result, to_result(ask(call, left_until(deadline))));
    const std::string type = core::text_member(result, "resultType");
    if (type.empty() || type == "complete") return result;
    if (type != "input_required") {
      return fail(ErrorCode::TimedOut,
                  "The server's result is of the unknown type \"" + type + "\"; what it did is not known.");
    }
    BOOST_OUTCOME_TRY(call.params["inputResponses"], answer_inputs(result));
    call.params.erase("requestState");
    if (const json::value* state = result.if_contains("requestState")) call.params["requestState"] = *state;
  }
  return fail(ErrorCode::LimitExceeded,
              "The server asked " + std::to_string(kMaxRounds) + " times for more before the tool's result.");
}

bool Session::is_alive(milliseconds timeout) {
  const bool is_legacy = era_ == Era::Legacy;
  const Answer answer = ask({.method = is_legacy ? "ping" : "server/discover"}, timeout);
  return !std::holds_alternative<NoReply>(answer);
}

}  // namespace ebagent::mcp
