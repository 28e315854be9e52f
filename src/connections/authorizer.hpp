#pragma once

#include <functional>
#include <map>
#include <stop_token>
#include <string>

#include "connections/connections.hpp"
#include "connections/token_source.hpp"
#include "ebagent/clock.hpp"
#include "ebagent/result.hpp"

namespace ebagent::connections {

// Gets connections with OAuth their first token: those that are Authorizing become Authorized, or Deauthorized when the
// endpoint refuses. While it cannot be reached they stay as they are, with the reason shown, and it is asked again with
// growing pauses. Thread safety: tick() and run_until_stopped() belong to one thread.
class Authorizer {
 public:
  // The references must outlive it.
  Authorizer(Connections& connections, TokenSource& tokens, const Clock& clock)
      : connections_(connections), tokens_(tokens), clock_(clock) {}

  // Asks once for each connection whose turn it is.
  Result<void> tick(TimePoint now);
  // Ticks until `stop` is requested. `on_error` hears of changes that could not be written.
  void run_until_stopped(std::stop_token stop, const std::function<void(const Error&)>& on_error);

 private:
  struct Turn {
    std::string sealed;  // of which secrets
    TimePoint due;
    Duration pause;
  };

  Connections& connections_;
  TokenSource& tokens_;
  const Clock& clock_;
  std::map<std::string, Turn> turns_;  // by ARN, of connections that were asked for in vain
};

}  // namespace ebagent::connections
