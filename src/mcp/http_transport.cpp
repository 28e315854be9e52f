#include "mcp/http_transport.hpp"

#include <boost/beast/core/detail/base64.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "models/sse_reader.hpp"

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

// What comes is JSON when it begins as a JSON object does, and an event stream else: the type that the header names is known
// only at the end.
struct HttpTransport::Incoming {
  std::int64_t id;
  const Outgoing& request;
  std::string text = {};  // of an answer that is JSON
  models::SseReader events = {};
  enum class Form { Unknown, Json, Events } form = Form::Unknown;
  std::optional<Answer> reply = {};
  std::string problem = "ended its answer without a reply";
};

// False when no more is wanted.
bool HttpTransport::take(std::string_view piece, Incoming& incoming) {
  if (incoming.form == Incoming::Form::Unknown) {
    const auto begin = piece.find_first_not_of(" \t\r\n");
    if (begin == std::string_view::npos) return true;
    incoming.form =
        piece[begin] == '{' || piece[begin] == '[' ? Incoming::Form::Json : Incoming::Form::Events;
  }
  if (incoming.form == Incoming::Form::Json) {
    incoming.text += piece;
    if (incoming.text.size() <= kMaxMessageBytes) return true;
  } else {
    const auto fed = incoming.events.feed(piece, [&](const models::ServerSentEvent& event) {
      if (event.name.empty() || event.name == "message") take_message(event.data, incoming);
      return !incoming.reply;
    });
    if (fed) return !incoming.reply;
  }
  incoming.text.clear();
  incoming.reply = NoReply{.may_have_acted = true, .text = "gave an answer that is too large"};
  return false;
}

void HttpTransport::take_message(const std::string& text, Incoming& incoming) {
  const auto parsed = parse_message(text);
  if (!parsed) {
    incoming.problem = "gave an answer that cannot be read: " + parsed.error().message;
    return;
  }
  const Message& message = parsed.value();
  if (message.kind == Message::Kind::Notification) return from_.on_notification(message);
  if (message.kind == Message::Kind::Request) return answer(message, incoming.request);
  const bool is_about_all = message.id.is_null() && std::holds_alternative<RpcError>(message.reply);
  if (message.id != incoming.id && !is_about_all) return;
  incoming.reply = std::visit([](const auto& it) -> Answer { return it; }, message.reply);
}

// Servers of the modern era ask nothing on a stream.
void HttpTransport::answer(const Message& request, const Outgoing& within) {
  if (within.is_modern) return;
  const Outgoing outgoing{.protocol_version = within.protocol_version};
  static_cast<void>(http_->send(
      to_request(outgoing, response_text(request.id, from_.on_request(request)), kNotificationTime)));
}

Answer HttpTransport::exchange(const Outgoing& outgoing, milliseconds timeout) {
  Incoming incoming{.id = ++last_id_, .request = outgoing};
  http::Request request =
      to_request(outgoing, request_text(incoming.id, outgoing.method, outgoing.params), timeout);
  request.on_body = [this, &incoming](std::string_view piece) { return take(piece, incoming); };
  const auto answer = http_->send(request);
  if (incoming.reply && !answer) return *incoming.reply;  // it came before the connection broke off
  if (!answer) return no_reply(answer.error());
  keep_session(outgoing, answer.value());
  return read_answer(answer.value(), incoming);
}

void HttpTransport::keep_session(const Outgoing& outgoing, const http::Response& response) {
  if (outgoing.is_modern) return;
  const std::scoped_lock lock{mutex_};
  if (const auto given = response.header("Mcp-Session-Id"); !given.empty()) session_ = given;
  if (!outgoing.protocol_version.empty()) version_ = outgoing.protocol_version;
  if (response.status == kNotFound && !session_.empty()) is_open_ = false;
}

// An error's body may be a reply as well: of the modern era it is.
Answer HttpTransport::read_answer(const http::Response& response, Incoming& incoming) {
  const std::string& text = response.is_success() ? incoming.text : response.body;
  if (!text.empty() && !incoming.reply) take_message(text, incoming);
  const bool is_error = incoming.reply && std::holds_alternative<RpcError>(*incoming.reply);
  if (incoming.reply && (response.is_success() || is_error)) return *incoming.reply;
  if (response.is_success()) return NoReply{.may_have_acted = true, .text = std::move(incoming.problem)};
  const bool is_refusal = response.status >= 400 && response.status < 500;
  // What a gateway answers says nothing about the server behind it; 503 means that it did nothing.
  const bool did_nothing = is_refusal || response.status == 503;
  return NoReply{.may_have_acted = !did_nothing,
                 .is_refusal = is_refusal,
                 .text = "answered HTTP " + std::to_string(response.status)};
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
