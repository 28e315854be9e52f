#pragma once

#include "targets/aws_client.hpp"

namespace ebagent::targets {

// arn:aws:kinesis:REGION:ACCOUNT:stream/NAME: one record a delivery. Its partition key is what
// KinesisParameters.PartitionKeyPath finds in the event, or the event's id when there is no path or nothing at it; a
// schedule's target says the key itself (PartitionKey).
// Source: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecord.html
class KinesisTarget final : public delivery::TargetSender {
 public:
  // The client must outlive it.
  explicit KinesisTarget(AwsClient& aws) : aws_(aws) {}
  [[nodiscard]] delivery::SendOutcome send(const store::Delivery& delivery) override;

 private:
  AwsClient& aws_;
};

// arn:aws:firehose:REGION:ACCOUNT:deliverystream/NAME: one record a delivery.
// Source: https://docs.aws.amazon.com/firehose/latest/APIReference/API_PutRecord.html
class FirehoseTarget final : public delivery::TargetSender {
 public:
  // The client must outlive it.
  explicit FirehoseTarget(AwsClient& aws) : aws_(aws) {}
  [[nodiscard]] delivery::SendOutcome send(const store::Delivery& delivery) override;

 private:
  AwsClient& aws_;
};

}  // namespace ebagent::targets
