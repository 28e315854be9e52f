#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "delivery/target_sender.hpp"
#include "store/store.hpp"

namespace ebagent::targets::testing {

inline constexpr const char* kEvent =
    R"({"version":"0","id":"7e8f","detail-type":"Order ü","source":"shop","account":"123456789012",)"
    R"("time":"2026-11-24T11:29:04Z","region":"eu-west-1","resources":["arn:aws:x:::r"],"detail":{"n":1.50}})";

// A delivery of kEvent to a target, whose other members `parameters` are JSON members: `,"SqsParameters":{...}`.
inline store::Delivery delivery_to(const std::string& arn, const std::string& parameters = {},
                                   std::optional<std::string> input = {}) {
  store::Route route{.bus = "default",
                     .rule_arn = "arn:aws:events:eu-west-1:123456789012:rule/orders",
                     .target_id = "target-1",
                     .target_arn = arn,
                     .target_json = R"({"Id":"target-1","Arn":")" + arn + "\"" + parameters + "}"};
  return {.seq = 1,
          .event_id = "7e8f",
          .event = std::make_shared<const std::string>(kEvent),
          .input = std::move(input),
          .route = std::make_shared<const store::Route>(std::move(route)),
          .accepted = TimePoint{std::chrono::seconds{1'000}}};
}

// "delivered", "retry CODE", "down CODE" or "fail CODE".
inline std::string verdict(const delivery::SendOutcome& outcome) {
  if (const auto* retry = std::get_if<delivery::Retry>(&outcome)) {
    return (retry->is_down ? "down " : "retry ") + retry->code;
  }
  if (const auto* fail = std::get_if<delivery::Fail>(&outcome)) return "fail " + fail->code;
  return "delivered";
}

inline std::string message(const delivery::SendOutcome& outcome) {
  if (const auto* retry = std::get_if<delivery::Retry>(&outcome)) return retry->message;
  if (const auto* fail = std::get_if<delivery::Fail>(&outcome)) return fail->message;
  return {};
}

}  // namespace ebagent::targets::testing
