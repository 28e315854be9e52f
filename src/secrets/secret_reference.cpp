#include "secrets/secret_reference.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <optional>

namespace ebagent::secrets {
namespace {

constexpr std::string_view kEnvironment = "secret:env:";
constexpr std::string_view kFile = "secret:file:";

// An open file that closes itself.
class File {
 public:
  explicit File(const std::string& path)
      : descriptor_(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)) {}
  ~File() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  [[nodiscard]] int descriptor() const { return descriptor_; }

 private:
  const int descriptor_;
};

// Whether others than the owner can get at a file. Looked at on the open descriptor, so that it is the file that is read.
std::optional<std::string> problem_with_mode(const struct stat& status) {
  if (!S_ISREG(status.st_mode)) return "is no regular file";
  if (status.st_uid != geteuid() && status.st_uid != 0) return "belongs to another user";
  const mode_t others = status.st_mode & 077U;
  const bool is_mounted_by_root = status.st_uid == 0 && others == S_IRGRP;
  if (others == 0 || is_mounted_by_root) return std::nullopt;
  return "may be read or written by others than its owner; run chmod 600 on it";
}

Result<std::string> read_file(const std::string& path) {
  const auto refuse = [&](ErrorCode code, const std::string& why) {
    return fail(code, "The secret's file " + path + " " + why + ".");
  };
  const File file(path);
  if (file.descriptor() < 0)
    return refuse(ErrorCode::NotFound, std::string("cannot be opened: ") + strerror(errno));
  struct stat status {};
  if (fstat(file.descriptor(), &status) != 0) return refuse(ErrorCode::Io, "cannot be looked at");
  if (const auto problem = problem_with_mode(status)) return refuse(ErrorCode::InvalidArgument, *problem);
  std::string text(kMaxSecretBytes + 2, '\0');
  std::size_t filled = 0;
  while (filled < text.size()) {
    const auto got = read(file.descriptor(), text.data() + filled, text.size() - filled);
    if (got < 0) return refuse(ErrorCode::Io, "cannot be read");
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
  }
  text.resize(filled);
  if (text.ends_with('\n')) text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
  return text;
}

Result<std::string> read_environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr) {
    return fail(ErrorCode::NotFound,
                "The environment variable " + name + ", which holds a secret, is not set.");
  }
  return std::string(value);
}

bool is_variable(std::string_view name) {
  return !name.empty() && (name[0] < '0' || name[0] > '9') &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
         });
}

}  // namespace

Result<SecretReference> SecretReference::parse(std::string_view text) {
  if (text.starts_with(kEnvironment) && is_variable(text.substr(kEnvironment.size()))) {
    return SecretReference{Kind::Environment, std::string(text.substr(kEnvironment.size()))};
  }
  const bool is_file = text.starts_with(kFile);
  if (const auto path = text.substr(is_file ? kFile.size() : 0); is_file && path.starts_with('/')) {
    return SecretReference{Kind::File, std::string(path)};
  }
  return fail(
      ErrorCode::InvalidArgument,
      "A secret is named as secret:env:NAME or secret:file:/ABSOLUTE/PATH; its value never stands in a "
      "configuration.");
}

Result<std::string> resolve(const SecretReference& reference) {
  BOOST_OUTCOME_TRY(auto value, reference.kind == SecretReference::Kind::File
                                    ? read_file(reference.place)
                                    : read_environment(reference.place));
  const auto refuse = [&](const std::string& why) {
    return fail(ErrorCode::InvalidArgument, "The secret " + reference.name() + " " + why + ".");
  };
  if (value.size() < kMinSecretBytes) {
    return refuse("is empty or too short to be kept out of logs: it needs " +
                  std::to_string(kMinSecretBytes) + " characters");
  }
  if (value.size() > kMaxSecretBytes)
    return refuse("is larger than " + std::to_string(kMaxSecretBytes) + " bytes");
  if (std::any_of(value.begin(), value.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; })) {
    return refuse("has line breaks or control characters");
  }
  return value;
}

}  // namespace ebagent::secrets
