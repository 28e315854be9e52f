#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "http/client.hpp"

namespace ebagent::http {

struct CurlClientSettings {
  // PEM file of the authorities that are trusted instead of the system's; empty: the system's, or what the environment's
  // SSL_CERT_FILE and SSL_CERT_DIR name. Read at the first TLS connection.
  std::string ca_file = {};
  // Connections kept open for later requests, of all servers together. What is in use counts on top.
  std::size_t max_idle_connections = 128;
};

// The client on libcurl: HTTP/1.1 with connections kept alive, certificates verified, proxies of the environment used but
// never for this machine.
//
// A connection stays with its easy handle; idle ones are kept by server, and a request takes the one used last. So threads
// share connections without sharing libcurl's state, and no more connections are open than were ever in use at once.
class CurlClient final : public Client {
 public:
  explicit CurlClient(CurlClientSettings settings = {});
  // No request may be under way.
  ~CurlClient() override;
  CurlClient(const CurlClient&) = delete;
  CurlClient& operator=(const CurlClient&) = delete;

  [[nodiscard]] Answer send(const Request& request) override;

 private:
  class Pool;
  const std::unique_ptr<Pool> pool_;
};

}  // namespace ebagent::http
