#include "tools/command_tool.hpp"

#include <unistd.h>

#include <algorithm>
#include <boost/json.hpp>

#include "core/json.hpp"
#include "tools/process.hpp"
#include "tools/shown_text.hpp"

namespace ebagent::tools {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxShown = 1'000;  // bytes of a failed program's words in an error message
// Programs that take a program as an argument.
constexpr std::string_view kInterpreters[] = {"sh",   "bash",    "dash", "ash",    "zsh",     "ksh",
                                              "mksh", "busybox", "fish", "python", "python3", "perl",
                                              "ruby", "node",    "php",  "lua"};

std::string literal_of(const TextTemplate& text) {
  return text.pieces().empty() ? "" : text.pieces().front().literal;
}

bool is_interpreter(const std::string& program) {
  const std::string name = std::filesystem::path(program).filename().string();
  return std::find(std::begin(kInterpreters), std::end(kInterpreters), name) != std::end(kInterpreters);
}

// -c, -lc of shells and Python; -e, -p and -r of others.
bool wants_script(const std::string& option) {
  return option.size() > 1 && option[0] == '-' && option[1] != '-' &&
         option.find_first_of("cepr", 1) != std::string::npos;
}

Result<std::vector<std::string>> fill_arguments(const CommandCall& call, const json::value& arguments,
                                                secrets::Redactor& secrets) {
  std::vector<std::string> argv;
  bool are_options_over = false;
  for (const TextTemplate& piece : call.argv) {
    if (piece.is_one_argument()) {
      const auto value = piece.pieces().front().path->read(arguments);
      if (!value || value->is_null()) continue;
    }
    BOOST_OUTCOME_TRY(auto text, piece.fill(arguments, secrets));
    const bool begins_with_value = !piece.pieces().empty() && piece.pieces().front().path.has_value();
    if (begins_with_value && !are_options_over && text.starts_with('-')) {
      return fail(ErrorCode::InvalidArgument,
                  "An argument that begins with \"-\" would be an option of the program.");
    }
    are_options_over = are_options_over || text == "--";
    argv.push_back(std::move(text));
  }
  return argv;
}

Result<std::vector<std::string>> fill_environment(const CommandCall& call, const ToolContext& context,
                                                  secrets::Redactor& secrets) {
  std::vector<std::string> environment{"PATH=" + std::string(kProgramPath), "LANG=C.UTF-8",
                                       "HOME=" + call.directory.string(),
                                       "EBAGENT_IDEMPOTENCY_KEY=" + context.idempotency_key()};
  for (const auto& [name, value] : call.environment) {
    BOOST_OUTCOME_TRY(auto text, value.fill(json::object{}, secrets));
    const std::string prefix = name + "=";
    std::erase_if(environment, [&](const std::string& entry) { return entry.starts_with(prefix); });
    environment.push_back(prefix + text);
  }
  return environment;
}

Result<json::value> read_result(const std::string& program, const ProcessResult& ended) {
  if (ended.exit_code != 0) {
    std::string_view words = ended.errors.empty() ? ended.output : ended.errors;
    if (words.size() > kMaxShown) words.remove_prefix(words.size() - kMaxShown);
    return fail(ErrorCode::Conflict, "The program " + program + " ended with exit code " +
                                         std::to_string(ended.exit_code) +
                                         (words.empty() ? "." : ": " + valid_utf8(words)));
  }
  json::object result{{"exit_code", 0}, {"stdout", valid_utf8(ended.output)}};
  if (!ended.errors.empty()) result["stderr"] = valid_utf8(ended.errors);
  if (ended.is_cut) result["is_truncated"] = true;
  return result;
}

}  // namespace

Result<std::string> find_program(const std::string& name) {
  if (name.starts_with('/')) {
    if (access(name.c_str(), X_OK) == 0) return name;
    return fail(ErrorCode::NotFound, "There is no program " + name + " that may be run.");
  }
  if (!name.empty() && name.find('/') == std::string::npos) {
    std::string_view rest = kProgramPath;
    while (!rest.empty()) {
      const auto colon = std::min(rest.find(':'), rest.size());
      const std::string candidate = std::string(rest.substr(0, colon)) + "/" + name;
      if (access(candidate.c_str(), X_OK) == 0) return candidate;
      rest.remove_prefix(std::min(colon + 1, rest.size()));
    }
  }
  return fail(ErrorCode::NotFound, "There is no program \"" + name + "\" in " + std::string(kProgramPath) +
                                       "; give its absolute path.");
}

Result<void> check_command(const CommandCall& call) {
  const auto refuse = [](const std::string& why) { return fail(ErrorCode::InvalidArgument, why); };
  if (call.argv.empty()) return refuse("A command needs its program.");
  if (call.argv[0].has_arguments())
    return refuse("The program of a command is fixed; a placeholder may only be an argument.");
  bool may_run_scripts = false;  // also of: env bash -c, timeout 5 sh -c
  for (std::size_t i = 0; i < call.argv.size(); ++i) {
    if (call.argv[i].has_secrets()) {
      return refuse(
          "Everyone on the machine can see a command's arguments; put the secret into its environment.");
    }
    const bool is_script = i > 0 && wants_script(literal_of(call.argv[i - 1]));
    may_run_scripts = may_run_scripts || is_interpreter(literal_of(call.argv[i]));
    if (may_run_scripts && is_script && call.argv[i].has_arguments()) {
      return refuse(
          "A placeholder in a script would make the model's words a program; pass it behind the script and "
          "read it there, in a shell as \"$1\".");
    }
  }
  for (const auto& [name, value] : call.environment) {
    if (value.has_arguments())
      return refuse("The variable " + name + " is fixed; a placeholder may only be an argument.");
  }
  return success();
}

Tool::Function command_function(CommandCall call, std::shared_ptr<secrets::Redactor> secrets) {
  return [call = std::move(call), secrets = std::move(secrets)](
             const json::value& arguments, const ToolContext& context) -> Result<json::value> {
    ProcessRequest request{.directory = call.directory,
                           .timeout = time_left(call.timeout, context),
                           .output_limit = call.output_limit};
    BOOST_OUTCOME_TRY(request.argv, fill_arguments(call, arguments, *secrets));
    BOOST_OUTCOME_TRY(request.environment, fill_environment(call, context, *secrets));
    if (call.input == CommandCall::Input::Arguments) request.input = core::write_json(arguments);
    BOOST_OUTCOME_TRY(const auto ended, run_process(request));
    return read_result(request.argv[0], ended);
  };
}

}  // namespace ebagent::tools
