#pragma once

#include <boost/outcome/basic_result.hpp>
#include <boost/outcome/policy/throw_bad_result_access.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ebagent::http {

using Headers = std::vector<std::pair<std::string, std::string>>;

// One request. What is not given has a bound that suits calls of a service; nothing waits or grows without end.
struct Request {
  std::string method = "POST";
  std::string url = {};  // http or https, absolute
  Headers headers = {};  // Host and Content-Length are added; User-Agent unless it is given
  std::string body = {};
  std::chrono::milliseconds connect_timeout{3'000};
  std::chrono::milliseconds timeout{15'000};  // from begin to end, connecting included
  std::size_t max_response_bytes = std::size_t{1024} * 1024;
  // What becomes of a larger answer: Failure::TooLarge, or an answer whose body ends at the bound.
  enum class Oversize { Refuse, Cut } oversize = Oversize::Refuse;
  int max_redirects = 0;  // 0: a redirect is an answer like any other
  // Gets the body of an answer of status 2xx in pieces as they come, on the caller's thread; Response::body stays empty then
  // and nothing of the answer is kept. Other answers are put together as always. False: no more is wanted, and the transfer
  // ends as if the answer did.
  std::function<bool(std::string_view piece)> on_body = {};
  // Looked at about once a second and whenever something comes; true ends the transfer with Failure::Cancelled.
  std::function<bool()> is_cancelled = {};
  // The longest time in which no byte is sent or received, kept to about a second; then Failure::TimedOut. 0: no bound of its
  // own.
  std::chrono::milliseconds max_silence{0};
  // The IP address to connect to, whatever the URL's host means elsewhere; no proxy is used then. Empty: looked up.
  std::string address = {};
};

struct Response {
  int status = 0;
  Headers headers = {};  // in the order of the wire
  std::string body = {};

  [[nodiscard]] bool is_success() const { return status >= 200 && status < 300; }
  // The value of the first header of this name, whatever its case; empty when there is none.
  [[nodiscard]] std::string_view header(std::string_view name) const;
};

// Why there is no whole answer.
enum class Failure {
  InvalidRequest,  // the URL or a header cannot be sent; asking again will not help
  Connect,         // no connection: name not found, refused, unreachable. Nothing was sent
  TimedOut,        // the server may have acted all the same
  Tls,             // the certificate or the handshake. Nothing was sent
  TooLarge,        // the answer exceeds its bound; the server has acted
  Protocol,        // the connection broke off or what came is no HTTP; the server may have acted
  Cancelled,       // the caller's is_cancelled said so; the server may have acted
};

// `text` names the host and what went wrong, never headers, bodies or a URL's query.
struct TransportError {
  Failure failure = Failure::Protocol;
  std::string text = {};

  bool operator==(const TransportError&) const = default;
};

using Answer =
    boost::outcome_v2::basic_result<Response, TransportError,
                                    boost::outcome_v2::policy::throw_bad_result_access<TransportError, void>>;

// Sends HTTP requests; tests script their own. Blocks until the answer is there or a time-out strikes. An answer of any
// status is an answer. Thread safety: send() may be called from any thread.
class Client {
 public:
  virtual ~Client() = default;
  [[nodiscard]] virtual Answer send(const Request& request) = 0;
};

}  // namespace ebagent::http
