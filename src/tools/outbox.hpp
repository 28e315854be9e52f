#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "ebagent/clock.hpp"
#include "ebagent/result.hpp"
#include "tools/database.hpp"

namespace ebagent::tools {

// A message to people: a notification to the subscribers of a topic, or an email.
struct Message {
  std::string channel;    // "notification" or "email"
  std::string recipient;  // ARN of the topic, or the address
  std::string subject;
  std::string body;

  bool operator==(const Message&) const = default;
};

// A message that was taken, with the id it got.
struct SentMessage {
  std::string message_id;
  Message message;
  TimePoint sent;
  bool is_simulated = false;  // it was kept, not sent to anybody
};

// Where messages to people go: Amazon SNS and SES, or a table that stands in for them.
// Thread safety: every member may be called from any thread.
class Outbox {
 public:
  virtual ~Outbox() = default;
  // Takes a message. A key that was used before sends nothing and gives the message of the first time.
  [[nodiscard]] virtual Result<SentMessage> send(std::string_view idempotency_key, const Message& message,
                                                 TimePoint now) = 0;
};

// Messages in a table, sent to nobody: the stand-in for mail and notifications on a machine without an
// account.
class LocalOutbox final : public Outbox {
 public:
  [[nodiscard]] static Result<std::unique_ptr<LocalOutbox>> open(std::shared_ptr<Database> database);

  [[nodiscard]] Result<SentMessage> send(std::string_view idempotency_key, const Message& message,
                                         TimePoint now) override;
  // The newest messages first.
  [[nodiscard]] Result<std::vector<SentMessage>> newest(std::size_t limit);

 private:
  explicit LocalOutbox(std::shared_ptr<Database> database) : database_(std::move(database)) {}

  const std::shared_ptr<Database> database_;
};

}  // namespace ebagent::tools
