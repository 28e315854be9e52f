#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

#include "pattern/address.hpp"
#include "pattern/number.hpp"

namespace ebagent::pattern {

// What a key of the posting table stands for: at one path, all values that this look-up finds by this content.
enum class LookupKind : std::uint8_t {
  Any,
  Text,
  Literal,
  Number,
  Caseless,
  Prefix,
  Suffix,
  CaselessPrefix,
  CaselessSuffix,
  Gram,
  Block,
};

// Multiplies to 128 bits and folds them.
inline std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

constexpr std::uint64_t kHashA = 0x9E3779B97F4A7C15;
constexpr std::uint64_t kHashB = 0xE7037ED1A0B428DB;

// Keys may collide: what is found under one is verified.
inline std::uint64_t lookup_key(std::uint32_t path, LookupKind kind, std::uint64_t content) {
  return mix(content ^ kHashB,
             ((static_cast<std::uint64_t>(path) << 8) | static_cast<std::uint64_t>(kind)) * kHashA + kHashB);
}

inline std::uint64_t hash_text(std::string_view text) {
  const auto load = [](const char* at, std::size_t size) {
    std::uint64_t out = 0;
    std::memcpy(&out, at, size);
    return out;
  };
  const char* at = text.data();
  std::size_t size = text.size();
  std::uint64_t hash = size * kHashA;
  for (; size > 16; at += 16, size -= 16) hash = mix(load(at, 8) ^ kHashA, load(at + 8, 8) ^ hash);
  if (size >= 8) return mix(load(at, 8) ^ kHashA, load(at + size - 8, 8) ^ hash);
  if (size >= 4) return mix(load(at, 4) ^ kHashA, load(at + size - 4, 4) ^ hash);
  if (size == 0) return hash;
  const auto byte = [at](std::size_t i) {
    return static_cast<std::uint64_t>(static_cast<unsigned char>(at[i]));
  };
  return mix((byte(0) | (byte(size / 2) << 8) | (byte(size - 1) << 16)) ^ kHashA, hash);
}

// The content of a prefix, character by character, so that one pass gives those of all prefixes of a text; a
// suffix is read from its end.
inline std::uint64_t roll(std::uint64_t content, char c) {
  const std::uint64_t next = (content ^ static_cast<unsigned char>(c)) * kHashB;
  return next ^ (next >> 32);
}

inline std::uint64_t hash_number(const Number& number) {
  return mix(static_cast<std::uint64_t>(number.high) ^ kHashA, number.low ^ kHashB);
}

inline std::uint64_t hash_block(const AddressBlock& block) {
  return mix(block.first.high ^ kHashA, block.first.low ^ kHashB) + block.bits * 2 +
         (block.first.is_v4 ? 1 : 0);
}

}  // namespace ebagent::pattern
