#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "http/client.hpp"
#include "mcp/transport.hpp"

namespace ebagent::mcp {

// A server behind a URL (streamable HTTP): every message is a POST, answered with JSON or with an event stream whose last
// message is the reply. A stream is read as it comes: what the server says or asks on it is taken at once, and with the reply
// the stream is over.
class HttpTransport final : public Transport {
 public:
  // `headers` go with every request, for authorization.
  HttpTransport(std::shared_ptr<http::Client> http, std::string url, http::Headers headers, FromServer from)
      : http_(std::move(http)), url_(std::move(url)), headers_(std::move(headers)), from_(std::move(from)) {}
  // Ends the session, if there is one.
  ~HttpTransport() override;

  [[nodiscard]] Answer exchange(const Outgoing& request, std::chrono::milliseconds timeout) override;
  void notify(const Outgoing& notification) override;
  // False once the server has forgotten the session.
  [[nodiscard]] bool is_open() const override { return is_open_; }

 private:
  struct Incoming;  // an answer as it comes

  [[nodiscard]] http::Request to_request(const Outgoing& outgoing, std::string body,
                                         std::chrono::milliseconds timeout);
  [[nodiscard]] Answer read_answer(const http::Response& response, Incoming& incoming);
  void keep_session(const Outgoing& outgoing, const http::Response& response);
  bool take(std::string_view piece, Incoming& incoming);
  void take_message(const std::string& text, Incoming& incoming);
  void answer(const Message& request, const Outgoing& within);
  [[nodiscard]] std::string session();

  const std::shared_ptr<http::Client> http_;
  const std::string url_;
  const http::Headers headers_;
  const FromServer from_;
  std::atomic<std::int64_t> last_id_{0};
  std::atomic<bool> is_open_{true};

  std::mutex mutex_;  // guards the session and its version
  std::string session_;
  std::string version_;
};

// As a header's value may carry it: itself, or in Base64 with a mark when it is no plain ASCII.
// Source: https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http#value-encoding
[[nodiscard]] std::string header_value(const std::string& text);

}  // namespace ebagent::mcp
