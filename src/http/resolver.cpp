#include "http/resolver.hpp"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <memory>

namespace ebagent::http {
namespace {

std::optional<Address> address_of(const sockaddr& from) {
  Address::Bytes bytes{};
  if (from.sa_family == AF_INET6) {
    const auto& ipv6 = reinterpret_cast<const sockaddr_in6&>(from);
    std::copy_n(reinterpret_cast<const std::uint8_t*>(&ipv6.sin6_addr), bytes.size(), bytes.begin());
    return Address(bytes);
  }
  if (from.sa_family != AF_INET) return std::nullopt;
  const auto& ipv4 = reinterpret_cast<const sockaddr_in&>(from);
  bytes[10] = bytes[11] = 0xFF;
  std::copy_n(reinterpret_cast<const std::uint8_t*>(&ipv4.sin_addr), 4, bytes.begin() + 12);
  return Address(bytes);
}

}  // namespace

Result<std::vector<Address>> SystemResolver::resolve(const std::string& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* found = nullptr;
  const int code = getaddrinfo(host.c_str(), nullptr, &hints, &found);
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> list{found, freeaddrinfo};
  std::vector<Address> addresses;
  for (const addrinfo* entry = found; code == 0 && entry != nullptr; entry = entry->ai_next) {
    if (const auto address = address_of(*entry->ai_addr)) addresses.push_back(*address);
  }
  if (!addresses.empty()) return addresses;
  const bool may_pass = code == EAI_AGAIN || code == EAI_MEMORY || code == EAI_SYSTEM;
  return fail(may_pass ? ErrorCode::Unavailable : ErrorCode::NotFound,
              "The host " + host + " has no address: " + (code == 0 ? "none" : gai_strerror(code)) + ".");
}

}  // namespace ebagent::http
