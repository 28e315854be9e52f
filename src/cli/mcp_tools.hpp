#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <vector>

#include "cli/bus_api.hpp"
#include "ebagent/app.hpp"
#include "ebagent/clock.hpp"
#include "ebagent/result.hpp"
#include "mcp/server.hpp"

namespace ebagent::cli {

// What the tools act on. The references must outlive the tools.
struct McpPlace {
  std::filesystem::path data;  // of a server; read beside it
  BusApi& bus;                 // of the same server
  const Clock& clock;
  // The app, started when it is first asked for: agents may need programs and models that take their time.
  std::function<Result<App*>()> app;
};

enum class McpWrites { Offered, LeftOut };
enum class McpRuns { Offered, LeftOut };

// The tools of `eventbridge-agent mcp`, in the order in which they are listed.
[[nodiscard]] std::vector<mcp::OfferedTool> mcp_tools(const McpPlace& place, McpWrites writes, McpRuns runs);

}  // namespace ebagent::cli
