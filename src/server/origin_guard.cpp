#include "server/origin_guard.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <utility>

namespace ebagent::server {
namespace {

std::string lower(std::string_view text) {
  std::string out{text};
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  }
  return out;
}

// "localhost" of "localhost:4010", "[::1]" of "[::1]:4010".
std::string_view without_port(std::string_view authority) {
  if (authority.starts_with('[')) return authority.substr(0, authority.find(']') + 1);
  return authority.substr(0, authority.find(':'));
}

// "localhost:3000" of "http://localhost:3000"; "null" and what else is no origin as it is.
std::string_view authority_of(std::string_view origin) {
  const auto scheme_end = origin.find("://");
  return scheme_end == std::string_view::npos ? origin : origin.substr(scheme_end + 3);
}

}  // namespace

bool is_loopback_host(std::string_view host) {
  std::string name = lower(host);
  if (name.ends_with('.')) name.pop_back();
  if (name == "localhost" || name.ends_with(".localhost") || name == "[::1]" || name == "::1") return true;
  in_addr address{};
  return ::inet_pton(AF_INET, name.c_str(), &address) == 1 && (ntohl(address.s_addr) >> 24) == 127;
}

OriginGuard::OriginGuard(Bound bound, std::vector<std::string> allowed_hosts)
    : bound_(bound), allowed_hosts_(std::move(allowed_hosts)) {
  for (std::string& host : allowed_hosts_) host = lower(host);
}

bool OriginGuard::is_allowed(std::string_view host) const {
  return is_loopback_host(host) ||
         std::find(allowed_hosts_.begin(), allowed_hosts_.end(), lower(host)) != allowed_hosts_.end();
}

std::optional<std::string> OriginGuard::refusal(const Request& request) const {
  if (bound_ == Bound::Loopback && request.headers.has("host") &&
      !is_allowed(without_port(request.headers.get("host")))) {
    return "The Host header names another machine than this one. This server answers local callers only; "
           "start it "
           "with that host allowed if this is meant.";
  }
  if (request.headers.has("origin") &&
      !is_allowed(without_port(authority_of(request.headers.get("origin"))))) {
    return "The request comes from a web page of another site (Origin header). Start the server with that "
           "host "
           "allowed if this is meant.";
  }
  return std::nullopt;
}

}  // namespace ebagent::server
