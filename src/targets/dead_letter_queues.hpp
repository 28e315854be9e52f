#pragma once

#include <cstddef>
#include <functional>
#include <set>
#include <stop_token>
#include <string>
#include <utility>

#include "ebagent/clock.hpp"
#include "ebagent/result.hpp"
#include "store/store.hpp"
#include "targets/aws_client.hpp"

namespace ebagent::targets {

// Sends dead letters to the SQS queues that their targets name (DeadLetterConfig.Arn), with the message attributes that
// EventBridge sets. A dead letter stays in the built-in dead-letter queue until its own queue has taken it, so none is
// lost, whatever ends when; one may be sent twice.
// Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
// Thread safety: one thread at a time.
class DeadLetterQueues {
 public:
  // The references must outlive it. `on_error` hears why a dead letter could not be sent.
  DeadLetterQueues(store::Store& store, AwsClient& aws, const Clock& clock,
                   std::function<void(const Error&)> on_error)
      : store_(store), aws_(aws), clock_(clock), on_error_(std::move(on_error)) {}

  // Sends what is due, a batch at a time, until asked to stop.
  void run_until_stopped(const std::stop_token& stop);

  // One batch, or what of it is done when asked to stop. Returns how many dead letters were looked at.
  std::size_t send_due(const std::stop_token& stop = {});

 private:
  [[nodiscard]] store::Write send(const store::DeadLetter& letter, std::set<std::string>& down_queues);

  store::Store& store_;
  AwsClient& aws_;
  const Clock& clock_;
  const std::function<void(const Error&)> on_error_;
};

}  // namespace ebagent::targets
