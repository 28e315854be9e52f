#include "targets/lambda_target.hpp"

#include <string>
#include <utility>

#include "aws/arn.hpp"
#include "core/percent.hpp"
#include "delivery/schedule_delivery.hpp"
#include "targets/outcome.hpp"

namespace ebagent::targets {

delivery::SendOutcome LambdaTarget::send(const store::Delivery& delivery) {
  const auto numbered = delivery::with_attempt_number(delivery, 1);
  return unless_unknown(agents_->send(numbered ? *numbered : delivery), delivery);
}

delivery::SendOutcome LambdaTarget::send_on_record(const store::Delivery& delivery,
                                                   delivery::Record& record) {
  const auto numbered = delivery::with_attempt_number(delivery, 1);
  return unless_unknown(agents_->send_on_record(numbered ? *numbered : delivery, record), delivery);
}

// What the agents answered, or Lambda's answer when none of them has the name.
delivery::SendOutcome LambdaTarget::unless_unknown(delivery::SendOutcome outcome,
                                                   const store::Delivery& delivery) {
  auto* const failed = std::get_if<delivery::Fail>(&outcome);
  if (failed == nullptr || failed->code != delivery::kNoResource) return outcome;
  const auto arn = aws::parse_arn(delivery.route->target_arn);
  if (arn && aws_.endpoint(aws::Service::Lambda, arn->region)) {
    const auto numbered = delivery::with_attempt_number(delivery, delivery.attempts + 1);
    return invoke(numbered ? *numbered : delivery);
  }
  failed->message += " " + aws::Endpoints::how_to_set(aws::Service::Lambda);
  return outcome;
}

delivery::SendOutcome LambdaTarget::invoke(const store::Delivery& delivery) {
  // The qualifier goes into the query: not every emulator takes it within the name.
  std::string function = delivery.route->target_arn;
  std::string query;
  const auto arn = *aws::parse_arn(function);
  const auto colon = arn.resource.find(':', arn.resource.find(':') + 1);  // function:NAME:QUALIFIER
  if (colon != std::string::npos) {
    query = "Qualifier=" + core::percent_encode(arn.resource.substr(colon + 1));
    function.resize(function.size() - (arn.resource.size() - colon));
  }
  auto answer =
      aws_.call({.service = aws::Service::Lambda,
                 .region = arn.region,
                 .path = "/2015-03-31/functions/" + core::percent_encode(function) + "/invocations",
                 .query = std::move(query),
                 .headers = {{"Content-Type", "application/json"}, {"X-Amz-Invocation-Type", "Event"}},
                 .body = delivery::payload(delivery)});
  if (auto* refusal = std::get_if<AwsRefusal>(&answer)) return std::move(refusal->outcome);
  return delivery::Delivered{};
}

}  // namespace ebagent::targets
