#include "http/address.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <vector>

namespace ebagent::http {
namespace {

constexpr std::array<std::uint8_t, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

std::vector<Network> networks(std::initializer_list<const char*> texts) {
  std::vector<Network> all;
  for (const char* text : texts) all.push_back(*Network::parse(text));
  return all;
}

bool is_in(const std::vector<Network>& all, const Address& address) {
  return std::any_of(all.begin(), all.end(),
                     [&](const Network& network) { return network.contains(address); });
}

// The IPv4 address in the last four bytes.
Address last_four(const Address& address) {
  Address::Bytes bytes{};
  std::copy(kMapped.begin(), kMapped.end(), bytes.begin());
  std::copy(address.bytes().begin() + 12, address.bytes().end(), bytes.begin() + 12);
  return Address(bytes);
}

}  // namespace

std::optional<Address> Address::parse(std::string_view text) {
  const std::string copy(text);
  Bytes bytes{};
  if (inet_pton(AF_INET6, copy.c_str(), bytes.data()) == 1) return Address(bytes);
  std::copy(kMapped.begin(), kMapped.end(), bytes.begin());
  if (inet_pton(AF_INET, copy.c_str(), bytes.data() + kMapped.size()) == 1) return Address(bytes);
  return std::nullopt;
}

bool Address::is_ipv4() const {
  return std::equal(kMapped.begin(), kMapped.end(), bytes_.begin());
}

std::string Address::text() const {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const bool is_short = is_ipv4();
  inet_ntop(is_short ? AF_INET : AF_INET6, bytes_.data() + (is_short ? kMapped.size() : 0), text.data(),
            socklen_t{INET6_ADDRSTRLEN});
  return text.data();
}

bool Address::is_public() const {
  static const std::vector<Network> kSpecialIpv4 =
      networks({"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
                "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24",
                "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
                "224.0.0.0/4", "240.0.0.0/4"});
  // 2001::/23 has Teredo and other protocols' addresses, 2002::/16 is 6to4.
  static const std::vector<Network> kSpecialIpv6 =
      networks({"2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20"});
  static const Network kNat64 = *Network::parse("64:ff9b::/96");
  static const Network kGlobalUnicast = *Network::parse("2000::/3");
  if (is_ipv4()) return !is_in(kSpecialIpv4, *this);
  if (kNat64.contains(*this)) return last_four(*this).is_public();
  return kGlobalUnicast.contains(*this) && !is_in(kSpecialIpv6, *this);
}

std::optional<Network> Network::parse(std::string_view text) {
  const auto slash = text.find('/');
  const auto base = Address::parse(text.substr(0, slash));
  if (!base) return std::nullopt;
  const bool is_ipv4 = text.find(':') == std::string_view::npos;
  const int most = is_ipv4 ? 32 : 128;
  int bits = most;
  if (slash != std::string_view::npos) {
    const std::string_view digits = text.substr(slash + 1);
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
    if (read.ec != std::errc() || read.ptr != digits.data() + digits.size() || bits < 0 || bits > most) {
      return std::nullopt;
    }
  }
  return Network(*base, is_ipv4 ? bits + 96 : bits);
}

bool Network::contains(const Address& address) const {
  for (int bit = 0; bit < bits_; bit += 8) {
    const auto at = static_cast<std::size_t>(bit / 8);
    const int shared = std::min(8, bits_ - bit);
    const auto mask = static_cast<std::uint8_t>(0xFF00 >> shared);
    if (((base_.bytes()[at] ^ address.bytes()[at]) & mask) != 0) return false;
  }
  return true;
}

}  // namespace ebagent::http
