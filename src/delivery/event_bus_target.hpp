#pragma once

#include "bus/bus.hpp"
#include "bus/catalog.hpp"
#include "delivery/target_sender.hpp"

namespace ebagent::delivery {

// Sends events on to another event bus of this server, in any account and region: targets
// arn:aws:events:REGION:ACCOUNT:event-bus/NAME. What arrives keeps account, region and time of its origin; its id stays
// within a region and is new in another one. It is accepted there once, however often its delivery is repeated, and is
// not sent on to a third bus. Source:
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-bus-to-bus.html
class EventBusTarget final : public TargetSender {
 public:
  // Whether the policy of a bus of another account is asked.
  enum class Policies { Ignored, Enforced };

  // The references must outlive it.
  EventBusTarget(const bus::Catalog& catalog, bus::Bus& bus, Policies policies = Policies::Ignored)
      : catalog_(catalog), bus_(bus), policies_(policies) {}

  [[nodiscard]] SendOutcome send(const store::Delivery& delivery) override;
  // An event is accepted once, as it came first.
  [[nodiscard]] AttemptNumber attempt_number() const override { return AttemptNumber::AlwaysOne; }

 private:
  const bus::Catalog& catalog_;
  bus::Bus& bus_;
  const Policies policies_;
};

}  // namespace ebagent::delivery
