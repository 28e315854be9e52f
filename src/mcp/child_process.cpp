#include "mcp/child_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <system_error>
#include <utility>

namespace ebagent::mcp {
namespace {

std::string text_of(int error) {
  return std::error_code(error, std::generic_category()).message();
}

// A pipe whose ends are closed by their owner or when this goes.
struct Pipe {
  std::array<int, 2> ends{-1, -1};

  Pipe() = default;
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    for (const int end : ends) {
      if (end >= 0) close(end);
    }
  }
  bool open() { return pipe2(ends.data(), O_CLOEXEC) == 0; }
  // A socket can be written to without SIGPIPE when the reader is gone.
  bool open_socket() { return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0; }
  [[nodiscard]] int keep(std::size_t end) { return std::exchange(ends[end], -1); }
};

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> all;
  all.reserve(texts.size() + 1);
  for (std::string& text : texts) all.push_back(text.data());
  all.push_back(nullptr);
  return all;
}

// What the child does between its birth and the program's: standard streams, no other files, signals as by default.
struct Preparation {
  posix_spawn_file_actions_t files{};
  posix_spawnattr_t attributes{};

  Preparation(int input, int output, int errors) {
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, input, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&files, output, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&files, errors, STDERR_FILENO);
    posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1);
    posix_spawnattr_init(&attributes);
    sigset_t signals;
    sigfillset(&signals);
    posix_spawnattr_setsigdefault(&attributes, &signals);
    sigemptyset(&signals);
    posix_spawnattr_setsigmask(&attributes, &signals);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(&attributes,
                             POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
  }
  Preparation(const Preparation&) = delete;
  Preparation& operator=(const Preparation&) = delete;
  ~Preparation() {
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attributes);
  }
};

void make_nonblocking(int file) {
  fcntl(file, F_SETFL, fcntl(file, F_GETFL) | O_NONBLOCK);
}

bool ends_within(int handle, std::chrono::milliseconds time) {
  pollfd waiting{handle, POLLIN, 0};
  return handle >= 0 && poll(&waiting, 1, static_cast<int>(time.count())) > 0;
}

}  // namespace

std::map<std::string, std::string> minimal_environment() {
  std::map<std::string, std::string> environment;
  for (const char* name :
       {"HOME", "LANG", "LC_ALL", "LOGNAME", "PATH", "SHELL", "TERM", "TMPDIR", "TZ", "USER"}) {
    if (const char* value = std::getenv(name)) environment[name] = value;
  }
  return environment;
}

Result<std::unique_ptr<ChildProcess>> ChildProcess::start(const Command& command) {
  Pipe input, output, errors;
  if (!input.open_socket() || !output.open() || !errors.open()) {
    return fail(ErrorCode::Unavailable, "No pipes for a program: " + text_of(errno) + ".");
  }
  std::vector<std::string> arguments = command.arguments;
  std::vector<std::string> variables;
  for (const auto& [name, value] : command.environment) variables.push_back(name + "=" + value);
  const Preparation preparation{input.ends[0], output.ends[1], errors.ends[1]};
  pid_t pid = -1;
  const int error = posix_spawnp(&pid, arguments.front().c_str(), &preparation.files, &preparation.attributes,
                                 pointers(arguments).data(), pointers(variables).data());
  if (error != 0) {
    return fail(error == ENOENT ? ErrorCode::NotFound : ErrorCode::Unavailable,
                "The program \"" + arguments.front() + "\" cannot be started: " + text_of(error) + ".");
  }
  const int to = input.keep(1);
  const int from = output.keep(0);
  const int from_errors = errors.keep(0);
  for (const int file : {to, from, from_errors}) make_nonblocking(file);
  return std::unique_ptr<ChildProcess>(new ChildProcess(pid, to, from, from_errors, command.time_to_end));
}

ChildProcess::ChildProcess(pid_t pid, int input, int output, int errors,
                           std::chrono::milliseconds time_to_end)
    : pid_(pid),
      handle_(static_cast<int>(syscall(SYS_pidfd_open, pid, 0))),
      input_(input),
      output_(output),
      errors_(errors),
      time_to_end_(time_to_end) {}

void ChildProcess::kill() {
  ::kill(-pid_, SIGKILL);
}

ChildProcess::~ChildProcess() {
  close(input_);
  if (!ends_within(handle_, time_to_end_)) {
    ::kill(-pid_, SIGTERM);
    ends_within(handle_, time_to_end_);
  }
  kill();  // before it is waited for: until then no other group can have its number
  waitpid(pid_, nullptr, 0);
  for (const int file : {output_, errors_, handle_}) {
    if (file >= 0) close(file);
  }
}

}  // namespace ebagent::mcp
