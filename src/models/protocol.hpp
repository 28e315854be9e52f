#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "ebagent/model.hpp"
#include "ebagent/result.hpp"
#include "http/client.hpp"
#include "models/service_error.hpp"

namespace ebagent::models {

using OnText = std::function<void(std::string_view)>;

// What a request may ask of a service that not every server or model of its kind understands. All is asked for until a
// service refuses it; then it is left out for good.
struct Dialect {
  bool caches = true;            // cachePoint, cache_control
  bool counts_in_stream = true;  // stream_options.include_usage
  bool has_usual_limit = true;   // the name of the token limit that goes with the address

  bool operator==(const Dialect&) const = default;
};

// Puts a streamed answer together.
class StreamReader {
 public:
  virtual ~StreamReader() = default;
  // False: the rest is of no use, finish() says why.
  virtual bool feed(std::string_view piece) = 0;
  // After the last piece. A stream that ended too early is no turn but a failure that may pass.
  virtual Attempt finish() = 0;
};

// The wire format of a service. Immutable; safe to use from any thread.
class Protocol {
 public:
  virtual ~Protocol() = default;

  // Who answers, for error texts: "Anthropic at api.anthropic.com".
  [[nodiscard]] virtual std::string_view service() const = 0;
  // The body of the request for the conversation's next turn.
  [[nodiscard]] virtual std::string body(const Conversation& conversation, const Dialect& dialect) const = 0;
  // A request with this body, its URL and headers; signed where that is how it is done. The errors are those of keys.
  [[nodiscard]] virtual Result<http::Request> request(std::string body) const = 0;
  // `on_text` may be empty, and must outlive the reader.
  [[nodiscard]] virtual std::unique_ptr<StreamReader> stream_reader(const OnText& on_text) const = 0;
  // A whole answer of status 2xx.
  [[nodiscard]] virtual Attempt read(std::string_view body) const = 0;
  [[nodiscard]] virtual ServiceError error_of(const http::Response& response) const = 0;
  // Leaves out of `dialect` what `error` says that the service does not understand.
  virtual void concede(const ServiceError& error, Dialect& dialect) const = 0;
};

// What every protocol says of an answer that it cannot read, or that ended too early.
[[nodiscard]] Failure garbled(std::string_view service, std::string_view what);
[[nodiscard]] Failure broken_off(std::string_view service);
// Of an error in the middle of a stream or in place of an answer. What a service says to a wrong key may hold the key.
[[nodiscard]] Failure failure_of(std::string_view service, const ServiceError& error);

}  // namespace ebagent::models
