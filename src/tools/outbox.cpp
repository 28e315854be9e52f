#include "tools/outbox.hpp"

#include <fmt/core.h>

#include "core/ids.hpp"
#include "tools/stored_time.hpp"

namespace ebagent::tools {
namespace {

// SNS takes 256 KiB a message; what is longer would be refused on AWS and is refused here.
// Source: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
constexpr std::size_t kMaxBodyBytes = 256 * 1024;
constexpr std::size_t kMaxSubjectCharacters = 100;

constexpr std::string_view kColumns = "message_id, channel, recipient, subject, body, sent_at";

SentMessage message_in(const std::vector<Cell>& row) {
  return {text_of(row[0]),
          {text_of(row[1]), text_of(row[2]), text_of(row[3]), text_of(row[4])},
          stored_time(row[5]),
          true};
}

Result<void> check(const Message& message) {
  if (message.recipient.empty()) return fail(ErrorCode::InvalidArgument, "The message has no recipient.");
  if (message.body.empty()) return fail(ErrorCode::InvalidArgument, "The message is empty.");
  if (message.body.size() > kMaxBodyBytes) {
    return fail(ErrorCode::LimitExceeded, fmt::format("The message has {} bytes; at most {} are sent.",
                                                      message.body.size(), kMaxBodyBytes));
  }
  if (message.subject.size() > kMaxSubjectCharacters ||
      message.subject.find_first_of("\r\n") != std::string::npos) {
    return fail(ErrorCode::InvalidArgument,
                fmt::format("The subject must be one line of at most {} bytes.", kMaxSubjectCharacters));
  }
  return success();
}

}  // namespace

Result<std::unique_ptr<LocalOutbox>> LocalOutbox::open(std::shared_ptr<Database> database) {
  BOOST_OUTCOME_TRY(database->transaction([](Session& session) {
    return session.run(
        "CREATE TABLE IF NOT EXISTS outbox ("
        " seq INTEGER PRIMARY KEY, idempotency_key TEXT NOT NULL UNIQUE, message_id TEXT NOT NULL,"
        " channel TEXT NOT NULL, recipient TEXT NOT NULL, subject TEXT NOT NULL, body TEXT NOT NULL,"
        " sent_at TEXT NOT NULL)");
  }));
  return std::unique_ptr<LocalOutbox>{new LocalOutbox(std::move(database))};
}

Result<SentMessage> LocalOutbox::send(std::string_view idempotency_key, const Message& message,
                                      TimePoint now) {
  BOOST_OUTCOME_TRY(check(message));
  const std::string key{idempotency_key};
  return database_->transaction([&](Session& session) -> Result<SentMessage> {
    BOOST_OUTCOME_TRY(session.run(
        "INSERT INTO outbox (idempotency_key, message_id, channel, recipient, subject, body, sent_at)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (idempotency_key) DO NOTHING",
        {key, core::uuid_from_name("outbox:" + key), message.channel, message.recipient, message.subject,
         message.body, stored_form(now)}));
    BOOST_OUTCOME_TRY(
        const auto found,
        session.query(fmt::format("SELECT {} FROM outbox WHERE idempotency_key = ?1", kColumns), {key}));
    return message_in(found.rows.front());
  });
}

Result<std::vector<SentMessage>> LocalOutbox::newest(std::size_t limit) {
  return database_->transaction([&](Session& session) -> Result<std::vector<SentMessage>> {
    BOOST_OUTCOME_TRY(const auto found,
                      session.query(fmt::format("SELECT {} FROM outbox ORDER BY seq DESC LIMIT ?1", kColumns),
                                    {static_cast<std::int64_t>(limit)}));
    std::vector<SentMessage> messages;
    for (const auto& row : found.rows) messages.push_back(message_in(row));
    return messages;
  });
}

}  // namespace ebagent::tools
