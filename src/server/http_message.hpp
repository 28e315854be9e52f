#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ebagent::server {

// The header fields of one request, kept in a single text so that reading a request allocates little.
class Headers {
 public:
  void add(std::string_view name, std::string_view value);

  // The value of the first field of that name, whatever its case; empty when there is none.
  [[nodiscard]] std::string_view get(std::string_view name) const;
  [[nodiscard]] bool has(std::string_view name) const;

 private:
  struct Field {
    std::size_t name_at, name_size, value_at, value_size;
  };
  [[nodiscard]] const Field* find(std::string_view name) const;

  std::string text_;
  std::vector<Field> fields_;
};

// One HTTP request, complete with its body. A value; the handler owns it.
struct Request {
  std::string method;  // "POST"
  std::string target;  // as sent: path and query
  Headers headers;
  std::string body;
  // The server has as much in hand as it may: the body was not kept, and the answer should be a refusal that makes the
  // client try again later, in the words of its protocol.
  bool is_over_capacity = false;
};

// What is answered. Content-Length, Connection and Date are the server's business.
struct Reply {
  unsigned status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
};

// Answers one request. May be called from any thread, later, and once: further calls are ignored. One that is
// never called and destroyed answers 500, so that no client waits for ever.
using Respond = std::function<void(Reply)>;

// What is done with requests. Called on an I/O thread: it must not block.
using Handler = std::function<void(Request, Respond)>;

// The path of a request target, without its query.
[[nodiscard]] std::string_view path_of(std::string_view target);

}  // namespace ebagent::server
