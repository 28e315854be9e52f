#include "delivery/schedule_delivery.hpp"

#include <memory>
#include <string_view>

#include "core/time_format.hpp"
#include "ebagent/event.hpp"

namespace ebagent::delivery {
namespace {

constexpr std::string_view kAttemptNumber = "<aws.scheduler.attempt-number>";

std::string replaced(std::string text, const std::string& value) {
  for (auto at = text.find(kAttemptNumber); at != std::string::npos; at = text.find(kAttemptNumber, at)) {
    text.replace(at, kAttemptNumber.size(), value);
    at += value.size();
  }
  return text;
}

}  // namespace

bool is_of_schedule(const store::Route& route) {
  std::string_view arn = route.rule_arn;
  arn.remove_prefix(std::min(arn.size(), arn.find(':', std::string_view{"arn:"}.size())));
  return arn.starts_with(":scheduler:");
}

std::optional<store::Delivery> with_attempt_number(const store::Delivery& delivery, int attempt) {
  const std::string& text = payload(delivery);
  if (!is_of_schedule(*delivery.route) || text.find(kAttemptNumber) == std::string::npos) return std::nullopt;
  std::string numbered = replaced(text, std::to_string(attempt));
  store::Delivery with = delivery;
  if (with.input) {
    with.input = std::move(numbered);
  } else {
    with.event = std::make_shared<const std::string>(std::move(numbered));
  }
  return with;
}

std::vector<std::pair<std::string, std::string>> schedule_attributes(const store::Route& route,
                                                                     const std::string& event_json) {
  if (!is_of_schedule(route)) return {};
  std::vector<std::pair<std::string, std::string>> attributes;
  if (const auto event = parse_event(event_json, {})) {
    if (!event.value().resources.empty()) {
      attributes.emplace_back("SCHEDULE_ARN", event.value().resources.front());
    }
    attributes.emplace_back("SCHEDULED_TIME", core::format_utc_seconds(event.value().time));
    attributes.emplace_back("EXECUTION_ID", event.value().id);
  }
  attributes.emplace_back("IS_PAYLOAD_TRUNCATED", "false");
  return attributes;
}

SendOutcome UniversalTarget::send(const store::Delivery& delivery) {
  return Fail{std::string{kNoResource},
              "The universal target " + delivery.route->target_arn +
                  " cannot be called here. Name the resource itself as the target: an agent "
                  "(arn:aws:lambda:REGION:ACCOUNT:function:NAME) or an event bus."};
}

}  // namespace ebagent::delivery
