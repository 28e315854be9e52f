#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ebagent::http {

// An IPv4 or IPv6 address. IPv4 is kept as IPv6 keeps it (::ffff:a.b.c.d), so that both spellings are one address.
class Address {
 public:
  using Bytes = std::array<std::uint8_t, 16>;

  // "192.0.2.1", "2001:db8::1"; nothing else (no octal, hexadecimal or shortened IPv4, no zone).
  [[nodiscard]] static std::optional<Address> parse(std::string_view text);
  explicit Address(const Bytes& bytes) : bytes_(bytes) {}

  [[nodiscard]] const Bytes& bytes() const { return bytes_; }
  [[nodiscard]] bool is_ipv4() const;
  [[nodiscard]] std::string text() const;

  // Whether the address is one of the public internet: none of the special-purpose blocks (private, loopback, link-local,
  // shared, multicast, documentation, reserved), and no form that carries such an IPv4 address inside (mapped, NAT64; 6to4
  // and Teredo altogether). Sources: https://www.iana.org/assignments/iana-ipv4-special-registry and
  // https://www.iana.org/assignments/iana-ipv6-special-registry
  [[nodiscard]] bool is_public() const;

  bool operator==(const Address&) const = default;

 private:
  Bytes bytes_;
};

// Addresses that begin with the same bits: "10.0.0.0/8", "fd00::/8", or one address.
class Network {
 public:
  [[nodiscard]] static std::optional<Network> parse(std::string_view text);
  [[nodiscard]] bool contains(const Address& address) const;

 private:
  Network(const Address& base, int bits) : base_(base), bits_(bits) {}

  Address base_;
  int bits_;  // of the 128
};

}  // namespace ebagent::http
