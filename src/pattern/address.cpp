#include "pattern/address.hpp"

#include <array>
#include <cstddef>
#include <string>

namespace ebagent::pattern {
namespace {

constexpr std::size_t kMaxV4Characters = 15;
constexpr std::size_t kV6Groups = 8;
constexpr unsigned kV4Bits = 32;
constexpr unsigned kV6Bits = 128;

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Digits, with exactly three dots between them.
bool looks_like_v4(std::string_view text) {
  int dots = 0;
  bool digit_before = false;
  for (const char c : text) {
    if (c == '.') {
      if (!digit_before) return false;
      ++dots;
      digit_before = false;
    } else if (c >= '0' && c <= '9') {
      digit_before = true;
    } else {
      return false;
    }
  }
  return dots == 3 && digit_before;
}

bool looks_like_v6(std::string_view text) {
  bool colon = false;
  for (const char c : text) {
    if (c == ':')
      colon = true;
    else if (hex_digit(c) < 0)
      return false;
  }
  return colon;
}

std::optional<Address> parse_v4(std::string_view text) {
  if (text.size() > kMaxV4Characters) return std::nullopt;
  std::uint64_t address = 0;
  unsigned part = 0;
  for (const char c : text) {
    if (c == '.') {
      address = (address << 8) | part;
      part = 0;
      continue;
    }
    part = part * 10 + unsigned(c - '0');
    if (part > 255) return std::nullopt;
  }
  return Address{true, 0, (address << 8) | part};
}

std::optional<Address> parse_v6(std::string_view text) {
  std::array<std::uint16_t, kV6Groups> groups{};
  std::size_t count = 0;
  std::optional<std::size_t> gap;  // how many groups stand before "::"
  std::size_t at = 0;
  if (text[0] == ':') {
    if (text.size() < 2 || text[1] != ':') return std::nullopt;
    ++at;
  }
  bool group_open = false;
  std::uint32_t group = 0;
  for (; at < text.size(); ++at) {
    if (const int digit = hex_digit(text[at]); digit >= 0) {
      group = group * 16 + std::uint32_t(digit);
      if (group > 0xFFFF) return std::nullopt;
      group_open = true;
      continue;
    }
    if (!group_open) {
      if (gap) return std::nullopt;
      gap = count;
      continue;
    }
    if (at + 1 == text.size() || count == kV6Groups) return std::nullopt;
    groups[count++] = std::uint16_t(group);
    group = 0;
    group_open = false;
  }
  if (group_open) {
    if (count == kV6Groups) return std::nullopt;
    groups[count++] = std::uint16_t(group);
  }
  if (gap) {
    if (count == kV6Groups) return std::nullopt;
    const std::size_t behind = count - *gap;
    for (std::size_t i = 0; i < behind; ++i) {
      groups[kV6Groups - 1 - i] = groups[count - 1 - i];
      groups[count - 1 - i] = 0;
    }
  } else if (count != kV6Groups) {
    return std::nullopt;
  }
  Address out{false, 0, 0};
  for (std::size_t i = 0; i < 4; ++i) out.high = (out.high << 16) | groups[i];
  for (std::size_t i = 4; i < 8; ++i) out.low = (out.low << 16) | groups[i];
  if (out.high == 0 && (out.low >> 32) == 0xFFFF) return Address{true, 0, out.low & 0xFFFFFFFF};
  return out;
}

std::optional<int> parse_bits(std::string_view text) {
  constexpr int kMost = 1'000'000'000;  // anything above is refused anyway, by the same message
  const bool signed_ = !text.empty() && (text[0] == '-' || text[0] == '+');
  if (text.size() == (signed_ ? 1u : 0u)) return std::nullopt;
  long long value = 0;
  for (const char c : text.substr(signed_ ? 1 : 0)) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
    if (value > 2'147'483'647LL) return std::nullopt;
  }
  if (value > kMost) value = kMost;
  return int(text[0] == '-' ? -value : value);
}

}  // namespace

Address masked(const Address& address, unsigned bits) {
  const auto keep = [](std::uint64_t value, unsigned count) {
    return count == 0 ? 0 : count >= 64 ? value : value & (~std::uint64_t{0} << (64 - count));
  };
  if (address.is_v4) return {true, 0, keep(address.low << 32, bits) >> 32};
  return {false, keep(address.high, bits), keep(address.low, bits > 64 ? bits - 64 : 0)};
}

bool AddressBlock::contains(const Address& address) const {
  return address.is_v4 == first.is_v4 && masked(address, bits) == first;
}

std::optional<Address> parse_address(std::string_view text) {
  if (looks_like_v4(text)) return parse_v4(text);
  if (looks_like_v6(text)) return parse_v6(text);
  return std::nullopt;
}

Result<AddressBlock> parse_address_block(std::string_view text) {
  // A slash at the very end does not count, as the reference splits the text.
  while (!text.empty() && text.back() == '/') text.remove_suffix(1);
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos || text.find('/', slash + 1) != std::string_view::npos) {
    return fail(ErrorCode::InvalidArgument, "Malformed CIDR, one '/' required");
  }
  const std::string_view literal = text.substr(0, slash);
  const auto bits = parse_bits(text.substr(slash + 1));
  if (!bits) return fail(ErrorCode::InvalidArgument, "Malformed CIDR, mask bits must be an integer");
  if (*bits < 0) return fail(ErrorCode::InvalidArgument, "Malformed CIDR, mask bits must not be negative");
  if (!looks_like_v4(literal) && !looks_like_v6(literal)) {
    return fail(ErrorCode::InvalidArgument, "Nonstandard IP address: " + std::string(literal));
  }
  const auto address = parse_address(literal);
  if (!address) return fail(ErrorCode::InvalidArgument, "Invalid IP address: " + std::string(literal));
  const unsigned most = address->is_v4 ? kV4Bits : kV6Bits;
  if (unsigned(*bits) >= most) {
    return fail(ErrorCode::InvalidArgument, std::string(address->is_v4 ? "IPv4" : "IPv6") +
                                                " mask bits must be < " + std::to_string(most));
  }
  return AddressBlock{masked(*address, unsigned(*bits)), unsigned(*bits)};
}

}  // namespace ebagent::pattern
