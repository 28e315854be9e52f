#pragma once

#include <atomic>
#include <boost/json/object.hpp>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ebagent/clock.hpp"
#include "ebagent/tool.hpp"
#include "mcp/json_rpc.hpp"

namespace ebagent::mcp {

// A tool that this program offers to MCP clients, with what it says about itself.
struct OfferedTool {
  std::string title;
  Tool tool;
  bool is_destructive = false;  // of tools that are no reads: may change or remove what is there
  bool is_open_world = false;   // reaches beyond the data folder
};

// The server's side of MCP, without a way for its messages: answers requests of both eras, those that begin with `initialize`
// and those that say their version each time. Thread safety: handle() may be called from any thread.
class Server {
 public:
  // `clock` must outlive it. Tools are listed in the order given.
  Server(std::vector<OfferedTool> tools, std::string instructions, const Clock& clock)
      : tools_(std::move(tools)), instructions_(std::move(instructions)), clock_(clock) {}

  // The reply to a request. A tool that fails is a result that says so, not an error.
  [[nodiscard]] Reply handle(const Message& request);

 private:
  [[nodiscard]] Reply handle_modern(const Message& request, const boost::json::object& meta);
  [[nodiscard]] Reply handle_legacy(const Message& request);
  [[nodiscard]] Reply initialize(const boost::json::object& params);
  [[nodiscard]] boost::json::object discovered() const;
  [[nodiscard]] boost::json::object listed() const;
  [[nodiscard]] Reply call(const boost::json::object& params) const;

  const std::vector<OfferedTool> tools_;
  const std::string instructions_;
  const Clock& clock_;
  std::atomic<bool> is_initialized_{false};
};

// Serves one client over a pair of files, one message a line, until the input ends: what is under way is finished then. Tools
// run at the same time, at most kMaxCalls; the answer to a call that was cancelled is not sent.
inline constexpr std::size_t kMaxCalls = 16;
void serve_lines(Server& server, int input, int output);

}  // namespace ebagent::mcp
