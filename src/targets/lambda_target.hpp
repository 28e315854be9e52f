#pragma once

#include <memory>
#include <utility>

#include "targets/aws_client.hpp"

namespace ebagent::targets {

// arn:aws:lambda:REGION:ACCOUNT:function:NAME[:QUALIFIER]. A function of that name among the agents of this server wins;
// what no agent answers to is invoked in Lambda, asynchronously, when an endpoint is set.
// Source: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
class LambdaTarget final : public delivery::TargetSender {
 public:
  // `agents` answers Fail NO_RESOURCE to functions that are none of its agents, and to nothing else. The client must
  // outlive the target.
  LambdaTarget(std::shared_ptr<delivery::TargetSender> agents, AwsClient& aws)
      : agents_(std::move(agents)), aws_(aws) {}
  [[nodiscard]] delivery::SendOutcome send(const store::Delivery& delivery) override;
  [[nodiscard]] delivery::SendOutcome send_on_record(const store::Delivery& delivery,
                                                     delivery::Record& record) override;
  // Agents are told 1, Lambda what was counted.
  [[nodiscard]] delivery::AttemptNumber attempt_number() const override {
    return delivery::AttemptNumber::BySender;
  }

 private:
  [[nodiscard]] delivery::SendOutcome unless_unknown(delivery::SendOutcome outcome,
                                                     const store::Delivery& delivery);
  [[nodiscard]] delivery::SendOutcome invoke(const store::Delivery& delivery);

  const std::shared_ptr<delivery::TargetSender> agents_;
  AwsClient& aws_;
};

}  // namespace ebagent::targets
