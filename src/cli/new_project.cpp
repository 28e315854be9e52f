#include <algorithm>
#include <iostream>
#include <system_error>

#include "cli/commands.hpp"
#include "cli/project_files.hpp"
#include "cli/terminal.hpp"
#include "core/whole_file.hpp"

namespace ebagent::cli {
namespace {

namespace fs = std::filesystem;

// Of an agent with "-playbook" behind it, which has at most 64 characters.
constexpr std::size_t kMaxName = 48;

Result<std::string> name_of(const NewOptions& options) {
  std::string name = options.name;
  if (name.empty()) name = fs::absolute(options.folder).lexically_normal().filename().string();
  if (name.empty()) name = fs::absolute(options.folder).lexically_normal().parent_path().filename().string();
  const bool begins_well =
      !name.empty() && ((name[0] >= 'a' && name[0] <= 'z') || (name[0] >= 'A' && name[0] <= 'Z'));
  const bool is_name =
      begins_well && name.size() <= kMaxName && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
               c == '-';
      });
  // The targets of a project in C++ have these names.
  if (is_name && name != "agents" && name != "agents_test" && name != "test" && name != "all") return name;
  return fail(ErrorCode::InvalidArgument,
              "\"" + name +
                  "\" is no name for the agent: give one of letters, digits, _ and -, beginning with a "
                  "letter, with --name.");
}

Result<void> require_empty(const fs::path& folder) {
  std::error_code error;
  if (!fs::exists(folder, error)) return success();
  if (!fs::is_directory(folder, error)) {
    return fail(ErrorCode::AlreadyExists, folder.string() + " is there and is no folder.");
  }
  if (!fs::is_empty(folder, error) || error) {
    return fail(ErrorCode::AlreadyExists, "The folder " + folder.string() + " is not empty; name a new one.");
  }
  return success();
}

Result<std::vector<ProjectFile>> make(const NewOptions& options) {
  BOOST_OUTCOME_TRY(const auto name, name_of(options));
  BOOST_OUTCOME_TRYV(require_empty(options.folder));
  auto files = options.language == "cpp" ? cpp_project(name) : yaml_project(name);
  for (const ProjectFile& file : files) {
    BOOST_OUTCOME_TRYV(core::replace_file(options.folder / file.path, file.content));
  }
  return files;
}

}  // namespace

int run_new(const NewOptions& options, App& app) {
  const auto files = make(options);
  if (!files) return report(files.error());
  for (const ProjectFile& file : files.value()) {
    std::cout << (options.folder / file.path).string() << '\n';
  }
  std::cout << "Begin with: cd " << options.folder.string() << " && "
            << (options.language == "cpp" ? "cat README.md" : app.name() + " test tests/*.json") << '\n';
  return kOk;
}

}  // namespace ebagent::cli
