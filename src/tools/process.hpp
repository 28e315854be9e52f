#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "ebagent/result.hpp"

namespace ebagent::tools {

// A program to be run. It gets these arguments, this environment and nothing else: no shell, no open files of ours.
struct ProcessRequest {
  std::vector<std::string> argv = {};         // the first is the program's absolute path
  std::vector<std::string> environment = {};  // NAME=VALUE
  std::filesystem::path directory = "/";
  std::string input = {};  // on its stdin
  std::chrono::milliseconds timeout{10'000};
  std::size_t output_limit =
      std::size_t{64} * 1024;  // of stdout, and of stderr; what is more is read and left out
};

struct ProcessResult {
  int exit_code = 0;  // 128 + the signal that ended it
  std::string output = {};
  std::string errors = {};
  bool is_cut = false;
};

// Runs the program in a process group of its own and waits for it. When it ends or its time is up, all that is left of the group
// is killed (a process that leaves the group, as daemons do, is not). Errors: InvalidArgument for an argument that
// cannot be passed, NotFound when it cannot be started, TimedOut when it was killed, Io otherwise.
[[nodiscard]] Result<ProcessResult> run_process(const ProcessRequest& request);

}  // namespace ebagent::tools
