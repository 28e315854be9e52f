#pragma once

#include <filesystem>
#include <optional>

#include "ebagent/result.hpp"

namespace ebagent::cli {

// The folder a command works in: the one it was told to use, which stays, or a new one that goes when the
// command ends.
class WorkFolder {
 public:
  // Io when a folder cannot be made.
  static Result<WorkFolder> open(const std::optional<std::filesystem::path>& given);
  WorkFolder(WorkFolder&& other) noexcept;
  WorkFolder& operator=(WorkFolder&&) = delete;
  ~WorkFolder();

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] bool is_temporary() const { return temporary_; }

 private:
  WorkFolder(std::filesystem::path path, bool temporary) : path_(std::move(path)), temporary_(temporary) {}

  std::filesystem::path path_;
  bool temporary_;
};

}  // namespace ebagent::cli
