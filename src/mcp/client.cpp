#include "mcp/client.hpp"

#include <algorithm>
#include <utility>

#include "http/curl_client.hpp"
#include "mcp/child_process.hpp"
#include "mcp/http_transport.hpp"
#include "mcp/server_log.hpp"
#include "mcp/stdio_transport.hpp"
#include "mcp/tool_list.hpp"

namespace ebagent::mcp {
namespace {

using std::chrono::milliseconds;

// Of what went wrong before a call was made: whatever it is, the tool was not called.
Error not_called(Error error) {
  if (error.code == ErrorCode::TimedOut) error.code = ErrorCode::Unavailable;
  return error;
}

}  // namespace

Client::Client(ServerSpec spec, Session::Connect connect, std::shared_ptr<const Clock> clock,
               std::shared_ptr<telemetry::Log> log, milliseconds probe_timeout)
    : spec_(std::move(spec)),
      connect_(std::move(connect)),
      clock_(std::move(clock)),
      log_(std::move(log)),
      probe_timeout_(probe_timeout) {}

Error Client::named(const Error& error) const {
  return {error.code, "MCP server \"" + spec_.name + "\": " + error.message};
}

std::string Client::version() const {
  const std::scoped_lock lock{mutex_};
  return version_;
}

Result<boost::json::array> Client::tools() {
  const auto ready = session(spec_.start_timeout);
  if (!ready) return fail(ready.error());
  const std::scoped_lock lock{mutex_};
  return tools_;
}

// With the mutex held.
Result<void> Client::look_at_tools() {
  is_list_stale_->store(false);  // before the list is asked for: a change meanwhile is another
  BOOST_OUTCOME_TRY(const auto listed, session_->list_tools(spec_.start_timeout));
  BOOST_OUTCOME_TRY(auto offered, offered_tools(listed, spec_));
  BOOST_OUTCOME_TRYV(check_pin(spec_, offered));
  const std::string hash = hash_of(offered);
  if (known_hash_.empty()) known_hash_ = hash;
  if (hash != known_hash_) {
    log_->warn("The tools of an MCP server changed; agents go on with those that were loaded",
               {{"server", spec_.name}, {"hash", hash}, {"loaded", known_hash_}});
    known_hash_ = hash;
  }
  tools_ = std::move(offered);
  looked_at_ = clock_->now();
  return success();
}

// With the mutex held.
Result<void> Client::begin() {
  session_.reset();
  auto begun = Session::open(
      connect_, {.roots = spec_.roots, .start_timeout = spec_.start_timeout, .probe_timeout = probe_timeout_},
      era_, [stale = is_list_stale_] { stale->store(true); });
  if (!begun) return fail(begun.error());
  session_ = std::move(begun).value();
  era_ = session_->era();
  version_ = session_->version();
  is_suspect_ = false;
  log_->debug("MCP session begun",
              {{"server", spec_.name}, {"version", version_}, {"says_it_is", session_->server_name()}});
  return look_at_tools();
}

// With the mutex held.
Error Client::give_up(const Error& error) {
  pace_.did_not_start(clock_->now(), error);
  era_ = Era::Unknown;  // it may have been replaced by a newer one
  session_.reset();
  log_->warn("An MCP server cannot be used", {{"server", spec_.name}, {"problem", error.message}});
  return named(not_called(error));
}

// With the mutex held.
void Client::check_suspect(milliseconds timeout) {
  if (!session_ || !is_suspect_ || !session_->is_open()) return;
  if (session_->is_alive(std::min(kSignOfLife, timeout / 4))) {
    is_suspect_ = false;
    return;
  }
  log_->warn("An MCP server that does not answer is started again", {{"server", spec_.name}});
  pace_.has_ended(clock_->now(), {ErrorCode::Unavailable, "It does not answer."});
  session_.reset();
}

Result<std::shared_ptr<Session>> Client::session(milliseconds timeout) {
  // By the wall clock, because ThreadSanitizer does not know the lock that waits by the steady one.
  std::unique_lock lock{mutex_, std::chrono::system_clock::now() + timeout};
  if (!lock.owns_lock()) {
    return fail(
        named({ErrorCode::Unavailable, "It is being started, which takes longer than the call may."}));
  }
  check_suspect(timeout);
  if (session_ && session_->is_open()) {
    const bool is_due = !spec_.pin.empty() && clock_->now() - looked_at_ >= kPinHolds;
    if (!is_list_stale_->load() && !is_due) return session_;
    if (const auto looked = look_at_tools(); !looked) return fail(give_up(looked.error()));
    return session_;
  }
  if (const auto may_start = pace_.may_start(clock_->now()); !may_start)
    return fail(named(may_start.error()));
  if (const auto begun = begin(); !begun) return fail(give_up(begun.error()));
  return session_;
}

Result<boost::json::value> Client::call(const std::string& tool, const boost::json::object& arguments,
                                        const CallOptions& options) {
  BOOST_OUTCOME_TRY(const auto session, this->session(options.timeout));
  const auto result = session->call_tool(tool, arguments, options);
  if (!result) {
    if (result.error().code == ErrorCode::TimedOut) is_suspect_ = true;
    if (session->has_just_ended()) pace_.has_ended(clock_->now(), result.error());
    return fail(named(result.error()));
  }
  pace_.has_worked();
  return to_output(result.value());
}

Session::Connect connect_to(const ServerSpec& spec, std::shared_ptr<const secrets::Redactor> redactor,
                            std::shared_ptr<telemetry::Log> log) {
  if (!spec.url.empty()) {
    auto http = std::make_shared<http::CurlClient>();
    return [spec, http](FromServer from) -> Result<std::unique_ptr<Transport>> {
      return std::unique_ptr<Transport>(std::make_unique<HttpTransport>(
          http, spec.url, http::Headers(spec.headers.begin(), spec.headers.end()), std::move(from)));
    };
  }
  Command command{.arguments = spec.command, .environment = spec.environment};
  command.environment.merge(minimal_environment());
  const auto lines = std::make_shared<ServerLog>(spec.name, std::move(redactor), std::move(log));
  return [command = std::move(command), lines](FromServer from) -> Result<std::unique_ptr<Transport>> {
    BOOST_OUTCOME_TRY(auto transport,
                      StdioTransport::start(command, std::move(from),
                                            [lines](std::string_view line) { lines->take(line); }));
    return std::unique_ptr<Transport>(std::move(transport));
  };
}

}  // namespace ebagent::mcp
