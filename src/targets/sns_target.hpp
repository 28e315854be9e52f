#pragma once

#include "targets/aws_client.hpp"

namespace ebagent::targets {

// arn:aws:sns:REGION:ACCOUNT:TOPIC: publishes the input as a message.
// Source: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
class SnsTarget final : public delivery::TargetSender {
 public:
  // The client must outlive it.
  explicit SnsTarget(AwsClient& aws) : aws_(aws) {}
  [[nodiscard]] delivery::SendOutcome send(const store::Delivery& delivery) override;

 private:
  AwsClient& aws_;
};

}  // namespace ebagent::targets
