#include "watch/object_created.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <boost/json.hpp>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "core/ids.hpp"
#include "core/json.hpp"
#include "core/md5.hpp"

namespace ebagent::watch {
namespace {

constexpr std::size_t kReadBlock = std::size_t{256} * 1024;

struct File {
  int fd = -1;
  explicit File(const std::filesystem::path& path)
      : fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    if (fd >= 0) ::close(fd);
  }
};

Result<std::string> md5_of(const File& file, const std::filesystem::path& path) {
  core::Md5 md5;
  std::string block(kReadBlock, '\0');
  for (;;) {
    const ssize_t got = ::read(file.fd, block.data(), block.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0)
      return fail(ErrorCode::Io, "Cannot read " + path.string() + ": " + std::strerror(errno) + ".");
    if (got == 0) break;
    md5.add({block.data(), std::size_t(got)});
  }
  return md5.finish();
}

}  // namespace

Result<ObjectCreated> describe_object(const std::string& bucket, const std::filesystem::path& dir,
                                      const std::string& key) {
  const std::filesystem::path path = dir / key;
  const File file{path};
  struct stat status {};
  if (file.fd < 0 || ::fstat(file.fd, &status) != 0) {
    return fail(errno == ENOENT ? ErrorCode::NotFound : ErrorCode::Io,
                "Cannot open " + path.string() + ": " + std::strerror(errno) + ".");
  }
  if (!S_ISREG(status.st_mode)) return fail(ErrorCode::NotFound, path.string() + " is not a regular file.");
  BOOST_OUTCOME_TRY(std::string etag, md5_of(file, path));

  const std::int64_t nanos = std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec;
  std::array<char, 24> sequencer{};
  std::snprintf(sequencer.data(), sequencer.size(), "%016llX", static_cast<unsigned long long>(nanos));
  return ObjectCreated{.bucket = bucket,
                       .key = key,
                       .size = std::uint64_t(status.st_size),
                       .etag = std::move(etag),
                       .sequencer = sequencer.data(),
                       .time = TimePoint{Duration{nanos / 1'000'000}}};
}

Event to_event(const ObjectCreated& object, const std::string& account, const std::string& region) {
  const std::string id = core::uuid_from_name("s3:" + object.bucket + "\n" + object.key + "\n" +
                                              object.sequencer + "\n" + object.etag);
  const boost::json::object detail{
      {"version", "0"},
      {"bucket", {{"name", object.bucket}}},
      {"object",
       {{"key", object.key}, {"size", object.size}, {"etag", object.etag}, {"sequencer", object.sequencer}}},
      {"request-id", id},
      {"requester", account},
      {"source-ip-address", "127.0.0.1"},
      {"reason", "PutObject"}};
  return Event{.id = id,
               .detail_type = "Object Created",
               .source = "aws.s3",
               .account = account,
               .time = object.time,
               .region = region,
               .replay_name = {},
               .resources = {"arn:aws:s3:::" + object.bucket},
               .detail = core::write_json(detail)};
}

}  // namespace ebagent::watch
