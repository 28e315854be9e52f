#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
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

  // Calls `visit(name, value)` for each field, in the order of the request.
  template <class Visit>
  void each(Visit visit) const {
    const std::string_view text = text_;
    for (const Field& field : fields_) {
      visit(text.substr(field.name_at, field.name_size), text.substr(field.value_at, field.value_size));
    }
  }

 private:
  struct Field {
    std::size_t name_at, name_size, value_at, value_size;
  };
  [[nodiscard]] const Field* find(std::string_view name) const;

  std::string text_;
  std::vector<Field> fields_;
};

// Whom a request was verified to come from.
struct Caller {
  std::string account;  // empty: the server's own
  std::string region;   // likewise
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
  bool is_encrypted = false;  // it came over TLS
  std::optional<Caller> caller =
      std::nullopt;  // set once verified; nothing is where no one needs access keys
};

// A body that is not there yet when its answer begins: what a server goes on telling. The connection is its own for as long
// as it lasts, and is closed at its end. Its destruction means that the client is gone or was told all.
class BodyStream {
 public:
  BodyStream() = default;
  BodyStream(const BodyStream&) = delete;
  BodyStream& operator=(const BodyStream&) = delete;
  virtual ~BodyStream() = default;

  // Called once, on an I/O thread: `wake` is to be called, from any thread, when there is something to take.
  virtual void begin(std::function<void()> wake) = 0;
  // Appends what is to be sent now to `out`; false when that was the end. Called on an I/O thread when the client has taken
  // what came before and `wake` was called, and now and then besides, which is the time for a sign of life. Must not block.
  [[nodiscard]] virtual bool take(std::string& out) = 0;
};

// What is answered. Content-Length, Connection and Date are the server's business.
struct Reply {
  unsigned status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
  std::shared_ptr<BodyStream> stream = nullptr;  // goes on behind `body`
};

// Answers one request. May be called from any thread, later, and once: further calls are ignored. One that is
// never called and destroyed answers 500, so that no client waits for ever.
using Respond = std::function<void(Reply)>;

// What is done with requests. Called on an I/O thread: it must not block.
using Handler = std::function<void(Request, Respond)>;

// The path of a request target, without its query.
[[nodiscard]] std::string_view path_of(std::string_view target);

}  // namespace ebagent::server
