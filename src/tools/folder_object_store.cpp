#include "tools/folder_object_store.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <utility>

#include "core/json.hpp"
#include "core/md5.hpp"

namespace ebagent::tools {
namespace {

constexpr std::size_t kMaxKeyBytes = 1024;      // S3's own limit
constexpr std::size_t kMaxPartBytes = 255;      // what Linux file systems take for one name
constexpr std::size_t kChunkBytes = 64 * 1024;  // one read() call; larger gains nothing measurable
constexpr std::size_t kMaxWalked =
    1'000'000;  // files looked at by one list(), so that a huge folder cannot stall it
constexpr std::size_t kMaxDepth = 128;  // folders inside folders; each open level holds a file descriptor
constexpr std::string_view kUnfinishedPrefix = ".ebagent-put-";

// An open file or folder, closed with its owner.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] bool is_open() const { return fd_ >= 0; }
  [[nodiscard]] int release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

std::string location(std::string_view bucket, std::string_view key) {
  return fmt::format("s3://{}/{}", bucket, key);
}

Error system_error(int number, std::string_view bucket, std::string_view key, std::string_view doing) {
  const std::string where = location(bucket, key);
  switch (number) {
    case ENOENT:
    case ENOTDIR:
      return {ErrorCode::NotFound, fmt::format("There is no object {}.", where)};
    case ELOOP:
      return {ErrorCode::InvalidArgument,
              fmt::format("{} goes through a symbolic link; objects are plain files in the bucket's folder.",
                          where)};
    case EISDIR:
      return {ErrorCode::InvalidArgument, fmt::format("{} is a folder, not an object.", where)};
    default:
      return {ErrorCode::Io, fmt::format("Cannot {} {}: {}.", doing, where, std::strerror(number))};
  }
}

// The parts of a key between slashes, or why the key is refused.
Result<std::vector<std::string>> parts_of(std::string_view key) {
  if (key.empty()) return fail(ErrorCode::InvalidArgument, "The object key is empty.");
  if (key.size() > kMaxKeyBytes) {
    return fail(ErrorCode::InvalidArgument,
                fmt::format("The object key has {} bytes; S3 allows {}.", key.size(), kMaxKeyBytes));
  }
  if (key.find('\0') != std::string_view::npos || !core::is_utf8(key)) {
    return fail(ErrorCode::InvalidArgument,
                "The object key is not text: it has a NUL or is not valid UTF-8.");
  }
  std::vector<std::string> parts;
  std::size_t begin = 0;
  while (begin <= key.size()) {
    const std::size_t end = std::min(key.find('/', begin), key.size());
    const std::string_view part = key.substr(begin, end - begin);
    if (part.empty() || part == "." || part == "..") {
      return fail(
          ErrorCode::InvalidArgument,
          fmt::format("The object key '{}' is refused: a part of it is empty, '.' or '..', which a folder as "
                      "bucket cannot hold.",
                      key));
    }
    if (part.size() > kMaxPartBytes || part.starts_with(kUnfinishedPrefix)) {
      return fail(
          ErrorCode::InvalidArgument,
          fmt::format(
              "The object key '{}' is refused: a part of it is longer than {} bytes or begins with '{}'.",
              key, kMaxPartBytes, kUnfinishedPrefix));
    }
    parts.emplace_back(part);
    begin = end + 1;
  }
  return parts;
}

TimePoint modified_at(const struct stat& status) {
  return TimePoint{std::chrono::seconds{status.st_mtim.tv_sec} +
                   std::chrono::duration_cast<Duration>(std::chrono::nanoseconds{status.st_mtim.tv_nsec})};
}

// Opens the folder that holds the key's last part, making the folders on the way when asked.
enum class MissingFolders { Refuse, Make };
Result<Descriptor> open_parent(const std::filesystem::path& bucket_folder, std::string_view bucket,
                               std::string_view key, const std::vector<std::string>& parts,
                               MissingFolders missing) {
  Descriptor folder{::open(bucket_folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!folder.is_open()) {
    return fail(ErrorCode::NotFound,
                fmt::format("There is no bucket '{}' (no folder {}).", bucket, bucket_folder.string()));
  }
  for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
    const char* name = parts[i].c_str();
    if (missing == MissingFolders::Make && ::mkdirat(folder.get(), name, 0755) != 0 && errno != EEXIST) {
      return fail(system_error(errno, bucket, key, "make the folder of"));
    }
    Descriptor next{::openat(folder.get(), name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
    if (!next.is_open()) {
      const int number = errno;
      // Linux answers ENOTDIR for a symbolic link opened as a folder; say what it really is.
      struct stat status {};
      const bool is_link =
          ::fstatat(folder.get(), name, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(status.st_mode);
      return fail(system_error(is_link ? ELOOP : number, bucket, key, "open"));
    }
    folder = std::move(next);
  }
  return folder;
}

Result<Descriptor> open_object(const std::filesystem::path& bucket_folder, std::string_view bucket,
                               std::string_view key, struct stat& status) {
  BOOST_OUTCOME_TRY(const auto parts, parts_of(key));
  BOOST_OUTCOME_TRY(const auto parent,
                    open_parent(bucket_folder, bucket, key, parts, MissingFolders::Refuse));
  // O_NONBLOCK: opening a named pipe that somebody put there must not hang.
  Descriptor file{
      ::openat(parent.get(), parts.back().c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)};
  if (!file.is_open() || ::fstat(file.get(), &status) != 0)
    return fail(system_error(errno, bucket, key, "open"));
  if (!S_ISREG(status.st_mode)) {
    return fail(ErrorCode::InvalidArgument, fmt::format("{} is not a plain file.", location(bucket, key)));
  }
  return file;
}

bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

std::string unfinished_name() {
  static std::atomic<std::uint64_t> counter{0};
  return fmt::format("{}{}-{}", kUnfinishedPrefix, ::getpid(), counter.fetch_add(1));
}

// Adds the objects below an open folder to `found`; takes the folder over. Folders that cannot hold the
// prefix are skipped.
void collect(int folder, const std::string& path, std::string_view prefix, std::size_t depth,
             std::size_t& walked, std::vector<ObjectSummary>& found) {
  DIR* stream = ::fdopendir(folder);
  if (stream == nullptr) {
    ::close(folder);
    return;
  }
  while (const dirent* entry = ::readdir(stream)) {
    if (++walked > kMaxWalked) break;
    const std::string_view name = entry->d_name;
    if (name == "." || name == ".." || name.starts_with(kUnfinishedPrefix)) continue;
    const std::string key = path + entry->d_name;
    struct stat status {};
    if (::fstatat(::dirfd(stream), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0) continue;
    if (S_ISREG(status.st_mode) && key.starts_with(prefix)) {
      found.push_back({key, static_cast<std::uint64_t>(status.st_size), "", modified_at(status)});
    }
    const std::string below = key + "/";
    if (!S_ISDIR(status.st_mode) || depth >= kMaxDepth) continue;
    if (!below.starts_with(prefix) && !prefix.starts_with(below)) continue;
    const int inner =
        ::openat(::dirfd(stream), entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (inner >= 0) collect(inner, below, prefix, depth + 1, walked, found);
  }
  ::closedir(stream);
}

}  // namespace

Result<std::string> get_object(ObjectStore& store, std::string_view bucket, std::string_view key,
                               std::size_t max_bytes) {
  std::string bytes;
  BOOST_OUTCOME_TRY(store.read(bucket, key, [&](std::string_view chunk) -> Result<void> {
    if (bytes.size() + chunk.size() > max_bytes) {
      return fail(ErrorCode::LimitExceeded,
                  fmt::format("{} has more than the {} bytes that may be read at once.",
                              location(bucket, key), max_bytes));
    }
    bytes += chunk;
    return success();
  }));
  return bytes;
}

FolderObjectStore::FolderObjectStore(std::filesystem::path root,
                                     std::map<std::string, std::filesystem::path> elsewhere)
    : root_(std::move(root)), elsewhere_(std::move(elsewhere)) {}

// Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
Result<std::filesystem::path> FolderObjectStore::folder_of(std::string_view bucket) const {
  const auto is_allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
  };
  const auto is_edge = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  if (bucket.size() < 3 || bucket.size() > 63 || !std::ranges::all_of(bucket, is_allowed) ||
      !is_edge(bucket.front()) || !is_edge(bucket.back()) || bucket.find("..") != std::string_view::npos) {
    return fail(
        ErrorCode::InvalidArgument,
        fmt::format(
            "'{}' cannot be the name of a bucket: 3 to 63 of a-z, 0-9, '-' and '.', beginning and ending "
            "with a letter or digit.",
            bucket));
  }
  if (const auto mapped = elsewhere_.find(std::string{bucket}); mapped != elsewhere_.end())
    return mapped->second;
  return root_ / bucket;
}

Result<void> FolderObjectStore::create_bucket(std::string_view bucket) {
  BOOST_OUTCOME_TRY(const auto folder, folder_of(bucket));
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) {
    return fail(ErrorCode::Io, fmt::format("Cannot make the folder {} of bucket '{}': {}.", folder.string(),
                                           bucket, error.message()));
  }
  return success();
}

Result<ObjectSummary> FolderObjectStore::head(std::string_view bucket, std::string_view key) {
  return read(bucket, key, [](std::string_view) -> Result<void> { return success(); });
}

Result<ObjectSummary> FolderObjectStore::read(std::string_view bucket, std::string_view key,
                                              const ByteSink& sink) {
  BOOST_OUTCOME_TRY(const auto folder, folder_of(bucket));
  struct stat status {};
  BOOST_OUTCOME_TRY(const auto file, open_object(folder, bucket, key, status));

  core::Md5 md5;
  std::uint64_t size = 0;
  std::vector<char> chunk(kChunkBytes);
  while (true) {
    const ssize_t count = ::read(file.get(), chunk.data(), chunk.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return fail(system_error(errno, bucket, key, "read"));
    if (count == 0) break;
    const std::string_view bytes{chunk.data(), static_cast<std::size_t>(count)};
    md5.add(bytes);
    size += bytes.size();
    BOOST_OUTCOME_TRY(sink(bytes));
  }
  return ObjectSummary{std::string{key}, size, md5.finish(), modified_at(status)};
}

Result<ObjectSummary> FolderObjectStore::put(std::string_view bucket, std::string_view key,
                                             std::string_view bytes) {
  BOOST_OUTCOME_TRY(const auto folder, folder_of(bucket));
  BOOST_OUTCOME_TRY(const auto parts, parts_of(key));
  BOOST_OUTCOME_TRY(const auto parent, open_parent(folder, bucket, key, parts, MissingFolders::Make));

  const std::string unfinished = unfinished_name();
  Descriptor file{::openat(parent.get(), unfinished.c_str(),
                           O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644)};
  if (!file.is_open()) return fail(system_error(errno, bucket, key, "write"));
  struct stat status {};
  const bool is_written =
      write_all(file.get(), bytes) && ::fsync(file.get()) == 0 && ::fstat(file.get(), &status) == 0 &&
      ::renameat(parent.get(), unfinished.c_str(), parent.get(), parts.back().c_str()) == 0;
  if (!is_written) {
    const int number = errno;
    ::unlinkat(parent.get(), unfinished.c_str(), 0);
    return fail(system_error(number, bucket, key, "write"));
  }
  ::fsync(parent.get());  // the name must survive a power cut as well as the bytes
  core::Md5 md5;
  md5.add(bytes);
  return ObjectSummary{std::string{key}, bytes.size(), md5.finish(), modified_at(status)};
}

Result<std::vector<ObjectSummary>> FolderObjectStore::list(std::string_view bucket, std::string_view prefix,
                                                           std::size_t limit) {
  BOOST_OUTCOME_TRY(const auto folder, folder_of(bucket));
  Descriptor opened{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!opened.is_open()) {
    return fail(ErrorCode::NotFound,
                fmt::format("There is no bucket '{}' (no folder {}).", bucket, folder.string()));
  }
  std::vector<ObjectSummary> found;
  std::size_t walked = 0;
  collect(opened.release(), "", prefix, 0, walked, found);
  std::ranges::sort(found, {}, &ObjectSummary::key);
  if (found.size() > limit) found.resize(limit);
  return found;
}

}  // namespace ebagent::tools
