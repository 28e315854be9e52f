#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "secrets/redactor.hpp"
#include "telemetry/log.hpp"

namespace ebagent::mcp {

// What a server writes to standard error, in the log of this program: at level debug, without secrets, cut to a bounded length, and no more
// lines a minute than a person would read. Thread safety: take() may be called from any thread.
class ServerLog {
 public:
  static constexpr std::size_t kMaxLine = 500;
  static constexpr int kLinesAMinute = 200;

  ServerLog(std::string server, std::shared_ptr<const secrets::Redactor> redactor,
            std::shared_ptr<telemetry::Log> log)
      : server_(std::move(server)), redactor_(std::move(redactor)), log_(std::move(log)) {}

  void take(std::string_view line);

 private:
  const std::string server_;
  const std::shared_ptr<const secrets::Redactor> redactor_;
  const std::shared_ptr<telemetry::Log> log_;

  std::mutex mutex_;  // guards what follows
  std::chrono::steady_clock::time_point minute_{};
  int lines_ = 0;  // in this minute
};

}  // namespace ebagent::mcp
