#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "delivery/target_sender.hpp"
#include "ebagent/result.hpp"

namespace ebagent::targets {

// A target whose Arn is file:///PATH: the input becomes one line of JSON at the end of the file, on disk before the
// delivery counts as delivered. Only files below one folder are written, in folders that exist; symbolic links are not
// followed out of it. A line that a crash has torn is ended before the next one is written.
class FileTarget final : public delivery::TargetSender {
 public:
  // NotFound when the folder does not exist.
  [[nodiscard]] static Result<std::shared_ptr<FileTarget>> below(const std::filesystem::path& folder);

  [[nodiscard]] delivery::SendOutcome send(const store::Delivery& delivery) override;

 private:
  explicit FileTarget(std::filesystem::path folder) : folder_(std::move(folder)) {}

  const std::filesystem::path folder_;  // without symbolic links
  std::mutex mutex_;                    // held while a line is written
};

// The target stdout: prints the input as one line of JSON to standard output.
class StdoutTarget final : public delivery::TargetSender {
 public:
  [[nodiscard]] delivery::SendOutcome send(const store::Delivery& delivery) override;

 private:
  std::mutex mutex_;  // held while a line is written
};

}  // namespace ebagent::targets
