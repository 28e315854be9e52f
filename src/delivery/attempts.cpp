#include "delivery/attempts.hpp"

#include <algorithm>
#include <exception>
#include <optional>
#include <utility>
#include <variant>

namespace ebagent::delivery {
namespace {

SendOutcome send_guarded(const SenderTable& senders, const store::Delivery& delivery, Record& record) {
  try {
    return senders.send(delivery, record);
  } catch (const std::exception& thrown) {
    return Retry{std::string{kInternalError}, thrown.what()};
  } catch (...) {
    return Retry{std::string{kInternalError}, "The sender threw something that is no std::exception."};
  }
}

}  // namespace

Attempts::Attempts(const SenderTable& senders, const Clock& clock, core::Random& random,
                   const RetrySettings& retry, const CircuitSettings& circuit,
                   std::function<void(const CircuitChange&)> on_circuit)
    : senders_(senders), clock_(clock), policy_(retry, random), circuits_(circuit, std::move(on_circuit)) {}

AttemptCounts Attempts::counts() const {
  return {.delivered = delivered_,
          .retried = retried_,
          .dead = dead_,
          .postponed = postponed_,
          .circuits_opened = circuits_.opened()};
}

Outcome Attempts::make(const store::Delivery& delivery) {
  const store::Route& route = *delivery.route;
  if (route.reshapes_input && !delivery.input) {
    return {verdict(delivery, Fail{std::string{kInvalidJson}, "The input of target " + route.target_id +
                                                                  " could not be made of the event."})};
  }
  if (RetryPolicy::is_too_old_to_retry(delivery, clock_.now())) {
    ++dead_;
    store::MarkDead late = dead(delivery, std::string{kTimeout},
                                "The event grew older than " + std::to_string(route.max_age.count()) +
                                    " s before it could be sent again.",
                                kAgeExhausted);
    late.attempts = delivery.attempts;
    return {std::move(late)};
  }
  if (const auto open = circuits_.admit(route.target_arn, clock_.now())) return {put_off(delivery, *open)};
  Record record{.event_id = delivery.event_id, .delivery = delivery.seq};
  SendOutcome outcome = send_guarded(senders_, delivery, record);
  circuits_.record(route.target_arn, outcome, clock_.now());
  if (const auto* postponed = std::get_if<Postpone>(&outcome)) {
    return {put_off(delivery, {postponed->until, postponed->code, postponed->message}), std::move(record)};
  }
  return {verdict(delivery, std::move(outcome)), std::move(record)};
}

// The target is down, or it is not the delivery's turn. No attempt is made or counted; an event that grows too old meanwhile dies of that.
store::Write Attempts::put_off(const store::Delivery& delivery, const Circuits::Open& open) {
  const TimePoint expiry = delivery.accepted + delivery.route->max_age;
  if (clock_.now() >= expiry) {
    ++dead_;
    store::MarkDead late = dead(delivery, open.code, open.message, kAgeExhausted);
    late.attempts = delivery.attempts;
    return late;
  }
  ++postponed_;
  return store::Reschedule{.seq = delivery.seq,
                           .due = std::min(open.until, expiry),
                           .attempts = delivery.attempts,
                           .last_error = open.code + ": " + open.message};
}

store::MarkDead Attempts::dead(const store::Delivery& delivery, std::string code, std::string message,
                               std::string exhausted_condition) {
  return {.seq = delivery.seq,
          .at = clock_.now(),
          .attempts = delivery.attempts + 1,
          .error_code = std::move(code),
          .error_message = std::move(message),
          .exhausted_condition = std::move(exhausted_condition)};
}

store::Write Attempts::verdict(const store::Delivery& delivery, SendOutcome outcome) {
  const TimePoint now = clock_.now();
  const int attempts = delivery.attempts + 1;
  if (std::holds_alternative<Delivered>(outcome)) {
    ++delivered_;
    return store::MarkDelivered{.seq = delivery.seq, .at = now, .attempts = attempts};
  }
  if (auto* failed = std::get_if<Fail>(&outcome)) {
    ++dead_;
    return dead(delivery, std::move(failed->code), std::move(failed->message), {});
  }
  auto& retry = std::get<Retry>(outcome);
  const auto decision = policy_.decide(delivery, retry, now);
  if (const auto* again = std::get_if<RetryAt>(&decision)) {
    ++retried_;
    return store::Reschedule{.seq = delivery.seq,
                             .due = again->due,
                             .attempts = attempts,
                             .last_error = retry.code + ": " + retry.message};
  }
  ++dead_;
  return dead(delivery, std::move(retry.code), std::move(retry.message),
              std::get<GiveUp>(decision).exhausted_condition);
}

}  // namespace ebagent::delivery
