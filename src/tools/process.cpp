#include "tools/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

namespace ebagent::tools {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kMaxArgument = std::size_t{64} * 1024;  // the kernel takes 128 KiB each
constexpr std::size_t kMaxArguments = 1'000;
constexpr std::size_t kMaxDrained = std::size_t{1024} * 1024;  // behind the end; a pipe holds 64 KiB

class Descriptor {
 public:
  explicit Descriptor(int number = -1) : number_(number) {}
  ~Descriptor() { reset(); }
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    if (this != &other) {
      reset();
      number_ = std::exchange(other.number_, -1);
    }
    return *this;
  }
  [[nodiscard]] int get() const { return number_; }
  [[nodiscard]] bool is_open() const { return number_ >= 0; }
  void reset() {
    if (number_ >= 0) close(number_);
    number_ = -1;
  }

 private:
  int number_;
};

auto io_error(const char* what) {
  return fail(ErrorCode::Io, std::string("A program cannot be run: ") + what + ": " + strerror(errno) + ".");
}

struct Pipe {
  Descriptor read;
  Descriptor write;
};

Result<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return io_error("pipe");
  Pipe pipe{Descriptor(ends[0]), Descriptor(ends[1])};
  fcntl(ends[0], F_SETFL, O_NONBLOCK);
  return pipe;
}

// A file in memory, so that a program that does not read its input holds up nobody.
Result<Descriptor> make_input(const std::string& text) {
  if (text.empty()) {
    Descriptor nothing(open("/dev/null", O_RDONLY | O_CLOEXEC));
    if (!nothing.is_open()) return io_error("/dev/null");
    return nothing;
  }
  Descriptor memory(memfd_create("input", MFD_CLOEXEC));
  if (!memory.is_open()) return io_error("memfd_create");
  for (std::size_t at = 0; at < text.size();) {
    const auto written = write(memory.get(), text.data() + at, text.size() - at);
    if (written < 0) return io_error("write");
    at += static_cast<std::size_t>(written);
  }
  lseek(memory.get(), 0, SEEK_SET);
  return memory;
}

// What posix_spawn is told.
class SpawnPlan {
 public:
  SpawnPlan(int input, int output, int errors, const std::filesystem::path& directory) {
    posix_spawn_file_actions_init(&actions_);
    posix_spawn_file_actions_adddup2(&actions_, input, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions_, output, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions_, errors, STDERR_FILENO);
    posix_spawn_file_actions_addclosefrom_np(&actions_, STDERR_FILENO + 1);
    posix_spawn_file_actions_addchdir_np(&actions_, directory.c_str());
    posix_spawnattr_init(&attributes_);
    sigset_t none;
    sigemptyset(&none);
    sigset_t usual;
    sigfillset(&usual);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setsigdefault(&attributes_, &usual);
    posix_spawnattr_setpgroup(&attributes_, 0);
    posix_spawnattr_setflags(&attributes_,
                             POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  ~SpawnPlan() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;

  Result<pid_t> start(const ProcessRequest& request) const {
    const auto pointers = [](const std::vector<std::string>& texts) {
      std::vector<char*> all;
      all.reserve(texts.size() + 1);
      for (const std::string& text : texts) all.push_back(const_cast<char*>(text.c_str()));
      all.push_back(nullptr);
      return all;
    };
    const std::vector<char*> arguments = pointers(request.argv);
    const std::vector<char*> environment = pointers(request.environment);
    pid_t child = 0;
    const int code =
        posix_spawn(&child, arguments[0], &actions_, &attributes_, arguments.data(), environment.data());
    if (code == 0) return child;
    return fail(ErrorCode::NotFound, "The program " + request.argv[0] + " cannot be run in " +
                                         request.directory.string() + ": " + strerror(code) + ".");
  }

 private:
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

// A running group of processes; whatever happens, none of it is left when this ends.
class Group {
 public:
  explicit Group(pid_t leader)
      : leader_(leader), handle_(static_cast<int>(syscall(SYS_pidfd_open, leader, 0))) {}
  ~Group() { end(); }
  Group(const Group&) = delete;
  Group& operator=(const Group&) = delete;

  // Readable once the leader has ended.
  [[nodiscard]] int handle() const { return handle_.get(); }

  // Kills what is left and returns how the leader ended. Until it is waited for, its number names no other group.
  int end() {
    if (leader_ == 0) return status_;
    kill(-leader_, SIGKILL);
    while (waitpid(leader_, &status_, 0) < 0 && errno == EINTR) {
    }
    leader_ = 0;
    return status_;
  }

 private:
  pid_t leader_;
  Descriptor handle_;
  int status_ = 0;
};

// One of the two streams that are read.
struct Stream {
  Descriptor from;
  std::string* into = nullptr;
  std::size_t limit = 0;
  bool is_cut = false;

  // Reads what is there, at most `most` bytes; closes at the end.
  void read_some(std::size_t most) {
    std::array<char, 16 * 1024> buffer{};
    while (from.is_open() && most > 0) {
      const auto got = read(from.get(), buffer.data(), std::min(buffer.size(), most));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0 && errno == EAGAIN) return;
      if (got <= 0) return from.reset();
      const auto count = static_cast<std::size_t>(got);
      const std::size_t room = limit - into->size();
      into->append(buffer.data(), std::min(room, count));
      is_cut = is_cut || count > room;
      most -= count;
    }
  }
};

// Reads both streams until the leader has ended. False when the time was up before.
bool follow(const Group& group, std::array<Stream, 2>& streams, Clock::time_point deadline) {
  constexpr std::size_t kAtOnce = std::size_t{256} * 1024;  // so that the time is looked at
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
    if (left.count() <= 0) return false;
    std::array<pollfd, 3> waiting{{{streams[0].from.get(), POLLIN, 0},
                                   {streams[1].from.get(), POLLIN, 0},
                                   {group.handle(), POLLIN, 0}}};
    const int ready =
        poll(waiting.data(), waiting.size(), static_cast<int>(std::min<long long>(left.count(), 60'000)));
    if (ready < 0 && errno != EINTR) return false;
    if (ready <= 0) continue;
    for (std::size_t i = 0; i < streams.size(); ++i) {
      if (waiting[i].revents != 0) streams[i].read_some(kAtOnce);
    }
    if (waiting[2].revents != 0) return true;
  }
}

Result<void> check(const ProcessRequest& request) {
  const auto refuse = [](const char* why) {
    return fail(ErrorCode::InvalidArgument, std::string("A program cannot be run: ") + why + ".");
  };
  if (request.argv.empty() || !request.argv[0].starts_with('/')) return refuse("its path is not absolute");
  if (request.argv.size() > kMaxArguments) return refuse("it has too many arguments");
  for (const std::string& argument : request.argv) {
    if (argument.find('\0') != std::string::npos) return refuse("an argument has a NUL character");
    if (argument.size() > kMaxArgument) return refuse("an argument is longer than 64 KiB");
  }
  return success();
}

}  // namespace

Result<ProcessResult> run_process(const ProcessRequest& request) {
  BOOST_OUTCOME_TRYV(check(request));
  BOOST_OUTCOME_TRY(auto input, make_input(request.input));
  BOOST_OUTCOME_TRY(auto output, make_pipe());
  BOOST_OUTCOME_TRY(auto errors, make_pipe());
  const auto deadline = Clock::now() + request.timeout;
  const SpawnPlan plan(input.get(), output.write.get(), errors.write.get(), request.directory);
  BOOST_OUTCOME_TRY(const pid_t leader, plan.start(request));
  Group group(leader);
  if (group.handle() < 0) return io_error("pidfd_open");
  output.write.reset();
  errors.write.reset();
  ProcessResult result;
  std::array<Stream, 2> streams{{{std::move(output.read), &result.output, request.output_limit},
                                 {std::move(errors.read), &result.errors, request.output_limit}}};
  if (!follow(group, streams, deadline)) {
    group.end();
    return fail(ErrorCode::TimedOut, "The program " + request.argv[0] + " was killed: it took longer than " +
                                         std::to_string(request.timeout.count()) + " ms.");
  }
  const int status = group.end();
  for (Stream& stream : streams) {
    stream.read_some(kMaxDrained);
    result.is_cut = result.is_cut || stream.is_cut;
  }
  result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return result;
}

}  // namespace ebagent::tools
