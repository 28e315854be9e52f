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

std::optional<TimePoint> age_from(const store::Delivery& delivery, Duration excused) {
  const Duration all = delivery.waited + excused;
  return all.count() == 0 ? std::nullopt : std::optional{delivery.accepted + all};
}

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

std::variant<Outcome, AwaitSlot> Attempts::make(const store::Delivery& delivery) {
  const store::Route& route = *delivery.route;
  if (route.reshapes_input && !delivery.input) {
    return Outcome{verdict(
        delivery, Fail{std::string{kInvalidJson},
                       "The input of target " + route.target_id + " could not be made of the event."})};
  }
  if (RetryPolicy::is_too_old_to_retry(delivery, clock_.now())) {
    ++dead_;
    store::MarkDead late = dead(delivery, std::string{kTimeout},
                                "The event grew older than " + std::to_string(route.max_age.count()) +
                                    " s before it could be sent again.",
                                kAgeExhausted);
    late.attempts = delivery.attempts;
    return Outcome{std::move(late)};
  }
  if (auto open = circuits_.admit(route.target_arn, clock_.now())) {
    return Outcome{put_off(delivery, Postpone{open->until, std::move(open->code), std::move(open->message)})};
  }
  Record record{.event_id = delivery.event_id, .delivery = delivery.seq};
  SendOutcome outcome = send_guarded(senders_, delivery, record);
  circuits_.record(route.target_arn, outcome, clock_.now());
  if (auto* await = std::get_if<AwaitSlot>(&outcome)) return std::move(*await);
  if (const auto* postponed = std::get_if<Postpone>(&outcome)) {
    return Outcome{put_off(delivery, *postponed), std::move(record)};
  }
  return Outcome{verdict(delivery, std::move(outcome)), std::move(record)};
}

// The target is down, or it is not the delivery's turn. No attempt is made or counted. An event that grows too old meanwhile dies
// of that, unless it does not grow older.
store::Write Attempts::put_off(const store::Delivery& delivery, const Postpone& postponed) {
  const TimePoint now = clock_.now();
  const TimePoint expiry = RetryPolicy::expiry(delivery);
  if (!postponed.stops_age && now >= expiry) {
    ++dead_;
    store::MarkDead late = dead(delivery, postponed.code, postponed.message, kAgeExhausted);
    late.attempts = delivery.attempts;
    return late;
  }
  ++postponed_;
  const Duration excused = postponed.stops_age ? std::max(postponed.until - now, Duration{0}) : Duration{0};
  return store::Reschedule{.seq = delivery.seq,
                           .due = postponed.stops_age ? postponed.until : std::min(postponed.until, expiry),
                           .attempts = delivery.attempts,
                           .last_error = postponed.code + ": " + postponed.message,
                           .age_from = age_from(delivery, excused)};
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
                             .last_error = retry.code + ": " + retry.message,
                             .age_from = age_from(delivery)};
  }
  ++dead_;
  return dead(delivery, std::move(retry.code), std::move(retry.message),
              std::get<GiveUp>(decision).exhausted_condition);
}

}  // namespace ebagent::delivery
