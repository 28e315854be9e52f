#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "server/http_message.hpp"

namespace ebagent::server {

// Turns the bytes of one connection into requests, one after the other, within bounds. Stands between the
// server and Beast's parser, which is included by this class's source file only (it is dear to compile).
class RequestParser {
 public:
  enum class State {
    NeedMore,  // feed it the bytes that follow
    Complete,  // take() the request
    Refused,   // answer `status` with `reason`; nothing after this can be read
  };
  struct Progress {
    std::size_t consumed = 0;  // the rest of the bytes must be offered again, first
    State state = State::NeedMore;
    unsigned status = 0;
    std::string reason;
  };

  RequestParser(std::size_t max_header_bytes, std::size_t max_body_bytes);
  RequestParser(const RequestParser&) = delete;
  RequestParser& operator=(const RequestParser&) = delete;
  ~RequestParser();

  [[nodiscard]] Progress feed(std::string_view bytes);

  // True when the header is complete and the client waits for "100 Continue" before it sends the body.
  // Source: https://www.rfc-editor.org/rfc/rfc9110#section-10.1.1
  [[nodiscard]] bool wants_continue() const;

  // The room that the body takes so far.
  [[nodiscard]] std::size_t body_bytes() const;
  // Lets the body go and the rest of it pass by: the request is read to its end, with an empty body.
  void drop_body();

  // Valid once Complete: whether the client keeps the connection, and whether it speaks HTTP/1.0.
  [[nodiscard]] bool keep_alive() const;
  [[nodiscard]] bool is_http_1_0() const;

  // The complete request. The parser is then ready for the next.
  [[nodiscard]] Request take();

 private:
  class Parser;
  std::size_t max_header_bytes_;
  std::size_t max_body_bytes_;
  std::unique_ptr<Parser> parser_;
};

}  // namespace ebagent::server
