#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "delivery/target_sender.hpp"
#include "store/store.hpp"

namespace ebagent::delivery {

// Whether deliveries of this route come from EventBridge Scheduler rather than from a rule.
[[nodiscard]] bool is_of_schedule(const store::Route& route);

// The delivery with its number of the attempt in the place of <aws.scheduler.attempt-number>; nullopt when it
// stands nowhere in a delivery of a schedule.
// Source: https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html
[[nodiscard]] std::optional<store::Delivery> with_attempt_number(const store::Delivery& delivery,
                                                                 int attempt);

// What a dead letter of a schedule says besides what every dead letter says: SCHEDULE_ARN, SCHEDULED_TIME,
// EXECUTION_ID, IS_PAYLOAD_TRUNCATED. Empty for one of a rule.
// Source: https://docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html
[[nodiscard]] std::vector<std::pair<std::string, std::string>> schedule_attributes(
    const store::Route& route, const std::string& event_json);

// Universal targets (arn:aws:scheduler:::aws-sdk:SERVICE:ACTION): kept with their schedules, but nothing here
// can call them, and their dead letters say so.
class UniversalTarget final : public TargetSender {
 public:
  [[nodiscard]] SendOutcome send(const store::Delivery& delivery) override;
};

}  // namespace ebagent::delivery
