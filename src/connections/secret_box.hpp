#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "ebagent/result.hpp"

namespace ebagent::connections {

inline constexpr std::size_t kSecretKeyBytes = 32;
using SecretKey = std::array<unsigned char, kSecretKeyBytes>;

// Reads a key as 64 hexadecimal digits; InvalidArgument, which never quotes it, for anything else.
[[nodiscard]] Result<SecretKey> parse_secret_key(std::string_view hexadecimal);

// Seals secrets for the store: AES-256-GCM with a new nonce each time. The context (whose secret it is) is
// authenticated too, so that a sealed text cannot be moved to another record.
//
// The key comes from a file that is made by the first seal(), readable by its owner only, or is given; without the name of a
// file it lives as long as the box. Thread safety: every
// member may be called from any thread.
class SecretBox {
 public:
  explicit SecretBox(std::filesystem::path key_file) : key_file_(std::move(key_file)) {}
  explicit SecretBox(const SecretKey& key) : key_(key) {}

  // Text that can be kept anywhere. Errors: Io when the key cannot be made or read.
  [[nodiscard]] Result<std::string> seal(std::string_view secret, std::string_view context);
  // Errors: Io, also when the key is gone or this key and context did not seal it.
  [[nodiscard]] Result<std::string> open(std::string_view sealed, std::string_view context);

 private:
  enum class WhenMissing { Fail, Make };
  Result<SecretKey> key(WhenMissing when_missing);
  Result<SecretKey> read_key_file() const;
  Result<SecretKey> make_key_file() const;

  const std::filesystem::path key_file_;
  std::mutex mutex_;
  std::optional<SecretKey> key_;  // guarded by mutex_; once it is known
};

}  // namespace ebagent::connections
