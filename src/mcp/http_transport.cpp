#include "mcp/http_transport.hpp"

#include <boost/beast/core/detail/base64.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "mcp/sse.hpp"

namespace ebagent::mcp {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kNotificationTime{5'000};
constexpr milliseconds kGoodbyeTime{1'000};
constexpr int kNotFound = 404;  // with a session: the server has forgotten it

NoReply no_reply(const http::TransportError& error) {
  const bool was_sent = error.failure == http::Failure::TimedOut ||
                        error.failure == http::Failure::Protocol || error.failure == http::Failure::TooLarge;
  return {.may_have_acted = was_sent,
          .is_timeout = error.failure == http::Failure::TimedOut,
          .text = "gave no answer: " + error.text};
}

std::string base64(const std::string& bytes) {
  namespace codec = boost::beast::detail::base64;
  std::string text(codec::encoded_size(bytes.size()), '\0');
  text.resize(codec::encode(text.data(), bytes.data(), bytes.size()));
  return text;
}

bool is_media_type(std::string_view header, std::string_view type) {
  return header.substr(0, header.find_first_of("; ")) == type;
}

}  // namespace

std::string header_value(const std::string& text) {
  constexpr std::string_view kMark = "=?base64?";
  bool is_plain = !text.empty() && text.front() != ' ' && text.back() != ' ' && !text.starts_with(kMark);
  for (const char c : text) is_plain = is_plain && c >= ' ' && c <= '~';
  return is_plain ? text : std::string(kMark) + base64(text) + "?=";
}

std::string HttpTransport::session() {
  const std::scoped_lock lock{mutex_};
  return session_;
}

http::Request HttpTransport::to_request(const Outgoing& outgoing, std::string body, milliseconds timeout) {
  http::Request request{.url = url_,
                        .headers = headers_,
                        .body = std::move(body),
                        .timeout = timeout,
                        .max_response_bytes = kMaxMessageBytes};
  const auto add = [&request](std::string name, std::string value) {
    request.headers.emplace_back(std::move(name), std::move(value));
  };
  add("Content-Type", "application/json");
  add("Accept", "application/json, text/event-stream");
  if (!outgoing.protocol_version.empty()) add("MCP-Protocol-Version", outgoing.protocol_version);
  if (outgoing.is_modern) {
    add("Mcp-Method", outgoing.method);
    if (!outgoing.name.empty()) add("Mcp-Name", header_value(outgoing.name));
  } else if (const std::string id = session(); !id.empty()) {
    add("Mcp-Session-Id", id);
  }
  for (const auto& [name, value] : outgoing.headers) add(name, value);
  return request;
}

Answer HttpTransport::exchange(const Outgoing& outgoing, milliseconds timeout) {
  const std::int64_t id = ++last_id_;
  const auto answer =
      http_->send(to_request(outgoing, request_text(id, outgoing.method, outgoing.params), timeout));
  if (!answer) return no_reply(answer.error());
  const http::Response& response = answer.value();
  if (const auto given = response.header("Mcp-Session-Id"); !given.empty() && !outgoing.is_modern) {
    const std::scoped_lock lock{mutex_};
    session_ = given;
  }
  if (!outgoing.is_modern && !outgoing.protocol_version.empty()) {
    const std::scoped_lock lock{mutex_};
    version_ = outgoing.protocol_version;
  }
  if (response.status == kNotFound && !outgoing.is_modern && !session().empty()) is_open_ = false;
  return read_answer(id, response);
}

// An error's body may be a reply as well: of the modern era it is.
Answer HttpTransport::read_answer(std::int64_t id, const http::Response& response) {
  Answer answer = find_reply(id, response);
  const bool is_error = std::holds_alternative<RpcError>(answer);
  if (response.is_success() || is_error) return answer;
  const bool is_refusal = response.status >= 400 && response.status < 500;
  // What a gateway answers says nothing about the server behind it; 429 and 503 mean that it did nothing.
  const bool did_nothing = is_refusal || response.status == 503;
  return NoReply{.may_have_acted = !did_nothing,
                 .is_refusal = is_refusal,
                 .text = "answered HTTP " + std::to_string(response.status)};
}

Answer HttpTransport::find_reply(std::int64_t id, const http::Response& response) {
  std::vector<std::string> texts;
  if (is_media_type(response.header("Content-Type"), "text/event-stream")) {
    texts = event_stream_messages(response.body);
  } else {
    texts.push_back(response.body);
  }
  std::string problem = "ended its answer without a reply";
  for (const std::string& text : texts) {
    const auto parsed = parse_message(text);
    if (!parsed) {
      problem = "gave an answer that cannot be read: " + parsed.error().message;
      continue;
    }
    const Message& message = parsed.value();
    if (message.kind == Message::Kind::Notification) from_.on_notification(message);
    if (message.kind != Message::Kind::Response) continue;
    const bool is_about_all = message.id.is_null() && std::holds_alternative<RpcError>(message.reply);
    if (message.id != id && !is_about_all) continue;
    return std::visit([](const auto& it) -> Answer { return it; }, message.reply);
  }
  return NoReply{.may_have_acted = true, .text = std::move(problem)};
}

void HttpTransport::notify(const Outgoing& outgoing) {
  static_cast<void>(http_->send(
      to_request(outgoing, notification_text(outgoing.method, outgoing.params), kNotificationTime)));
}

HttpTransport::~HttpTransport() {
  if (session_.empty()) return;
  http::Request request{.method = "DELETE", .url = url_, .headers = headers_, .timeout = kGoodbyeTime};
  request.headers.emplace_back("Mcp-Session-Id", session_);
  if (!version_.empty()) request.headers.emplace_back("MCP-Protocol-Version", version_);
  static_cast<void>(http_->send(request));  // a courtesy; servers forget sessions by themselves too
}

}  // namespace ebagent::mcp
