#include "connections/secret_box.hpp"

#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>
#include <vector>

namespace ebagent::connections {
namespace {

constexpr std::size_t kNonceBytes = 12;
constexpr std::size_t kTagBytes = 16;
constexpr std::string_view kForm = "aes-256-gcm:";  // before the hexadecimal of nonce, ciphertext and tag

using Cipher = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;
using Bytes = std::vector<unsigned char>;

class File {
 public:
  explicit File(int descriptor) : descriptor_(descriptor) {}
  ~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  [[nodiscard]] int get() const { return descriptor_; }

 private:
  const int descriptor_;
};

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string to_hex(const unsigned char* bytes, std::size_t size) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  out.reserve(size * 2);
  for (std::size_t i = 0; i < size; ++i) {
    out += kDigits[bytes[i] >> 4U];
    out += kDigits[bytes[i] & 0xFU];
  }
  return out;
}

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::optional<Bytes> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  Bytes out;
  out.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = digit(text[i]);
    const int low = digit(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    out.push_back(static_cast<unsigned char>(high * 16 + low));
  }
  return out;
}

Error io(const std::filesystem::path& file, std::string_view what, int problem) {
  return {ErrorCode::Io, "The key of secrets " + file.string() + " " + std::string{what} + ": " +
                             std::strerror(problem) + "."};
}

Error not_sealed_so() {
  return {ErrorCode::Io,
          "A secret in the store cannot be opened: it was sealed with another key. Give the key it was "
          "sealed with, or "
          "update the connection with its secrets."};
}

Error cipher_failed() {
  return {ErrorCode::Internal, "OpenSSL could not encrypt or decrypt a secret."};
}

Result<void> write_all(int descriptor, std::string_view text, const std::filesystem::path& file) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written < 0) return fail(io(file, "cannot be written", errno));
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  if (::fsync(descriptor) != 0) return fail(io(file, "cannot be written", errno));
  return success();
}

Result<SecretKey> new_key() {
  SecretKey key{};
  if (RAND_bytes(key.data(), static_cast<int>(key.size())) != 1) return fail(cipher_failed());
  return key;
}

}  // namespace

Result<SecretKey> parse_secret_key(std::string_view hexadecimal) {
  const auto bytes = from_hex(hexadecimal);
  if (!bytes || bytes->size() != kSecretKeyBytes) {
    return fail(ErrorCode::InvalidArgument,
                "A key of secrets must be 64 hexadecimal digits (32 random bytes).");
  }
  SecretKey key{};
  std::copy(bytes->begin(), bytes->end(), key.begin());
  return key;
}

Result<SecretKey> SecretBox::read_key_file() const {
  const File file{::open(key_file_.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)};
  if (file.get() < 0) {
    if (errno != ENOENT) return fail(io(key_file_, "cannot be opened", errno));
    return fail(ErrorCode::NotFound, "The key of secrets " + key_file_.string() +
                                         " is missing; without it the secrets in the store cannot be read.");
  }
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) return fail(io(key_file_, "cannot be read", errno));
  if ((status.st_mode & 0077U) != 0) {
    return fail(ErrorCode::Io, "The key of secrets " + key_file_.string() +
                                   " can be read by others than its owner; run chmod 600 on it.");
  }
  std::string text(kSecretKeyBytes * 2, '\0');
  const ssize_t size = ::read(file.get(), text.data(), text.size());
  if (size < 0) return fail(io(key_file_, "cannot be read", errno));
  text.resize(static_cast<std::size_t>(size));
  auto key = parse_secret_key(text);
  if (!key)
    return fail(ErrorCode::Io, "The file " + key_file_.string() + " is damaged: " + key.error().message);
  return key;
}

// Another thread or an earlier process may have been faster: then its key is read.
Result<SecretKey> SecretBox::make_key_file() const {
  BOOST_OUTCOME_TRY(const SecretKey key, new_key());
  // Whole or not at all: it gets its name when it is on disk.
  const std::filesystem::path unnamed = key_file_.string() + ".new";
  {
    const File file{::open(unnamed.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600)};
    if (file.get() < 0) return fail(io(unnamed, "cannot be made", errno));
    BOOST_OUTCOME_TRYV(write_all(file.get(), to_hex(key.data(), key.size()) + "\n", unnamed));
  }
  if (::link(unnamed.c_str(), key_file_.c_str()) != 0 && errno != EEXIST) {
    return fail(io(key_file_, "cannot be made", errno));
  }
  ::unlink(unnamed.c_str());
  const File folder{::open(key_file_.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (folder.get() < 0 || ::fsync(folder.get()) != 0) return fail(io(key_file_, "cannot be made", errno));
  return read_key_file();
}

Result<SecretKey> SecretBox::key(WhenMissing when_missing) {
  const std::scoped_lock lock{mutex_};
  if (key_) return *key_;
  if (key_file_.empty()) {
    BOOST_OUTCOME_TRY(key_, new_key());
    return *key_;
  }
  auto key = read_key_file();
  if (!key && key.error().code == ErrorCode::NotFound && when_missing == WhenMissing::Make)
    key = make_key_file();
  if (!key) return fail(ErrorCode::Io, key.error().message);
  key_ = key.value();
  return key;
}

Result<std::string> SecretBox::seal(std::string_view secret, std::string_view context) {
  BOOST_OUTCOME_TRY(const SecretKey key, this->key(WhenMissing::Make));
  Bytes out(kNonceBytes + secret.size() + kTagBytes);
  unsigned char* const nonce = out.data();
  unsigned char* const text = nonce + kNonceBytes;
  const Cipher cipher{EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free};
  int size = 0;
  int rest = 0;
  const bool is_sealed =
      cipher != nullptr && RAND_bytes(nonce, kNonceBytes) == 1 &&
      EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, key.data(), nonce) == 1 &&
      EVP_EncryptUpdate(cipher.get(), nullptr, &size, bytes_of(context), static_cast<int>(context.size())) ==
          1 &&
      EVP_EncryptUpdate(cipher.get(), text, &size, bytes_of(secret), static_cast<int>(secret.size())) == 1 &&
      EVP_EncryptFinal_ex(cipher.get(), text + size, &rest) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes, text + secret.size()) == 1;
  if (!is_sealed) return fail(cipher_failed());
  return std::string{kForm} + to_hex(out.data(), out.size());
}

Result<std::string> SecretBox::open(std::string_view sealed, std::string_view context) {
  BOOST_OUTCOME_TRY(const SecretKey key, this->key(WhenMissing::Fail));
  if (!sealed.starts_with(kForm)) return fail(not_sealed_so());
  auto bytes = from_hex(sealed.substr(kForm.size()));
  if (!bytes || bytes->size() < kNonceBytes + kTagBytes) return fail(not_sealed_so());
  const unsigned char* const nonce = bytes->data();
  const unsigned char* const text = nonce + kNonceBytes;
  const std::size_t text_size = bytes->size() - kNonceBytes - kTagBytes;
  unsigned char* const tag = bytes->data() + kNonceBytes + text_size;
  std::string secret(text_size, '\0');
  auto* const out = reinterpret_cast<unsigned char*>(secret.data());
  const Cipher cipher{EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free};
  int size = 0;
  int rest = 0;
  const bool is_open = cipher != nullptr &&
                       EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, key.data(), nonce) == 1 &&
                       EVP_DecryptUpdate(cipher.get(), nullptr, &size, bytes_of(context),
                                         static_cast<int>(context.size())) == 1 &&
                       EVP_DecryptUpdate(cipher.get(), out, &size, text, static_cast<int>(text_size)) == 1 &&
                       EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes, tag) == 1 &&
                       EVP_DecryptFinal_ex(cipher.get(), out + size, &rest) == 1;
  if (!is_open) return fail(not_sealed_so());
  return secret;
}

}  // namespace ebagent::connections
