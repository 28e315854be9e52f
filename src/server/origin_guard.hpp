#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/http_message.hpp"

namespace ebagent::server {

// Keeps web pages of other sites out. A browser on the same machine reaches a loopback server too, and a page
// can have its own name resolved to 127.0.0.1 (DNS rebinding); both show in the Origin or Host header.
class OriginGuard {
 public:
  enum class Bound { Loopback, Network };

  // `allowed_hosts`: further names, without port, that may stand in Host and Origin. On the network any Host
  // is taken (the server cannot know its names), Origins only when loopback or allowed.
  explicit OriginGuard(Bound bound, std::vector<std::string> allowed_hosts = {});

  // Why the request is refused; nullopt when it is not.
  [[nodiscard]] std::optional<std::string> refusal(const Request& request) const;

 private:
  [[nodiscard]] bool is_allowed(std::string_view host) const;

  Bound bound_;
  std::vector<std::string> allowed_hosts_;
};

// True for localhost, names below it, 127.0.0.0/8, ::1 and [::1]; `host` is without port.
[[nodiscard]] bool is_loopback_host(std::string_view host);

}  // namespace ebagent::server
