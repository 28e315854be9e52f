#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "ebagent/result.hpp"
#include "mcp/child_process.hpp"
#include "mcp/line_reader.hpp"
#include "mcp/transport.hpp"

namespace ebagent::mcp {

// A server that is a program: one JSON-RPC message a line over its standard streams. A thread reads what it says and what it
// writes to standard error. A line that is no message is reported and passed over; one that is too long, or the end of its
// output, ends the connection, and every request that waits is told so.
class StdioTransport final : public Transport {
 public:
  // Called with each line of standard error, and with what the transport itself finds wrong. From the reading thread.
  using OnLine = std::function<void(std::string_view line)>;

  [[nodiscard]] static Result<std::unique_ptr<StdioTransport>> start(const Command& command, FromServer from,
                                                                     OnLine on_error_line);
  ~StdioTransport() override;

  [[nodiscard]] Answer exchange(const Outgoing& request, std::chrono::milliseconds timeout) override;
  void notify(const Outgoing& notification) override;
  [[nodiscard]] bool is_open() const override { return is_open_; }

 private:
  StdioTransport(std::unique_ptr<ChildProcess> process, FromServer from, OnLine on_error_line);

  enum class Written { Whole, Nothing, Part };
  Written write_line(std::string line, std::chrono::steady_clock::time_point deadline);
  void read_all();
  bool read_some(int file, LineReader& lines, const std::function<void(const std::string&)>& take);
  void take_line(const std::string& line);
  void close_with(std::string why);
  [[nodiscard]] NoReply closed(bool may_have_acted) const;

  const std::unique_ptr<ChildProcess> process_;
  const FromServer from_;
  const OnLine on_error_line_;
  const int wake_;  // an eventfd: the reading thread is to end
  std::atomic<bool> is_open_{true};

  std::mutex writing_;  // one line at a time

  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable arrived_;
  std::int64_t last_id_ = 0;
  std::map<std::int64_t, std::optional<Reply>> waiting_;
  std::string why_closed_;
  std::string last_error_line_;

  std::thread reader_;
};

}  // namespace ebagent::mcp
