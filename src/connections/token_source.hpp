#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <variant>

#include "connections/connections.hpp"
#include "ebagent/clock.hpp"
#include "http/client.hpp"

namespace ebagent::connections {

// Why there is no token. The reason names the endpoint's host and what it said, never what was sent to it.
struct NoToken {
  bool is_refused = false;  // asking again will not help
  std::string reason = {};
};
using TokenOutcome = std::variant<std::string, NoToken>;  // what stands in the header Authorization

// OAuth tokens of connections, asked for when they are first needed and kept in memory until shortly before they expire. Who
// needs the token of one connection at the same time waits for one request, also for one that fails: a failure counts for a
// second, so that those who wait for an endpoint that is down do not wait one after the other. Thread safety: every member may be called from
// any thread.
class TokenSource {
 public:
  // The references must outlive it.
  TokenSource(const Connections& connections, http::Client& http, const Clock& clock)
      : connections_(connections), http_(http), clock_(clock) {}

  // May wait for the token endpoint, at most as long as a destination may take.
  [[nodiscard]] TokenOutcome token(const Connection& connection);
  // The token was refused: the next call asks for another, unless somebody else did already.
  void forget(const Connection& connection, const std::string& token);

 private:
  struct Entry {
    std::mutex asking;   // guards what follows; held while the endpoint is asked
    std::string sealed;  // the secrets that the token was asked for with
    std::string token;
    TimePoint expires;
    NoToken failure;  // of the last request
    TimePoint failure_counts_until;
  };

  [[nodiscard]] std::shared_ptr<Entry> entry(const std::string& arn);
  [[nodiscard]] TokenOutcome ask(const Connection& connection, Entry& entry);
  [[nodiscard]] TokenOutcome request(const Connection& connection, Entry& entry);

  const Connections& connections_;
  http::Client& http_;
  const Clock& clock_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Entry>, std::less<>>
      entries_;  // by connection ARN; guarded by mutex_
};

}  // namespace ebagent::connections
