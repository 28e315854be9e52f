#include "targets/sqs_target.hpp"

#include <boost/json.hpp>
#include <string>
#include <utility>

#include "aws/arn.hpp"
#include "core/json.hpp"
#include "core/percent.hpp"
#include "targets/outcome.hpp"
#include "targets/target_parts.hpp"

namespace ebagent::targets {
namespace {

namespace json = boost::json;

// The body may be a megabyte: it is written once, into the text that is sent.
std::string request_body(const SqsMessage& message, const std::string& queue_url) {
  std::string text{"{\"QueueUrl\":"};
  core::append_json_string(text, queue_url);
  text += ",\"MessageBody\":";
  core::append_json_string(text, message.body);
  if (!message.group_id.empty()) {
    text += ",\"MessageGroupId\":";
    core::append_json_string(text, message.group_id);
  }
  if (!message.deduplication_id.empty()) {
    text += ",\"MessageDeduplicationId\":";
    core::append_json_string(text, message.deduplication_id);
  }
  if (!message.attributes.empty()) {
    json::object attributes;
    for (const auto& [name, value] : message.attributes) {
      attributes[name] = json::object{{"DataType", "String"}, {"StringValue", value}};
    }
    text += ",\"MessageAttributes\":" + core::write_json(attributes);
  }
  text += '}';
  return text;
}

bool is_fifo(const std::string& queue_arn) {
  return queue_arn.ends_with(".fifo");
}

}  // namespace

delivery::SendOutcome send_message(AwsClient& aws, const SqsMessage& message) {
  const auto arn = aws::parse_arn(message.queue_arn);
  if (!arn || arn->service != "sqs") return no_resource(message.queue_arn + " is no ARN of an SQS queue.");
  if (is_fifo(message.queue_arn) && message.group_id.empty()) {
    return invalid_parameter("The FIFO queue " + message.queue_arn +
                             " needs SqsParameters.MessageGroupId in the rule's target.");
  }
  const auto endpoint = aws.endpoint(aws::Service::Sqs, arn->region);
  if (!endpoint) return no_resource(aws::Endpoints::how_to_set(aws::Service::Sqs));
  const std::string url =
      *endpoint + "/" + core::percent_encode(arn->account) + "/" + core::percent_encode(arn->resource);
  auto answer = aws.call_json(aws::Service::Sqs, arn->region, "1.0", "AmazonSQS.SendMessage",
                              request_body(message, url));
  if (auto* refusal = std::get_if<AwsRefusal>(&answer)) return std::move(refusal->outcome);
  return delivery::Delivered{};
}

delivery::SendOutcome SqsTarget::send(const store::Delivery& delivery) {
  const store::Route& route = *delivery.route;
  SqsMessage message{.queue_arn = route.target_arn, .body = delivery::payload(delivery)};
  message.group_id = text_member(target_parameters(route, "SqsParameters"), "MessageGroupId");
  if (is_fifo(route.target_arn)) message.deduplication_id = delivery_id(delivery);
  return send_message(aws_, message);
}

}  // namespace ebagent::targets
