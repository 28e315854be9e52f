#pragma once

#include <ctime>
#include <string>
#include <string_view>

#include "server/http_message.hpp"

namespace ebagent::server {

// What becomes of the connection after a reply.
enum class AfterReply { KeepAlive, KeepAliveHttp10, Close };
enum class WithBody { Yes, No };

// Appends the bytes of `reply` as HTTP/1.1 puts them on the wire to `out`. `date` is an HTTP-date. Source:
// https://www.rfc-editor.org/rfc/rfc9112#section-4
void append_reply(std::string& out, const Reply& reply, AfterReply after, WithBody with_body,
                  std::string_view date);

// The current time as an HTTP-date, made anew once a second. For one thread.
class HttpDate {
 public:
  [[nodiscard]] std::string_view now();

 private:
  std::time_t second_ = -1;
  std::string text_;
};

// A refusal of the server itself: {"message": ...}.
[[nodiscard]] Reply plain_refusal(unsigned status, std::string_view message);
// The same for what may be tried again in a second.
[[nodiscard]] Reply too_many_requests(std::string_view message);

}  // namespace ebagent::server
