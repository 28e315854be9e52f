#pragma once

#include <map>
#include <string>

#include "targets/aws_client.hpp"

namespace ebagent::targets {

// A message for a queue.
struct SqsMessage {
  std::string queue_arn;
  std::string body;
  std::map<std::string, std::string> attributes = {};  // all of type String; none empty
  std::string group_id = {};                           // needed by FIFO queues
  std::string deduplication_id = {};                   // of FIFO queues
};

// Puts it into the queue.
[[nodiscard]] delivery::SendOutcome send_message(AwsClient& aws, const SqsMessage& message);

// arn:aws:sqs:REGION:ACCOUNT:NAME. FIFO queues need SqsParameters.MessageGroupId; the deduplication id is the same for
// every attempt at one delivery, so that the queue keeps one of them.
// Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
class SqsTarget final : public delivery::TargetSender {
 public:
  // The client must outlive it.
  explicit SqsTarget(AwsClient& aws) : aws_(aws) {}
  [[nodiscard]] delivery::SendOutcome send(const store::Delivery& delivery) override;

 private:
  AwsClient& aws_;
};

}  // namespace ebagent::targets
