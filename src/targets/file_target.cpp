#include "targets/file_target.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include "core/percent.hpp"
#include "targets/outcome.hpp"

namespace ebagent::targets {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kScheme = "file://";

// JSON has line breaks between its parts only, never within a string.
std::string one_line(std::string json) {
  std::replace_if(
      json.begin(), json.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
  json += '\n';
  return json;
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const { return fd_; }

 private:
  const int fd_;
};

// True when all was written.
bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const auto written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

// True when the file's last byte is no line's end.
bool ends_torn(int fd) {
  struct stat status {};
  if (::fstat(fd, &status) != 0 || status.st_size == 0) return false;
  char last = '\n';
  return ::pread(fd, &last, 1, status.st_size - 1) == 1 && last != '\n';
}

delivery::SendOutcome failed(const fs::path& file, int error) {
  std::string message = "The file " + file.string() + " cannot be written: " + std::strerror(error) + ".";
  switch (error) {
    case EACCES:
    case EPERM:
    case EROFS:
    case ELOOP:
      return delivery::Fail{std::string{delivery::kNoPermissions}, std::move(message)};
    case ENOENT:
    case ENOTDIR:
    case EISDIR:
      return no_resource(std::move(message));
    default:
      return delivery::Retry{std::string{delivery::kErrorFromTarget}, std::move(message)};
  }
}

// The file that the URL names when it stands below the folder.
std::optional<fs::path> file_below(const fs::path& folder, std::string_view arn) {
  if (!arn.starts_with(kScheme) || arn.size() == kScheme.size() || arn[kScheme.size()] != '/')
    return std::nullopt;
  const fs::path path = fs::path{core::percent_decode(arn.substr(kScheme.size()))}.lexically_normal();
  std::error_code unreadable;
  const fs::path parent = fs::weakly_canonical(path.parent_path(), unreadable);
  if (unreadable || !path.has_filename()) return std::nullopt;
  const auto differ = std::mismatch(folder.begin(), folder.end(), parent.begin(), parent.end());
  if (differ.first != folder.end()) return std::nullopt;
  return parent / path.filename();
}

}  // namespace

Result<std::shared_ptr<FileTarget>> FileTarget::below(const fs::path& folder) {
  std::error_code unreadable;
  fs::path real = fs::canonical(folder, unreadable);
  if (unreadable || !fs::is_directory(real, unreadable)) {
    return fail(ErrorCode::NotFound, "The folder for file targets, " + folder.string() + ", does not exist.");
  }
  return std::shared_ptr<FileTarget>{new FileTarget(std::move(real))};
}

delivery::SendOutcome FileTarget::send(const store::Delivery& delivery) {
  const std::string& arn = delivery.route->target_arn;
  const auto file = file_below(folder_, arn);
  if (!file) {
    return delivery::Fail{std::string{delivery::kNoPermissions},
                          "The target " + arn + " is no file below " + folder_.string() +
                              ", the folder that --file-targets allows."};
  }
  const std::scoped_lock lock{mutex_};
  const Descriptor target{
      ::open(file->c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0640)};
  if (target.get() < 0) return failed(*file, errno);
  std::string line = one_line(delivery::payload(delivery));
  if (ends_torn(target.get())) line.insert(line.begin(), '\n');
  if (!write_all(target.get(), line) || ::fdatasync(target.get()) != 0) return failed(*file, errno);
  return delivery::Delivered{};
}

delivery::SendOutcome StdoutTarget::send(const store::Delivery& delivery) {
  const std::string line = one_line(delivery::payload(delivery));
  const std::scoped_lock lock{mutex_};
  if (write_all(STDOUT_FILENO, line)) return delivery::Delivered{};
  return delivery::Retry{std::string{delivery::kErrorFromTarget},
                         std::string{"Standard output cannot be written: "} + std::strerror(errno) + "."};
}

}  // namespace ebagent::targets
