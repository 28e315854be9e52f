#include "watch/bucket_watcher.hpp"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <set>
#include <thread>
#include <unordered_map>

namespace ebagent::watch {
namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t kEvents = IN_CLOSE_WRITE | IN_MOVED_TO | IN_CREATE | IN_ONLYDIR | IN_DONT_FOLLOW;

std::string errno_text() {
  return std::strerror(errno);
}

struct Descriptor {
  int fd;
  explicit Descriptor(int of) : fd(of) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd >= 0) ::close(fd);
  }
};

class InotifyWatcher final : public BucketWatcher {
 public:
  InotifyWatcher(std::vector<WatchedBucket> buckets, OnObject on_object, OnProblem on_problem)
      : buckets_(std::move(buckets)), on_object_(std::move(on_object)), on_problem_(std::move(on_problem)) {}

  ~InotifyWatcher() override {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(wake_.fd, &one, sizeof one);
    if (thread_.joinable()) thread_.join();
  }

  Result<void> begin(ExistingFiles existing) {
    if (inotify_.fd < 0 || wake_.fd < 0)
      return fail(ErrorCode::Io, "Cannot watch folders: " + errno_text() + ".");
    for (std::size_t i = 0; i < buckets_.size(); ++i) {
      if (!fs::is_directory(buckets_[i].dir)) {
        return fail(ErrorCode::NotFound, "Bucket " + buckets_[i].name + ": the folder " +
                                             buckets_[i].dir.string() + " does not exist.");
      }
      BOOST_OUTCOME_TRY(watch_tree(i, {}, existing));
    }
    thread_ = std::thread([this] {
      ::pthread_setname_np(::pthread_self(), "bucket-watch");
      run();
    });
    return success();
  }

 private:
  struct Folder {
    std::size_t bucket;
    fs::path relative;
  };

  static bool is_hidden(const fs::path& name) { return name.string().starts_with('.'); }

  // Watches a folder and all below it. Files found on the way are reported on demand: a folder that appears
  // may have been filled before it could be watched.
  Result<void> watch_tree(std::size_t bucket, const fs::path& relative, ExistingFiles existing) {
    const fs::path full = buckets_[bucket].dir / relative;
    const int watch = ::inotify_add_watch(inotify_.fd, full.c_str(), kEvents);
    if (watch < 0) {
      if (errno == ENOENT || errno == ENOTDIR) return success();
      return fail(ErrorCode::Io, "Cannot watch " + full.string() + ": " + errno_text() +
                                     " (the limit is fs.inotify.max_user_watches).");
    }
    folders_[watch] = {bucket, relative};
    std::error_code error;
    const std::set<fs::path> entries = [&] {
      std::set<fs::path> sorted;
      for (const auto& entry : fs::directory_iterator(full, error)) sorted.insert(entry.path().filename());
      return sorted;
    }();
    for (const fs::path& name : entries) {
      if (is_hidden(name)) continue;
      const fs::path child = relative / name;
      const auto status = fs::symlink_status(full / name, error);
      if (fs::is_directory(status)) {
        BOOST_OUTCOME_TRY(watch_tree(bucket, child, existing));
      } else if (fs::is_regular_file(status) && existing == ExistingFiles::Report) {
        report(bucket, child);
      }
    }
    return success();
  }

  void report(std::size_t bucket, const fs::path& relative) {
    auto object = describe_object(buckets_[bucket].name, buckets_[bucket].dir, relative.generic_string());
    if (object.has_value()) {
      on_object_(object.value());
    } else if (object.error().code != ErrorCode::NotFound) {
      on_problem_(object.error());
    }
  }

  void rescan() {
    for (std::size_t i = 0; i < buckets_.size(); ++i) {
      if (auto done = watch_tree(i, {}, ExistingFiles::Report); !done) on_problem_(done.error());
    }
  }

  void handle(const inotify_event& event) {
    if ((event.mask & IN_Q_OVERFLOW) != 0) return rescan();
    const auto folder = folders_.find(event.wd);
    if (folder == folders_.end()) return;
    if ((event.mask & IN_IGNORED) != 0) {
      folders_.erase(folder);
      return;
    }
    if (event.len == 0) return;
    const fs::path name{static_cast<const char*>(event.name)};
    if (is_hidden(name)) return;
    const Folder in = folder->second;
    if ((event.mask & IN_ISDIR) != 0) {
      if (auto done = watch_tree(in.bucket, in.relative / name, ExistingFiles::Report); !done)
        on_problem_(done.error());
    } else if ((event.mask & (IN_CLOSE_WRITE | IN_MOVED_TO)) != 0) {
      report(in.bucket, in.relative / name);
    }
  }

  void run() {
    alignas(inotify_event) std::array<char, 64 * 1024> buffer{};
    std::array<pollfd, 2> ready{{{inotify_.fd, POLLIN, 0}, {wake_.fd, POLLIN, 0}}};
    for (;;) {
      if (::poll(ready.data(), ready.size(), -1) < 0 && errno != EINTR) return;
      if ((ready[1].revents & POLLIN) != 0) return;
      const ssize_t size = ::read(inotify_.fd, buffer.data(), buffer.size());
      for (ssize_t at = 0; at < size;) {
        const auto* event = reinterpret_cast<const inotify_event*>(buffer.data() + at);
        handle(*event);
        at += ssize_t(sizeof(inotify_event) + event->len);
      }
    }
  }

  const std::vector<WatchedBucket> buckets_;
  const OnObject on_object_;
  const OnProblem on_problem_;
  Descriptor inotify_{::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)};
  Descriptor wake_{::eventfd(0, EFD_CLOEXEC)};
  std::unordered_map<int, Folder>
      folders_;  // by watch descriptor; only the watcher's thread once begin() is done
  std::thread thread_;
};

}  // namespace

Result<std::unique_ptr<BucketWatcher>> BucketWatcher::start(std::vector<WatchedBucket> buckets,
                                                            ExistingFiles existing, OnObject on_object,
                                                            OnProblem on_problem) {
  auto watcher =
      std::make_unique<InotifyWatcher>(std::move(buckets), std::move(on_object), std::move(on_problem));
  BOOST_OUTCOME_TRY(watcher->begin(existing));
  return std::unique_ptr<BucketWatcher>{std::move(watcher)};
}

}  // namespace ebagent::watch
