#include "store/sqlite/owner_lock.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>

namespace ebagent::store::sqlite {
namespace {

// The process number the owner wrote, with which people find it; empty while it has not written yet.
std::string owner_of(int file) {
  std::array<char, 32> text{};
  const ssize_t length = ::pread(file, text.data(), text.size(), 0);
  if (length <= 0) return {};
  const std::string_view read{text.data(), static_cast<std::size_t>(length)};
  return fmt::format(" (process {})", read.substr(0, read.find('\n')));
}

}  // namespace

Result<std::unique_ptr<OwnerLock>> OwnerLock::take(const std::filesystem::path& directory) {
  const std::filesystem::path path = directory / "lock";
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) {
    return fail(ErrorCode::Io,
                fmt::format("Cannot make the file {}: {}. Check the permissions of the directory.",
                            path.string(), std::strerror(errno)));
  }
  std::unique_ptr<OwnerLock> lock{new OwnerLock(file)};
  if (::flock(file, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) {
      return fail(ErrorCode::Io, fmt::format("Cannot lock {}: {}.", path.string(), std::strerror(errno)));
    }
    return fail(ErrorCode::Conflict,
                fmt::format("The data directory {} is in use by another eventbridge-agent{}. Stop "
                            "it, or choose another directory with --data.",
                            directory.string(), owner_of(file)));
  }
  const std::string text = fmt::format("{}\n", ::getpid());
  // The number serves messages only: a disk too full to take it does not keep us from owning the directory.
  if (::ftruncate(file, 0) == 0) static_cast<void>(::pwrite(file, text.data(), text.size(), 0) < 0);
  return lock;
}

OwnerLock::~OwnerLock() {
  ::close(file_);
}

}  // namespace ebagent::store::sqlite
