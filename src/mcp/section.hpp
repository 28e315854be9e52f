#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "ebagent/app.hpp"
#include "ebagent/clock.hpp"
#include "ebagent/result.hpp"
#include "mcp/client.hpp"
#include "mcp/server_spec.hpp"
#include "secrets/redactor.hpp"
#include "telemetry/log.hpp"

namespace ebagent::mcp {

// A server of the configuration with the tools that it offers.
struct ServerTools {
  std::shared_ptr<Client> client;
  boost::json::array tools;
};

// Starts the servers, all at the same time, and lists their tools. The first error in the order of the servers, with the JSON
// pointer of its entry.
[[nodiscard]] Result<std::vector<ServerTools>> start_servers(
    std::vector<ServerSpec> specs, const std::shared_ptr<const secrets::Redactor>& redactor,
    const std::shared_ptr<const Clock>& clock, const std::shared_ptr<telemetry::Log>& log);

// The tools of a server as agents use them; they share the client. Those whose schema cannot be understood are left out, and
// the log says so. Secrets are taken out of what they answer. InvalidArgument for a name that no tool can have.
[[nodiscard]] Result<std::vector<Tool>> agent_tools(const ServerTools& server,
                                                    const std::shared_ptr<const secrets::Redactor>& redactor,
                                                    telemetry::Log& log);

// Reads the section `mcp:` of an agents.yaml (see docs/mcp.md): starts the servers and adds their tools to the app.
[[nodiscard]] App::SectionReader section_reader(std::shared_ptr<const Clock> clock,
                                                std::shared_ptr<telemetry::Log> log);

}  // namespace ebagent::mcp
