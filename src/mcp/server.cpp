#include "mcp/server.hpp"

#include <algorithm>
#include <utility>

#include "core/json.hpp"
#include "mcp/protocol.hpp"

namespace ebagent::mcp {
namespace {

namespace json = boost::json;

// How long a client may keep the list of tools: they do not change while this runs.
constexpr std::int64_t kListHoldsMs = 3'600'000;

json::array supported_versions() {
  json::array versions{kModernVersion};
  for (const std::string_view version : kLegacyVersions) versions.emplace_back(version);
  return versions;
}

json::object capabilities() {
  return {{"tools", json::object{{"listChanged", false}}}};
}

json::object describe(const OfferedTool& offered) {
  const bool is_read = offered.tool.effect() == Effect::Read;
  json::object annotations{{"title", offered.title}, {"readOnlyHint", is_read}};
  if (!is_read) {
    annotations["destructiveHint"] = offered.is_destructive;
    annotations["idempotentHint"] = offered.tool.effect() == Effect::Idempotent;
  }
  annotations["openWorldHint"] = offered.is_open_world;
  return {{"name", offered.tool.name()},
          {"title", offered.title},
          {"description", offered.tool.description()},
          {"inputSchema", offered.tool.input_schema()},
          {"annotations", std::move(annotations)}};
}

json::object text_block(std::string_view text) {
  return {{"type", "text"}, {"text", text}};
}

json::object result_of(const Result<json::value>& outcome) {
  if (!outcome) {
    return {{"content", json::array{text_block(outcome.error().message)}}, {"isError", true}};
  }
  const json::value& value = outcome.value();
  const std::string text =
      value.is_string() ? std::string(value.get_string()) : core::write_json_pretty(value);
  json::object result{{"content", json::array{text_block(text)}}, {"isError", false}};
  if (value.is_object()) result["structuredContent"] = value;
  return result;
}

Reply method_not_found(const std::string& method) {
  return RpcError{kMethodNotFound, "Method not found: " + method, nullptr};
}

}  // namespace

Reply Server::handle(const Message& request) {
  const json::value* meta = request.params.if_contains("_meta");
  const json::object* object = meta == nullptr ? nullptr : meta->if_object();
  if (object != nullptr && object->contains(kVersionKey)) return handle_modern(request, *object);
  return handle_legacy(request);
}

// Source: https://modelcontextprotocol.io/specification/2026-07-28/basic/versioning
Reply Server::handle_modern(const Message& request, const json::object& meta) {
  const std::string version = core::text_member(meta, kVersionKey);
  if (version != kModernVersion) {
    return RpcError{kUnsupportedVersion, "Unsupported protocol version",
                    json::object{{"supported", supported_versions()}, {"requested", version}}};
  }
  const json::value* client = meta.if_contains(kCapabilitiesKey);
  if (client == nullptr || !client->is_object()) {
    return RpcError{kInvalidParams, "_meta has no object " + std::string(kCapabilitiesKey), nullptr};
  }
  Reply reply = method_not_found(request.method);
  if (request.method == "server/discover") reply = discovered();
  if (request.method == "tools/list") reply = listed();
  if (request.method == "tools/call") reply = call(request.params);
  if (auto* result = std::get_if<json::object>(&reply)) {
    (*result)["resultType"] = "complete";
    (*result)["_meta"] = json::object{{kServerInfoKey, implementation()}};
    if (request.method != "tools/call") {
      (*result)["ttlMs"] = kListHoldsMs;
      (*result)["cacheScope"] = "private";
    }
  }
  return reply;
}

Reply Server::handle_legacy(const Message& request) {
  if (request.method == "ping") return json::object{};
  if (request.method == "initialize") return initialize(request.params);
  if (request.method == "server/discover") {
    return RpcError{kInvalidParams, "_meta has no " + std::string(kVersionKey), nullptr};
  }
  if (!is_initialized_) {
    return RpcError{
        kInvalidParams,
        "Begin with initialize, or say the version of the protocol in _meta, as " + std::string(kVersionKey),
        nullptr};
  }
  if (request.method == "tools/list") return listed();
  if (request.method == "tools/call") return call(request.params);
  return method_not_found(request.method);
}

Reply Server::initialize(const json::object& params) {
  const std::string wanted = core::text_member(params, "protocolVersion");
  const std::string version = is_legacy_version(wanted) ? wanted : std::string(kLegacyVersions.front());
  is_initialized_ = true;
  return json::object{{"protocolVersion", version},
                      {"capabilities", capabilities()},
                      {"serverInfo", implementation()},
                      {"instructions", instructions_}};
}

json::object Server::discovered() const {
  return {{"supportedVersions", supported_versions()},
          {"capabilities", capabilities()},
          {"instructions", instructions_}};
}

json::object Server::listed() const {
  json::array tools;
  for (const OfferedTool& offered : tools_) tools.push_back(describe(offered));
  return {{"tools", std::move(tools)}};
}

Reply Server::call(const json::object& params) const {
  const std::string name = core::text_member(params, "name");
  const auto found = std::ranges::find_if(
      tools_, [&name](const OfferedTool& offered) { return offered.tool.name() == name; });
  if (found == tools_.end()) return RpcError{kInvalidParams, "Unknown tool: " + name, nullptr};
  const json::value* arguments = params.if_contains("arguments");
  if (arguments != nullptr && !arguments->is_object()) {
    return RpcError{kInvalidParams, "The arguments are no object.", nullptr};
  }
  const Event none{};
  const ToolContext context({.step = name}, none, clock_);
  return result_of(
      found->tool.invoke(arguments == nullptr ? json::value(json::object{}) : *arguments, context));
}

}  // namespace ebagent::mcp
