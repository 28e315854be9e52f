#include "tools/message_tools.hpp"

#include <fmt/core.h>

#include <boost/json.hpp>

#include "core/time_format.hpp"

namespace ebagent::tools {
namespace {

namespace json = boost::json;

Result<json::object> send(Outbox& outbox, const ToolContext& context, const Message& message) {
  BOOST_OUTCOME_TRY(const auto sent, outbox.send(context.idempotency_key(), message, context.now()));
  json::object result{{"message_id", sent.message_id},
                      {"channel", sent.message.channel},
                      {"recipient", sent.message.recipient},
                      {"subject", sent.message.subject},
                      {"sent_at", core::format_utc_seconds(sent.sent)}};
  result["text"] = sent.is_simulated
                       ? fmt::format("kept in the outbox for {} (simulated)", sent.message.recipient)
                       : fmt::format("sent to {}", sent.message.recipient);
  if (sent.is_simulated) result["simulated"] = true;
  return result;
}

}  // namespace

std::vector<Tool> message_tools(std::shared_ptr<Outbox> outbox) {
  std::vector<Tool> tools;
  tools.push_back(Tool::from(
      "send_notification", "Sends a message to the subscribers of an SNS topic",
      [outbox](Arg<"message", std::string, "The text"> message,
               Arg<"topic_arn", std::string, "ARN of the topic"> topic_arn,
               Arg<"subject", std::optional<std::string>, "One line; none: Agent Alert"> subject,
               const ToolContext& context) -> Result<json::object> {
        if (!topic_arn->starts_with("arn:")) {
          return fail(ErrorCode::InvalidArgument,
                      "'" + *topic_arn + "' is not the ARN of a topic (arn:aws:sns:REGION:ACCOUNT:NAME).");
        }
        return send(*outbox, context,
                    {"notification", *topic_arn, subject->value_or("Agent Alert"), *message});
      },
      {.effect = Effect::Idempotent, .traits = {.acts_outside = true, .destinations = {"topic_arn"}}}));
  tools.push_back(Tool::from(
      "send_email", "Sends an email to one address",
      [outbox](Arg<"to", std::string, "Address of the recipient"> to,
               Arg<"subject", std::string, "One line"> subject, Arg<"body", std::string, "The text"> body,
               const ToolContext& context) -> Result<json::object> {
        if (to->find('@') == std::string::npos || to->find_first_of(" \r\n,;") != std::string::npos) {
          return fail(ErrorCode::InvalidArgument, "'" + *to + "' is not one email address.");
        }
        return send(*outbox, context, {"email", *to, *subject, *body});
      },
      {.effect = Effect::Idempotent, .traits = {.acts_outside = true, .destinations = {"to"}}}));
  return tools;
}

}  // namespace ebagent::tools
