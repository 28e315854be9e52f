#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "ebagent/result.hpp"

namespace ebagent::pattern {

// An IP address. An IPv4 address written as IPv6 (::ffff:a.b.c.d in hexadecimal) is the IPv4 address.
struct Address {
  bool is_v4 = true;
  std::uint64_t high = 0;
  std::uint64_t low = 0;

  bool operator==(const Address&) const = default;
};

// The addresses that share their first `bits` bits with `first`; the bits behind are zero in `first`.
struct AddressBlock {
  Address first;
  unsigned bits = 32;

  [[nodiscard]] bool contains(const Address& address) const;
  bool operator==(const AddressBlock&) const = default;
};

// Keeps the first `bits` bits of an address.
[[nodiscard]] Address masked(const Address& address, unsigned bits);

// Reads an address literal: four decimal parts (leading zeros are decimal, at most 15 characters), or
// hexadecimal groups with at most one "::". No name is ever looked up.
[[nodiscard]] std::optional<Address> parse_address(std::string_view text);

// Reads "address/bits"; /32 and /128 are refused. Errors: InvalidArgument in EventBridge's words.
[[nodiscard]] Result<AddressBlock> parse_address_block(std::string_view text);

}  // namespace ebagent::pattern
