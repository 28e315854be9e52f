#include "mcp/section.hpp"

#include <algorithm>
#include <optional>
#include <thread>
#include <utility>

#include "core/json.hpp"
#include "mcp/tool_list.hpp"

namespace ebagent::mcp {
namespace {

namespace json = boost::json;
using std::chrono::milliseconds;

constexpr std::size_t kMaxToolName = 64;  // as the registry of an app has it

json::value schema_of(const json::object& tool) {
  const json::value* schema = tool.if_contains("inputSchema");
  if (schema != nullptr && schema->is_object()) return *schema;
  return json::object{{"type", "object"}};
}

std::string description_of(const json::object& tool) {
  const std::string description = core::text_member(tool, "description");
  return description.empty() ? core::text_member(tool, "title") : description;
}

// What is left of the run's time, at most the call's own.
milliseconds time_for(const ToolContext& context, milliseconds timeout) {
  if (context.deadline() == TimePoint::max()) return timeout;
  return std::min(timeout, std::max(milliseconds{1}, context.deadline() - context.now()));
}

Tool to_tool(const std::shared_ptr<Client>& client, const json::object& tool, std::string name,
             std::vector<HeaderParameter> parameters) {
  auto function = [client, own_name = core::text_member(tool, "name"), parameters = std::move(parameters)](
                      const json::value& arguments, const ToolContext& context) -> Result<json::value> {
    const json::object* object = arguments.if_object();
    if (object == nullptr) return fail(ErrorCode::InvalidArgument, "expected an object of arguments");
    return client->call(own_name, *object,
                        {.timeout = time_for(context, client->spec().timeout),
                         .idempotency_key = context.idempotency_key(),
                         .headers = parameter_headers(parameters, *object)});
  };
  return Tool(std::move(name), description_of(tool), schema_of(tool), std::move(function),
              options_of(client->spec(), tool));
}

}  // namespace

Result<std::vector<ServerTools>> start_servers(std::vector<ServerSpec> specs,
                                               const std::shared_ptr<const Clock>& clock,
                                               const std::shared_ptr<telemetry::Log>& log) {
  std::vector<ServerTools> servers;
  std::vector<std::optional<Result<json::array>>> lists(specs.size());
  for (ServerSpec& spec : specs) {
    auto connect = connect_to(spec, log);
    servers.push_back({std::make_shared<Client>(std::move(spec), std::move(connect), clock, log), {}});
  }
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < servers.size(); ++i) {
      threads.emplace_back([&lists, &servers, i] { lists[i] = servers[i].client->tools(); });
    }
  }
  for (std::size_t i = 0; i < servers.size(); ++i) {
    auto& listed = *lists[i];
    if (!listed) {
      return fail(listed.error().code, "/" + std::to_string(i) + ": " + listed.error().message);
    }
    servers[i].tools = std::move(listed).value();
  }
  return servers;
}

Result<std::vector<Tool>> agent_tools(const ServerTools& server, telemetry::Log& log) {
  const ServerSpec& spec = server.client->spec();
  std::vector<Tool> tools;
  for (const json::value& one : server.tools) {
    const json::object& tool = one.get_object();
    std::string name = agent_name_of(spec, tool);
    if (name.size() > kMaxToolName) {
      return fail(ErrorCode::InvalidArgument,
                  "MCP server \"" + spec.name + "\": \"" + name + "\" is too long for the name of a tool (" +
                      std::to_string(kMaxToolName) +
                      " characters); choose a shorter prefix, or leave the tool out of tools.");
    }
    auto parameters = header_parameters(schema_of(tool));
    if (!parameters && !spec.url.empty()) {
      log.warn("A tool of an MCP server cannot be used",
               {{"server", spec.name}, {"tool", name}, {"problem", parameters.error().message}});
      continue;
    }
    tools.push_back(to_tool(server.client, tool, std::move(name),
                            parameters ? std::move(parameters).value() : std::vector<HeaderParameter>{}));
  }
  return tools;
}

App::SectionReader section_reader(std::shared_ptr<const Clock> clock, std::shared_ptr<telemetry::Log> log) {
  return [clock = std::move(clock), log = std::move(log)](App& app, const Place&,
                                                          std::string_view text) -> Result<void> {
    BOOST_OUTCOME_TRY(auto specs, read_server_specs(text, process_variable));
    BOOST_OUTCOME_TRY(const auto servers, start_servers(std::move(specs), clock, log));
    for (std::size_t i = 0; i < servers.size(); ++i) {
      auto tools = agent_tools(servers[i], *log);
      if (!tools) return fail(tools.error().code, "/" + std::to_string(i) + ": " + tools.error().message);
      for (Tool& tool : tools.value()) app.tool(std::move(tool));
    }
    return success();
  };
}

}  // namespace ebagent::mcp
