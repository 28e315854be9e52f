#pragma once

#include <sys/types.h>

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "ebagent/result.hpp"

namespace ebagent::mcp {

// A program to start: no shell, and an environment of exactly these variables.
struct Command {
  std::vector<std::string> arguments = {};  // the program first; looked for in PATH
  std::map<std::string, std::string> environment = {};
  // How long it may take to go by itself once its input is closed, and then by SIGTERM.
  std::chrono::milliseconds time_to_end{1'000};
};

// The variables that every program needs to work at all, from this process: PATH, HOME and their like, no secrets.
[[nodiscard]] std::map<std::string, std::string> minimal_environment();

// A program that was started with pipes for its standard streams, as leader of a process group. Its end takes the whole group
// along: standard input is closed, and who does not go by that goes by SIGTERM, then SIGKILL.
class ChildProcess {
 public:
  // NotFound when there is no such program, Unavailable when it cannot be started.
  [[nodiscard]] static Result<std::unique_ptr<ChildProcess>> start(const Command& command);
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  // Ends of the pipes on this side; they do not block.
  [[nodiscard]] int input() const { return input_; }
  [[nodiscard]] int output() const { return output_; }
  [[nodiscard]] int errors() const { return errors_; }

  // Kills the group at once.
  void kill();

 private:
  ChildProcess(pid_t pid, int input, int output, int errors, std::chrono::milliseconds time_to_end);

  const pid_t pid_;
  const int handle_;  // a pidfd, to wait for the end with a time-out
  int input_;
  const int output_;
  const int errors_;
  const std::chrono::milliseconds time_to_end_;
};

}  // namespace ebagent::mcp
