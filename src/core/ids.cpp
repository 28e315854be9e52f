#include "core/ids.hpp"

#include <openssl/evp.h>
#include <openssl/sha.h>

#include <array>
#include <random>

namespace ebagent::core {
namespace {

constexpr char kHex[] = "0123456789abcdef";

std::string format_uuid(const std::array<std::uint8_t, 16>& bytes) {
  std::string out;
  out.reserve(36);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) out.push_back('-');
    out.push_back(kHex[bytes[i] >> 4]);
    out.push_back(kHex[bytes[i] & 15]);
  }
  return out;
}

void set_version(std::array<std::uint8_t, 16>& bytes, unsigned version) {
  bytes[6] = std::uint8_t((bytes[6] & 0x0F) | (version << 4));
  bytes[8] = std::uint8_t((bytes[8] & 0x3F) | 0x80);
}

std::array<std::uint8_t, SHA256_DIGEST_LENGTH> sha256(std::string_view bytes) {
  // Looking the algorithm up takes OpenSSL as long as hashing a short text.
  static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  std::array<std::uint8_t, SHA256_DIGEST_LENGTH> digest{};
  EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, algorithm, nullptr);
  return digest;
}

}  // namespace

std::uint64_t SystemRandom::next() {
  thread_local std::mt19937_64 engine = [] {
    std::random_device device;
    std::seed_seq seed{device(), device(), device(), device()};
    return std::mt19937_64{seed};
  }();
  return engine();
}

std::string uuid_v7(TimePoint now, Random& random) {
  std::array<std::uint8_t, 16> bytes{};
  const auto millis = std::uint64_t(now.time_since_epoch().count());
  for (unsigned i = 0; i < 6; ++i) bytes[i] = std::uint8_t(millis >> (8 * (5 - i)));
  const std::uint64_t high = random.next();
  const std::uint64_t low = random.next();
  bytes[6] = std::uint8_t(high);
  bytes[7] = std::uint8_t(high >> 8);
  for (unsigned i = 0; i < 8; ++i) bytes[8 + i] = std::uint8_t(low >> (8 * i));
  set_version(bytes, 7);
  return format_uuid(bytes);
}

std::string uuid_from_name(std::string_view name) {
  const auto digest = sha256(name);
  std::array<std::uint8_t, 16> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = digest[i];
  set_version(bytes, 8);
  return format_uuid(bytes);
}

std::string sha256_hex(std::string_view bytes) {
  std::string out;
  out.reserve(2 * SHA256_DIGEST_LENGTH);
  for (const std::uint8_t byte : sha256(bytes)) {
    out.push_back(kHex[byte >> 4]);
    out.push_back(kHex[byte & 15]);
  }
  return out;
}

}  // namespace ebagent::core
