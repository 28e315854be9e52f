#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "connections/connections.hpp"
#include "connections/rate_limit.hpp"
#include "connections/token_source.hpp"
#include "delivery/target_sender.hpp"
#include "ebagent/clock.hpp"
#include "http/client.hpp"

namespace ebagent::connections {

// API destinations as targets: arn:aws:events:REGION:ACCOUNT:api-destination/NAME/UUID. Deliveries above the destination's
// rate are postponed, so that no worker waits for them; so are those whose connection has no first token yet. A refused
// OAuth token is renewed once, within the attempt. Source:
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-api-destinations.html
class ApiDestinationTarget final : public delivery::TargetSender {
 public:
  // The references must outlive it.
  ApiDestinationTarget(Connections& connections, TokenSource& tokens, http::Client& http, const Clock& clock)
      : connections_(connections), tokens_(tokens), http_(http), clock_(clock) {}

  [[nodiscard]] delivery::SendOutcome send(const store::Delivery& delivery) override;

 private:
  [[nodiscard]] std::optional<TimePoint> wait_for_turn(const ApiDestination& destination,
                                                       const store::Delivery& delivery);
  [[nodiscard]] delivery::SendOutcome invoke(const ApiDestination& destination, const Connection& connection,
                                             const store::Delivery& delivery);
  [[nodiscard]] delivery::SendOutcome invoke_with_token(const ApiDestination& destination,
                                                        const Connection& connection,
                                                        const boost::json::object& auth,
                                                        const store::Delivery& delivery);

  Connections& connections_;
  TokenSource& tokens_;
  http::Client& http_;
  const Clock& clock_;
  std::mutex mutex_;
  std::map<std::string, RateLimit, std::less<>> limits_;  // by destination ARN; guarded by mutex_
};

}  // namespace ebagent::connections
