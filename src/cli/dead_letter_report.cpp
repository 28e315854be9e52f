#include "cli/dead_letter_report.hpp"

#include <algorithm>

#include "core/json.hpp"
#include "core/time_format.hpp"
#include "delivery/schedule_delivery.hpp"

namespace ebagent::cli {

namespace json = boost::json;

json::object to_json(const store::DeadLetter& letter) {
  // The attributes carry the names that EventBridge and its Scheduler give them in a dead-letter queue.
  json::object attributes{{"TARGET_ARN", letter.route.target_arn},
                          {"ERROR_CODE", letter.error_code},
                          {"ERROR_MESSAGE", letter.error_message},
                          {"EXHAUSTED_RETRY_CONDITION", letter.exhausted_condition},
                          {"RETRY_ATTEMPTS", std::max(0, letter.attempts - 1)}};
  if (!delivery::is_of_schedule(letter.route)) attributes["RULE_ARN"] = letter.route.rule_arn;
  for (const auto& [name, value] : delivery::schedule_attributes(letter.route, letter.event)) {
    attributes[name] = value;
  }
  return {{"id", letter.seq},
          {"event_id", letter.event_id},
          {"accepted", core::format_utc_millis(letter.accepted)},
          {"died", core::format_utc_millis(letter.died)},
          {"attributes", std::move(attributes)}};
}

json::value event_of(const store::DeadLetter& letter) {
  auto parsed = core::parse_json(letter.event);
  return parsed ? std::move(parsed).value() : json::value(letter.event);
}

}  // namespace ebagent::cli
