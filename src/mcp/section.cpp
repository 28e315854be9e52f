#include "mcp/section.hpp"

#include <algorithm>
#include <optional>
#include <thread>
#include <utility>

#include "core/json.hpp"
#include "mcp/tool_list.hpp"
#include "schema/json_schema.hpp"

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

// What a tool's calls need beside the client.
struct CallForm {
  schema::Schema arguments;
  std::vector<HeaderParameter> headers;  // of servers behind a url
};

Result<CallForm> call_form(const ServerSpec& spec, const json::object& tool) {
  // The server checks what it gets; this is to tell the model sooner, in words it knows.
  BOOST_OUTCOME_TRY(auto arguments, schema::Schema::compile(schema_of(tool), schema::Unchecked::PassOver));
  CallForm form{std::move(arguments), {}};
  if (!spec.url.empty()) {
    BOOST_OUTCOME_TRY(form.headers, header_parameters(schema_of(tool)));
  }
  return form;
}

Tool to_tool(const std::shared_ptr<Client>& client, const json::object& tool, std::string name, CallForm form,
             const std::shared_ptr<const secrets::Redactor>& redactor) {
  auto function = [client, redactor, own_name = core::text_member(tool, "name"), form = std::move(form)](
                      const json::value& arguments, const ToolContext& context) -> Result<json::value> {
    BOOST_OUTCOME_TRYV(form.arguments.check(arguments));
    const json::object* object = arguments.if_object();
    if (object == nullptr) return fail(ErrorCode::InvalidArgument, "expected an object of arguments");
    return redactor->redact(client->call(own_name, *object,
                                         {.timeout = time_for(context, client->spec().timeout),
                                          .idempotency_key = context.idempotency_key(),
                                          .headers = parameter_headers(form.headers, *object)}));
  };
  return Tool(std::move(name), description_of(tool), schema_of(tool), std::move(function),
              options_of(client->spec(), tool));
}

}  // namespace

Result<std::vector<ServerTools>> start_servers(std::vector<ServerSpec> specs,
                                               const std::shared_ptr<const secrets::Redactor>& redactor,
                                               const std::shared_ptr<const Clock>& clock,
                                               const std::shared_ptr<telemetry::Log>& log) {
  std::vector<ServerTools> servers;
  std::vector<std::optional<Result<json::array>>> lists(specs.size());
  for (ServerSpec& spec : specs) {
    auto connect = connect_to(spec, redactor, log);
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
      const Error error = redactor->redact(listed.error());
      return fail(error.code, "/" + std::to_string(i) + ": " + error.message);
    }
    servers[i].tools = std::move(listed).value();
  }
  return servers;
}

Result<std::vector<Tool>> agent_tools(const ServerTools& server,
                                      const std::shared_ptr<const secrets::Redactor>& redactor,
                                      telemetry::Log& log) {
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
    auto form = call_form(spec, tool);
    if (!form) {
      log.warn("A tool of an MCP server cannot be used",
               {{"server", spec.name}, {"tool", name}, {"problem", form.error().message}});
      continue;
    }
    tools.push_back(to_tool(server.client, tool, std::move(name), std::move(form).value(), redactor));
  }
  return tools;
}

App::SectionReader section_reader(std::shared_ptr<const Clock> clock, std::shared_ptr<telemetry::Log> log) {
  return [clock = std::move(clock), log = std::move(log)](App& app, const Place&,
                                                          std::string_view text) -> Result<void> {
    const auto redactor = std::make_shared<secrets::Redactor>();
    BOOST_OUTCOME_TRY(auto specs,
                      read_server_specs(text, [&redactor](const secrets::SecretReference& reference) {
                        return redactor->resolve(reference);
                      }));
    BOOST_OUTCOME_TRY(const auto servers, start_servers(std::move(specs), redactor, clock, log));
    for (std::size_t i = 0; i < servers.size(); ++i) {
      auto tools = agent_tools(servers[i], redactor, *log);
      if (!tools) return fail(tools.error().code, "/" + std::to_string(i) + ": " + tools.error().message);
      for (Tool& tool : tools.value()) app.tool(std::move(tool));
    }
    return success();
  };
}

}  // namespace ebagent::mcp
