#include "server/reply_text.hpp"

#include <array>
#include <charconv>

#include "core/json.hpp"

namespace ebagent::server {
namespace {

struct StatusLine {
  unsigned status;
  std::string_view reason;
};
constexpr StatusLine kStatusLines[] = {
    {200, "OK"},
    {400, "Bad Request"},
    {402, "Payment Required"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {413, "Content Too Large"},
    {415, "Unsupported Media Type"},
    {417, "Expectation Failed"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {503, "Service Unavailable"},
    {505, "HTTP Version Not Supported"},
};

std::string_view reason_phrase(unsigned status) {
  for (const StatusLine& line : kStatusLines) {
    if (line.status == status) return line.reason;
  }
  return "";
}

void append_number(std::string& out, std::size_t number) {
  std::array<char, 24> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

}  // namespace

void append_reply(std::string& out, const Reply& reply, AfterReply after, WithBody with_body,
                  std::string_view date) {
  out += "HTTP/1.1 ";
  append_number(out, reply.status);
  out += ' ';
  out += reason_phrase(reply.status);
  out += "\r\nDate: ";
  out += date;
  out += "\r\nContent-Type: ";
  out += reply.content_type;
  if (reply.stream == nullptr) {
    out += "\r\nContent-Length: ";
    append_number(out, reply.body.size());
  }
  for (const auto& [name, value] : reply.headers) {
    out += "\r\n";
    out += name;
    out += ": ";
    out += value;
  }
  if (after == AfterReply::Close) out += "\r\nConnection: close";
  if (after == AfterReply::KeepAliveHttp10) out += "\r\nConnection: keep-alive";
  out += "\r\n\r\n";
  if (with_body == WithBody::Yes) out += reply.body;
}

std::string_view HttpDate::now() {
  const std::time_t now = std::time(nullptr);
  if (now == second_) return text_;
  second_ = now;
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  std::array<char, 64> buffer{};
  text_.assign(buffer.data(),
               std::strftime(buffer.data(), buffer.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts));
  return text_;
}

Reply plain_refusal(unsigned status, std::string_view message) {
  Reply reply;
  reply.status = status;
  reply.body = "{\"message\":";
  core::append_json_string(reply.body, message);
  reply.body += '}';
  return reply;
}

Reply too_many_requests(std::string_view message) {
  Reply reply = plain_refusal(429, message);
  reply.headers.emplace_back("Retry-After", "1");
  return reply;
}

}  // namespace ebagent::server
