#pragma once

#include <atomic>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "ebagent/result.hpp"
#include "mcp/transport.hpp"

namespace ebagent::mcp {

// How a server speaks: by sessions that begin with `initialize` (up to 2025-11-25), or statelessly (2026-07-28).
enum class Era { Unknown, Legacy, Modern };

// Where folders are that a server may work in, as file: URIs.
using Roots = std::vector<std::string>;

// Bounds of a list of tools; more is no list for a model.
inline constexpr int kMaxListPages = 50;
inline constexpr std::size_t kMaxTools = 500;

// How long a server may take to answer the question for its era, before it counts as one of those that do not answer it.
inline constexpr std::chrono::milliseconds kProbeTime{5'000};
// How often a server may want more before it gives a tool's result.
inline constexpr int kMaxRounds = 4;

struct SessionSettings {
  Roots roots = {};
  std::chrono::milliseconds start_timeout{30'000};
  std::chrono::milliseconds probe_timeout = kProbeTime;
};

// What a call of a tool takes along.
struct CallOptions {
  std::chrono::milliseconds timeout{60'000};
  std::string idempotency_key = {};
  std::vector<std::pair<std::string, std::string>> headers = {};  // Mcp-Param-…
};

// A conversation with one server over one connection, in the words of the era that the server speaks. Errors say what went
// wrong: TimedOut when the server may have acted and nobody knows, Unavailable when it did not.
// Thread safety: every member may be called from any thread.
class Session {
 public:
  // Opens a connection. Called again when the server goes away at a question that older ones do not know.
  using Connect = std::function<Result<std::unique_ptr<Transport>>(FromServer)>;

  // Finds out the era, unless it is known, and begins. `on_list_changed` is called, on any thread, when the server says that its
  // tools changed.
  [[nodiscard]] static Result<std::unique_ptr<Session>> open(const Connect& connect, SessionSettings settings,
                                                             Era era, std::function<void()> on_list_changed);

  // All tools as the server describes them, each an object with a name. LimitExceeded past the bounds.
  [[nodiscard]] Result<boost::json::array> list_tools(std::chrono::milliseconds timeout);

  // The result of a call: an object with content, structuredContent, isError.
  [[nodiscard]] Result<boost::json::object> call_tool(const std::string& name,
                                                      const boost::json::object& arguments,
                                                      const CallOptions& options);

  // Whether the server answers at all.
  [[nodiscard]] bool is_alive(std::chrono::milliseconds timeout);
  [[nodiscard]] bool is_open() const { return transport_->is_open(); }
  // True for one caller once the connection is over.
  [[nodiscard]] bool has_just_ended() { return !is_open() && !is_end_told_.exchange(true); }
  [[nodiscard]] Era era() const { return era_; }
  [[nodiscard]] const std::string& version() const { return version_; }
  // As the server names itself: for people to read, not to be relied upon.
  [[nodiscard]] const std::string& server_name() const { return server_name_; }

 private:
  Session(SessionSettings settings) : settings_(std::move(settings)) {}

  Result<void> connect(const Connect& connect, const std::function<void()>& on_list_changed);
  Result<void> find_era(const Connect& connect, const std::function<void()>& on_list_changed);
  Result<void> initialize();
  Result<void> adopt(const boost::json::object& discovered);
  Answer discover();
  Answer ask(Outgoing outgoing, std::chrono::milliseconds timeout);
  [[nodiscard]] Result<boost::json::object> answer_inputs(const boost::json::object& result) const;
  [[nodiscard]] boost::json::object capabilities() const;

  const SessionSettings settings_;
  Era era_ = Era::Unknown;
  std::string version_;
  std::string server_name_;
  std::unique_ptr<Transport> transport_;
  std::atomic<bool> is_end_told_{false};
};

}  // namespace ebagent::mcp
