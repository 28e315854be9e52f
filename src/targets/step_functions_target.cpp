#include "targets/step_functions_target.hpp"

#include <string>
#include <utility>

#include "aws/arn.hpp"
#include "core/json.hpp"
#include "targets/outcome.hpp"
#include "targets/target_parts.hpp"

namespace ebagent::targets {

delivery::SendOutcome StepFunctionsTarget::send(const store::Delivery& delivery) {
  const std::string& target = delivery.route->target_arn;
  const auto arn = aws::parse_arn(target);
  if (!arn) return no_resource(target + " is no ARN of a state machine.");
  std::string body{"{\"stateMachineArn\":"};
  core::append_json_string(body, target);
  body += ",\"name\":";
  core::append_json_string(body, delivery_id(delivery));
  body += ",\"input\":";
  core::append_json_string(body, delivery::payload(delivery));
  body += '}';
  auto answer = aws_.call_json(aws::Service::Sfn, arn->region, "1.0", "AWSStepFunctions.StartExecution",
                               std::move(body));
  auto* const refusal = std::get_if<AwsRefusal>(&answer);
  if (refusal == nullptr || refusal->code == "ExecutionAlreadyExists") return delivery::Delivered{};
  return std::move(refusal->outcome);
}

}  // namespace ebagent::targets
