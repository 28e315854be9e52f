#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <string>
#include <utility>
#include <vector>

#include "ebagent/result.hpp"
#include "ebagent/tool.hpp"
#include "mcp/server_spec.hpp"

namespace ebagent::mcp {

// Of what a server lists: the tools that its entry in the configuration offers, by name. NotFound for one of these that the
// server does not have.
[[nodiscard]] Result<boost::json::array> offered_tools(const boost::json::array& listed,
                                                       const ServerSpec& spec);

// "sha256:" and a hash of all that the tools say about themselves, whatever the order of tools and members. It changes when a
// tool comes or goes, or its description, schemas or annotations change.
[[nodiscard]] std::string hash_of(const boost::json::array& tools);

// What a pinned server whose tools are others is refused with; success when the hash is the pinned one or none is.
[[nodiscard]] Result<void> check_pin(const ServerSpec& spec, const boost::json::array& tools);

// The name under which agents know a tool: the prefix and the tool's own name, with _ for characters that names have not.
[[nodiscard]] std::string agent_name_of(const ServerSpec& spec, const boost::json::object& tool);

// Effect and traits. What a server says about its own tools is believed only when it is trusted: else a tool may do anything,
// once, and what it answers is a stranger's text.
[[nodiscard]] ToolOptions options_of(const ServerSpec& spec, const boost::json::object& tool);

// An argument that a tool's schema wants repeated in a header Mcp-Param-NAME, for intermediaries to see.
struct HeaderParameter {
  std::string header = {};             // its whole name
  std::vector<std::string> path = {};  // of the argument
};

// Malformed for a schema whose marks break the rules; such a tool must not be called over HTTP.
// Source: https://modelcontextprotocol.io/specification/2026-07-28/server/tools#x-mcp-header
[[nodiscard]] Result<std::vector<HeaderParameter>> header_parameters(const boost::json::value& schema);
[[nodiscard]] std::vector<std::pair<std::string, std::string>> parameter_headers(
    const std::vector<HeaderParameter>& parameters, const boost::json::object& arguments);

// What an agent gets of the result of tools/call: structuredContent when there is any, else the text, else an object with the
// content, in which the bytes of images and sounds are replaced by their number. Conflict, with the server's words, when the
// tool says that it failed.
[[nodiscard]] Result<boost::json::value> to_output(const boost::json::object& result);

}  // namespace ebagent::mcp
