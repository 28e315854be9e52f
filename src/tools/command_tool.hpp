#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "ebagent/result.hpp"
#include "ebagent/tool.hpp"
#include "secrets/redactor.hpp"
#include "tools/text_template.hpp"

namespace ebagent::tools {

// A program that a tool runs, but for the values of its arguments. Each template is one argument of the program, whatever its
// value has in it.
struct CommandCall {
  std::vector<TextTemplate> argv = {};  // the first is the program, as it was found
  std::vector<std::pair<std::string, TextTemplate>> environment = {};
  std::filesystem::path directory = "/";
  enum class Input { None, Arguments } input = Input::None;  // on its stdin; the arguments as JSON
  std::chrono::milliseconds timeout{10'000};
  std::size_t output_limit = std::size_t{64} * 1024;
};

// The program's absolute path: as it is given, or found in kProgramPath. NotFound when there is none.
inline constexpr std::string_view kProgramPath =
    "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin";
[[nodiscard]] Result<std::string> find_program(const std::string& name);

// InvalidArgument for a command that would let the model's words be read as a program: a placeholder as the program itself or in
// the script of an interpreter (-c, -e), and for secrets in arguments, which everyone on the machine can see.
[[nodiscard]] Result<void> check_command(const CommandCall& call);

// Runs the program and gives {"exit_code", "stdout", "stderr"}, cut at the limit ("is_truncated"). An argument that is one
// placeholder for an argument that is not given is left out. Errors: InvalidArgument for a value that would be an option
// of the program (it begins with "-" and no "--" stands before it), Conflict when the program fails, those of
// run_process().
[[nodiscard]] Tool::Function command_function(CommandCall call, std::shared_ptr<secrets::Redactor> secrets);

}  // namespace ebagent::tools
