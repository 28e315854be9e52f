#pragma once

#include <openssl/types.h>

#include <memory>
#include <mutex>
#include <string>
#include <utility>

namespace ebagent::http {

// The certificate authorities that servers are checked against, read once, when the first TLS connection is made, and
// shared by all: reading the system's bundle for each connection would cost 16 ms and a megabyte every time.
// Thread safety: install() may be called from any thread.
class Trust {
 public:
  // `ca_file` as CurlClientSettings has it.
  explicit Trust(std::string ca_file) : ca_file_(std::move(ca_file)) {}

  // False when the file cannot be read; then nothing is trusted.
  [[nodiscard]] bool install(SSL_CTX* context);

 private:
  using Store = std::unique_ptr<X509_STORE, void (*)(X509_STORE*)>;

  [[nodiscard]] Store load() const;

  const std::string ca_file_;
  std::once_flag loaded_;
  Store store_{nullptr, nullptr};
};

}  // namespace ebagent::http
