# The commands of the document this project was created from, as they stand there.
# Sourced with `aws` being a function that adds --endpoint-url.
set -e

# Create EventBridge rule
aws events put-rule \
  --name s3-upload-processor \
  --event-pattern '{
    "source": ["aws.s3"],
    "detail-type": ["Object Created"],
    "detail": {
      "bucket": ["my-data-bucket"]
    }
  }'

# Add agent as target
aws events put-targets \
  --rule s3-upload-processor \
  --targets "Id"="1","Arn"="arn:aws:lambda:us-west-2:123:function:eventbridge-agent"

aws events put-rule \
  --name alarm-responder \
  --event-pattern '{
    "source": ["aws.cloudwatch"],
    "detail-type": ["CloudWatch Alarm State Change"],
    "detail": {
      "state": {
        "value": ["ALARM"]
      }
    }
  }'

# Run every hour
aws events put-rule \
  --name hourly-report \
  --schedule-expression "rate(1 hour)"

# Run daily at 9 AM
aws events put-rule \
  --name daily-summary \
  --schedule-expression "cron(0 9 * * ? *)"

aws events put-rule \
  --name order-processor \
  --event-pattern '{
    "source": ["myapp.orders"],
    "detail-type": ["Order Placed"]
  }'

# Send test event
aws events put-events \
  --entries '[{
    "Source": "myapp.orders",
    "DetailType": "Order Placed",
    "Detail": "{\"orderId\": \"test_123\"}"
  }]'
