#include "cli/work_folder.hpp"

#include <stdlib.h>

#include <cerrno>
#include <cstring>

namespace ebagent::cli {

namespace fs = std::filesystem;

Result<WorkFolder> WorkFolder::open(const std::optional<fs::path>& given) {
  std::error_code error;
  if (given) {
    fs::create_directories(*given, error);
    if (error)
      return fail(ErrorCode::Io, "Cannot make the folder " + given->string() + ": " + error.message() + ".");
    return WorkFolder{*given, false};
  }
  std::string name = (fs::temp_directory_path(error) / "eventbridge-agent-XXXXXX").string();
  if (error || ::mkdtemp(name.data()) == nullptr) {
    return fail(ErrorCode::Io, std::string{"Cannot make a temporary folder: "} + std::strerror(errno) + ".");
  }
  return WorkFolder{name, true};
}

WorkFolder::WorkFolder(WorkFolder&& other) noexcept
    : path_(std::move(other.path_)), temporary_(std::exchange(other.temporary_, false)) {}

WorkFolder::~WorkFolder() {
  if (!temporary_) return;
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

}  // namespace ebagent::cli
