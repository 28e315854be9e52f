#pragma once

#include <atomic>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "ebagent/clock.hpp"
#include "ebagent/result.hpp"
#include "mcp/restart_pace.hpp"
#include "mcp/server_spec.hpp"
#include "mcp/session.hpp"
#include "secrets/redactor.hpp"
#include "telemetry/log.hpp"

namespace ebagent::mcp {

// How long a server that let a call time out may take to show that it is there at all, before it is started again; less for a
// call that has no time for that.
inline constexpr std::chrono::milliseconds kSignOfLife{2'000};
// The list of a pinned server's tools is looked at again by a call so long after the last look.
inline constexpr Duration kPinHolds{60'000};

// One server of the configuration, whatever becomes of its processes and connections: begins a session when there is none,
// sees to it that its tools are those that were pinned, and tells calls that cannot be made why.
// Thread safety: every member may be called from any thread; calls run at the same time.
class Client {
 public:
  Client(ServerSpec spec, Session::Connect connect, std::shared_ptr<const Clock> clock,
         std::shared_ptr<telemetry::Log> log, std::chrono::milliseconds probe_timeout = kProbeTime);

  // The tools that are offered, as the server describes them. Begins the first session. Errors name the server.
  [[nodiscard]] Result<boost::json::array> tools();

  // Calls a tool by the server's own name. Unavailable and Conflict: it was not called. TimedOut: nobody knows.
  [[nodiscard]] Result<boost::json::value> call(const std::string& tool, const boost::json::object& arguments,
                                                const CallOptions& options);

  [[nodiscard]] const ServerSpec& spec() const { return spec_; }
  // Of the session that there is, or was last; empty before the first.
  [[nodiscard]] std::string version() const;

 private:
  Result<std::shared_ptr<Session>> session(std::chrono::milliseconds timeout);
  Result<void> begin();
  Result<void> look_at_tools();
  void check_suspect(std::chrono::milliseconds timeout);
  Error give_up(const Error& error);
  [[nodiscard]] Error named(const Error& error) const;

  const ServerSpec spec_;
  const Session::Connect connect_;
  const std::shared_ptr<const Clock> clock_;
  const std::shared_ptr<telemetry::Log> log_;
  const std::chrono::milliseconds probe_timeout_;
  // Both are set by threads that must not wait for the mutex. Shared, because a session may call back late.
  const std::shared_ptr<std::atomic<bool>> is_list_stale_ = std::make_shared<std::atomic<bool>>(false);
  std::atomic<bool> is_suspect_{false};  // a call timed out since its last sign of life
  RestartPace pace_;

  mutable std::timed_mutex mutex_;  // guards what follows, and is held while a session begins
  std::shared_ptr<Session> session_;
  Era era_ = Era::Unknown;
  std::string version_;
  boost::json::array tools_;
  std::string known_hash_;  // of the first list
  TimePoint looked_at_;     // when the list was
};

// The way to the server that its specification names: a program, or a URL. What a program writes to standard error goes to the
// log without the secrets.
[[nodiscard]] Session::Connect connect_to(const ServerSpec& spec,
                                          std::shared_ptr<const secrets::Redactor> redactor,
                                          std::shared_ptr<telemetry::Log> log);

}  // namespace ebagent::mcp
