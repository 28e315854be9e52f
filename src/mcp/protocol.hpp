#pragma once

#include <array>
#include <boost/json/object.hpp>
#include <string_view>

// Versions and names of MCP, as both sides of this program use them.
namespace ebagent::mcp {

// The era without sessions: every request says its version and the client's capabilities.
inline constexpr std::string_view kModernVersion = "2026-07-28";
// The era of the `initialize` handshake, newest first.
inline constexpr std::array<std::string_view, 4> kLegacyVersions = {"2025-11-25", "2025-06-18", "2025-03-26",
                                                                    "2024-11-05"};

inline constexpr std::string_view kVersionKey = "io.modelcontextprotocol/protocolVersion";
inline constexpr std::string_view kClientInfoKey = "io.modelcontextprotocol/clientInfo";
inline constexpr std::string_view kCapabilitiesKey = "io.modelcontextprotocol/clientCapabilities";
inline constexpr std::string_view kServerInfoKey = "io.modelcontextprotocol/serverInfo";

[[nodiscard]] constexpr bool is_legacy_version(std::string_view version) {
  for (const std::string_view known : kLegacyVersions) {
    if (known == version) return true;
  }
  return false;
}

// Name and version of this program.
[[nodiscard]] boost::json::object implementation();

}  // namespace ebagent::mcp
