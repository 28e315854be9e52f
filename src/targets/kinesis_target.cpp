#include "targets/kinesis_target.hpp"

#include <boost/json.hpp>
#include <optional>
#include <string>
#include <utility>

#include "aws/arn.hpp"
#include "core/json.hpp"
#include "targets/outcome.hpp"
#include "targets/target_parts.hpp"
#include "transform/path.hpp"

namespace ebagent::targets {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxPartitionKey = 256;

// Cut at a whole character.
std::string cut(std::string text, std::size_t bytes) {
  if (text.size() <= bytes) return text;
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xC0U) == 0x80U) --bytes;
  text.resize(bytes);
  return text;
}

std::string partition_key(const store::Delivery& delivery) {
  const json::object parameters = target_parameters(*delivery.route, "KinesisParameters");
  if (std::string key = text_member(parameters, "PartitionKey"); !key.empty()) return key;
  const std::string path_text = text_member(parameters, "PartitionKeyPath");
  if (path_text.empty()) return delivery.event_id;
  const auto path = transform::Path::parse(path_text);
  json::error_code no_json;
  const json::value event = json::parse(*delivery.event, no_json);
  const json::value* found = path && !no_json ? path.value().find(event) : nullptr;
  if (found == nullptr || found->is_null()) return delivery.event_id;
  std::string key = found->is_string() ? std::string{found->get_string()} : core::write_json(*found);
  return key.empty() ? delivery.event_id : cut(std::move(key), kMaxPartitionKey);
}

// What stands behind the '/' of an ARN's resource, "stream/NAME".
std::optional<std::string> name_behind(const aws::Arn& arn, std::string_view kind) {
  const auto slash = arn.resource.find('/');
  if (slash == std::string::npos || arn.resource.substr(0, slash) != kind) return std::nullopt;
  return arn.resource.substr(slash + 1);
}

delivery::SendOutcome outcome(AwsAnswer answer) {
  if (auto* refusal = std::get_if<AwsRefusal>(&answer)) return std::move(refusal->outcome);
  return delivery::Delivered{};
}

}  // namespace

delivery::SendOutcome KinesisTarget::send(const store::Delivery& delivery) {
  const std::string& target = delivery.route->target_arn;
  const auto arn = aws::parse_arn(target);
  const auto name = arn ? name_behind(*arn, "stream") : std::nullopt;
  if (!name) return no_resource(target + " is no ARN of a Kinesis stream.");
  const json::object request{{"StreamName", *name},
                             {"StreamARN", target},
                             {"PartitionKey", partition_key(delivery)},
                             {"Data", base64(delivery::payload(delivery))}};
  return outcome(aws_.call_json(aws::Service::Kinesis, arn->region, "1.1", "Kinesis_20131202.PutRecord",
                                core::write_json(request)));
}

delivery::SendOutcome FirehoseTarget::send(const store::Delivery& delivery) {
  const std::string& target = delivery.route->target_arn;
  const auto arn = aws::parse_arn(target);
  const auto name = arn ? name_behind(*arn, "deliverystream") : std::nullopt;
  if (!name) return no_resource(target + " is no ARN of a Firehose stream.");
  const json::object request{{"DeliveryStreamName", *name},
                             {"Record", json::object{{"Data", base64(delivery::payload(delivery))}}}};
  return outcome(aws_.call_json(aws::Service::Firehose, arn->region, "1.1", "Firehose_20150804.PutRecord",
                                core::write_json(request)));
}

}  // namespace ebagent::targets
