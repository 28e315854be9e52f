#include "targets/sns_target.hpp"

#include <string>
#include <utility>

#include "aws/arn.hpp"
#include "core/percent.hpp"
#include "targets/outcome.hpp"
#include "targets/target_parts.hpp"

namespace ebagent::targets {

delivery::SendOutcome SnsTarget::send(const store::Delivery& delivery) {
  const store::Route& route = *delivery.route;
  const auto arn = aws::parse_arn(route.target_arn);
  if (!arn) return no_resource(route.target_arn + " is no ARN of an SNS topic.");
  std::string body = "Action=Publish&Version=2010-03-31&TopicArn=" + core::percent_encode(route.target_arn) +
                     "&Message=" + core::percent_encode(delivery::payload(delivery));
  if (route.target_arn.ends_with(".fifo")) {
    // EventBridge has no topics in order; a group for each rule keeps what one rule sends in order of arrival.
    body += "&MessageGroupId=" + core::percent_encode(route.target_id) +
            "&MessageDeduplicationId=" + delivery_id(delivery);
  }
  auto answer = aws_.call({.service = aws::Service::Sns,
                           .region = arn->region,
                           .headers = {{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}},
                           .body = std::move(body)});
  if (auto* refusal = std::get_if<AwsRefusal>(&answer)) return std::move(refusal->outcome);
  return delivery::Delivered{};
}

}  // namespace ebagent::targets
