#include "targets/logs_target.hpp"

#include <boost/json.hpp>
#include <cstdint>
#include <optional>
#include <utility>

#include "aws/arn.hpp"
#include "core/json.hpp"
#include "core/time_format.hpp"
#include "targets/outcome.hpp"

namespace ebagent::targets {
namespace {

namespace json = boost::json;

constexpr std::string_view kMissing = "ResourceNotFoundException";

struct LogEvent {
  std::int64_t timestamp;  // milliseconds since 1970
  std::string message;
};

std::optional<std::int64_t> timestamp_of(const json::value& value) {
  if (const auto* text = value.if_string()) {
    const auto time = core::parse_rfc3339(*text);
    return time ? std::optional{std::int64_t{time.value().time_since_epoch().count()}} : std::nullopt;
  }
  json::error_code no_number;
  const auto number = value.to_number<std::int64_t>(no_number);
  return no_number ? std::nullopt : std::optional{number};
}

// The input itself says time and message, when it has these two members and no others.
std::optional<LogEvent> shaped_event(const std::string& input) {
  json::error_code no_json;
  const json::value value = json::parse(input, no_json);
  const auto* object = no_json ? nullptr : value.if_object();
  if (object == nullptr || object->size() != 2) return std::nullopt;
  const auto* timestamp = object->if_contains("timestamp");
  const auto* message = object->if_contains("message");
  if (timestamp == nullptr || message == nullptr) return std::nullopt;
  const auto time = timestamp_of(*timestamp);
  if (!time) return std::nullopt;
  const auto* text = message->if_string();
  return LogEvent{*time, text != nullptr ? std::string{*text} : core::write_json(*message)};
}

LogEvent log_event(const store::Delivery& delivery) {
  if (delivery.input) {
    if (auto shaped = shaped_event(*delivery.input)) return *std::move(shaped);
  }
  return {delivery.accepted.time_since_epoch().count(), delivery::payload(delivery)};
}

// arn:...:rule/NAME or rule/BUS/NAME
std::string rule_name(const std::string& rule_arn) {
  const auto slash = rule_arn.rfind('/');
  return slash == std::string::npos ? rule_arn : rule_arn.substr(slash + 1);
}

// A stream's name may hold neither ':' nor '*'.
std::string stream_name(const store::Route& route) {
  std::string name = rule_name(route.rule_arn) + "/" + route.target_id;
  for (char& c : name) {
    if (c == ':' || c == '*') c = '-';
  }
  return name;
}

// Log events too old or too new are refused within a successful answer.
bool has_rejected(const std::string& answer) {
  json::error_code no_json;
  const json::value value = json::parse(answer, no_json);
  const auto* object = no_json ? nullptr : value.if_object();
  const auto* rejected = object == nullptr ? nullptr : object->if_contains("rejectedLogEventsInfo");
  return rejected != nullptr && rejected->is_object() && !rejected->get_object().empty();
}

}  // namespace

AwsAnswer LogsTarget::put(const Stream& stream, const store::Delivery& delivery) {
  LogEvent event = log_event(delivery);
  const json::object request{{"logGroupName", stream.group},
                             {"logStreamName", stream.name},
                             {"logEvents", json::array{json::object{{"timestamp", event.timestamp},
                                                                    {"message", std::move(event.message)}}}}};
  return aws_.call_json(aws::Service::Logs, stream.region, "1.1", "Logs_20140328.PutLogEvents",
                        core::write_json(request));
}

AwsAnswer LogsTarget::create(const Stream& stream) {
  const json::object request{{"logGroupName", stream.group}, {"logStreamName", stream.name}};
  auto answer = aws_.call_json(aws::Service::Logs, stream.region, "1.1", "Logs_20140328.CreateLogStream",
                               core::write_json(request));
  const auto* refusal = std::get_if<AwsRefusal>(&answer);
  if (refusal != nullptr && refusal->code == "ResourceAlreadyExistsException") return std::string{};
  return answer;
}

delivery::SendOutcome LogsTarget::send(const store::Delivery& delivery) {
  constexpr std::string_view kGroup = "log-group:";
  const std::string& target = delivery.route->target_arn;
  const auto arn = aws::parse_arn(target);
  if (!arn || !arn->resource.starts_with(kGroup)) {
    return no_resource(target + " is no ARN of a log group, arn:aws:logs:REGION:ACCOUNT:log-group:NAME.");
  }
  std::string group = arn->resource.substr(kGroup.size());
  if (group.ends_with(":*")) group.resize(group.size() - 2);
  const Stream stream{.region = arn->region, .group = group, .name = stream_name(*delivery.route)};
  auto answer = put(stream, delivery);
  if (const auto* refusal = std::get_if<AwsRefusal>(&answer);
      refusal != nullptr && refusal->code == kMissing) {
    if (auto made = create(stream); std::holds_alternative<AwsRefusal>(made)) {
      return std::move(std::get<AwsRefusal>(made).outcome);
    }
    answer = put(stream, delivery);
  }
  if (auto* refusal = std::get_if<AwsRefusal>(&answer)) return std::move(refusal->outcome);
  if (has_rejected(std::get<std::string>(answer))) {
    return invalid_parameter(
        "CloudWatch Logs refused the timestamp of the log event: it is too old or too new.");
  }
  return delivery::Delivered{};
}

}  // namespace ebagent::targets
