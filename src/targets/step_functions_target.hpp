#pragma once

#include "targets/aws_client.hpp"

namespace ebagent::targets {

// arn:aws:states:REGION:ACCOUNT:stateMachine:NAME: starts an execution with the input. Its name is the same for every
// attempt at one delivery, so that a repetition is no second execution.
// Source: https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
class StepFunctionsTarget final : public delivery::TargetSender {
 public:
  // The client must outlive it.
  explicit StepFunctionsTarget(AwsClient& aws) : aws_(aws) {}
  [[nodiscard]] delivery::SendOutcome send(const store::Delivery& delivery) override;

 private:
  AwsClient& aws_;
};

}  // namespace ebagent::targets
