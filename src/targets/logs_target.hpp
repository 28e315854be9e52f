#pragma once

#include <string>

#include "targets/aws_client.hpp"

namespace ebagent::targets {

// arn:aws:logs:REGION:ACCOUNT:log-group:NAME[:*]: one log event a delivery, in the stream RULE/TARGET-ID, which is made
// when it is not there; the group must exist. The message is the input; an input of the form {"timestamp", "message"}, as
// an InputTransformer makes it, says both itself.
// Source: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
class LogsTarget final : public delivery::TargetSender {
 public:
  // The client must outlive it.
  explicit LogsTarget(AwsClient& aws) : aws_(aws) {}
  [[nodiscard]] delivery::SendOutcome send(const store::Delivery& delivery) override;

 private:
  struct Stream {
    std::string region;
    std::string group;
    std::string name;
  };

  [[nodiscard]] AwsAnswer put(const Stream& stream, const store::Delivery& delivery);
  [[nodiscard]] AwsAnswer create(const Stream& stream);

  AwsClient& aws_;
};

}  // namespace ebagent::targets
