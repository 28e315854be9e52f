#include "targets/dead_letter_queues.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <variant>

#include "core/ids.hpp"
#include "delivery/schedule_delivery.hpp"
#include "targets/sqs_target.hpp"

namespace ebagent::targets {
namespace {

constexpr std::size_t kBatch = 64;
constexpr std::chrono::milliseconds kPollInterval{500};

// A queue that did not take a dead letter is asked again when the letter is twice as old, within these bounds.
constexpr std::chrono::milliseconds kMinWait{1'000};
constexpr std::chrono::milliseconds kMaxWait{600'000};

// Of an error's text; what a queue takes as an attribute is part of the message's size.
constexpr std::size_t kMaxErrorMessage = 1'024;

// SQS takes tabs, line breaks and printable characters.
std::string printable(std::string text) {
  if (text.size() > kMaxErrorMessage) {
    std::size_t end = kMaxErrorMessage;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
    text.resize(end);
  }
  std::replace_if(
      text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
  return text;
}

// Whose delivery it was: a rule's, or one firing of a schedule.
std::map<std::string, std::string> origin_of(const store::DeadLetter& letter) {
  if (!delivery::is_of_schedule(letter.route)) return {{"RULE_ARN", letter.route.rule_arn}};
  const auto attributes = delivery::schedule_attributes(letter.route, letter.event);
  return {attributes.begin(), attributes.end()};
}

std::map<std::string, std::string> attributes_of(const store::DeadLetter& letter) {
  std::map<std::string, std::string> attributes{
      {"TARGET_ARN", letter.route.target_arn},
      {"ERROR_CODE", letter.error_code},
      {"ERROR_MESSAGE", printable(letter.error_message)},
      {"EXHAUSTED_RETRY_CONDITION", letter.exhausted_condition},
      {"RETRY_ATTEMPTS", std::to_string(std::max(0, letter.attempts - 1))}};
  attributes.merge(origin_of(letter));
  std::erase_if(attributes, [](const auto& attribute) { return attribute.second.empty(); });
  return attributes;
}

SqsMessage message_of(const store::DeadLetter& letter) {
  SqsMessage message{
      .queue_arn = letter.route.dead_letter_arn, .body = letter.event, .attributes = attributes_of(letter)};
  if (delivery::is_of_schedule(letter.route) && letter.input) message.body = *letter.input;
  if (message.queue_arn.ends_with(".fifo")) {
    message.group_id = letter.route.target_id;
    message.deduplication_id =
        core::uuid_from_name("dead letter/" + letter.route.rule_arn + "/" + letter.route.target_id + "/" +
                             letter.event_id + "/" + std::to_string(letter.died.time_since_epoch().count()));
  }
  return message;
}

std::string reason_of(const delivery::SendOutcome& outcome) {
  if (const auto* failed = std::get_if<delivery::Fail>(&outcome))
    return failed->code + ": " + failed->message;
  const auto& retry = std::get<delivery::Retry>(outcome);
  return retry.code + ": " + retry.message;
}

}  // namespace

// `down_queues` have failed in this batch: nobody's letters wait for another time-out of theirs.
store::Write DeadLetterQueues::send(const store::DeadLetter& letter, std::set<std::string>& down_queues) {
  const std::string& queue = letter.route.dead_letter_arn;
  if (!down_queues.contains(queue)) {
    const auto outcome = send_message(aws_, message_of(letter));
    if (std::holds_alternative<delivery::Delivered>(outcome)) {
      return store::DeadLetterSent{.seq = letter.seq, .died = letter.died};
    }
    down_queues.insert(queue);
    on_error_({ErrorCode::Unavailable, "Dead letter " + std::to_string(letter.seq) + " stays here until " +
                                           queue + " takes it. " + reason_of(outcome)});
  }
  const TimePoint now = clock_.now();
  const auto wait = std::clamp<std::chrono::milliseconds>(now - letter.died, kMinWait, kMaxWait);
  return store::PostponeDeadLetter{.seq = letter.seq, .due = now + wait};
}

std::size_t DeadLetterQueues::send_due(const std::stop_token& stop) {
  const auto due = store_.dead_letters_to_send(clock_.now(), kBatch);
  if (!due) {
    on_error_(due.error());
    return 0;
  }
  store::Transaction writes;
  std::set<std::string> down_queues;
  for (const store::DeadLetter& letter : due.value()) {
    if (stop.stop_requested()) break;
    writes.push_back(send(letter, down_queues));
  }
  const std::size_t count = writes.size();
  if (count == 0) return 0;
  if (const auto written = store_.commit_and_wait(std::move(writes)); !written) {
    on_error_(written.error());
    return 0;
  }
  return count;
}

void DeadLetterQueues::run_until_stopped(const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any wake;
  while (!stop.stop_requested()) {
    if (send_due(stop) > 0) continue;
    std::unique_lock lock{mutex};
    wake.wait_for(lock, stop, kPollInterval, [] { return false; });
  }
}

}  // namespace ebagent::targets
