#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "ebagent/result.hpp"
#include "server/http_message.hpp"
#include "server/tls.hpp"

namespace ebagent::server {

// Bounds and places of an HttpServer. The defaults suit one machine whose callers are its own programs.
struct HttpOptions {
  std::string address = "127.0.0.1";  // an IP address; others than loopback open the server to the network
  std::uint16_t port = 0;             // 0: any free one
  unsigned threads = 1;               // I/O threads; one carries more than 50,000 small requests a second
  std::size_t max_header_bytes = 16 * 1024;      // request line and header fields; more is answered 431
  std::size_t max_body_bytes = 2 * 1024 * 1024;  // more is answered 413; a PutEvents request has up to 1 MiB
                                                 // of events, and escaping at most doubles usual text
  std::size_t max_connections = 4096;            // more are answered 503 and closed
  // Requests that the handler has and has not answered; more are marked is_over_capacity. Enough to fill several
  // group commits, few enough that the last of them is answered within some tens of milliseconds.
  std::size_t max_requests = 2048;
  // Bytes of bodies and answers held at once; requests that would pass it are marked is_over_capacity. Room for 32 of
  // the largest bodies or 20,000 usual ones.
  std::size_t max_bytes = 64 * 1024 * 1024;
  std::shared_ptr<const TlsContext> tls = nullptr;    // when set, the server speaks HTTPS only
  std::chrono::milliseconds idle_timeout{75'000};     // between requests; SDKs reuse connections for a minute
  std::chrono::milliseconds request_timeout{20'000};  // from a request's first byte to its last; then 408
  std::chrono::milliseconds write_timeout{20'000};    // for a client to take an answer in
  std::chrono::milliseconds drain_timeout{5'000};     // stop() lets requests under way end within this
};

// Why it exists: the one door through which AWS CLI, SDKs and browsers reach the program. HTTP/1.1 with
// keep-alive, pipelining (answers in order), chunked bodies and `Expect: 100-continue`; whatever bytes come
// in, the answer is a 4xx or a closed connection, in bounded memory and time. Each connection belongs to one
// I/O thread. Source: https://www.rfc-editor.org/rfc/rfc9112
class HttpServer {
 public:
  HttpServer(HttpOptions options, Handler handler);
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;
  ~HttpServer();  // stops

  // Binds, listens and starts the threads. InvalidArgument when the address is no IP address, Unavailable
  // when the port is taken, Io otherwise.
  [[nodiscard]] Result<void> start();

  // The port it listens on, once started.
  [[nodiscard]] std::uint16_t port() const;

  // Connections open now.
  [[nodiscard]] std::size_t connections() const;

  // Bytes of bodies and answers held now, see HttpOptions::max_bytes.
  [[nodiscard]] std::size_t bytes_held() const;

  // Stops accepting, lets requests under way be answered within drain_timeout, closes all connections and
  // joins the threads. May be called more than once, from any thread but an I/O thread.
  void stop();

 private:
  class Engine;
  std::unique_ptr<Engine> engine_;
};

}  // namespace ebagent::server
