#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "ebagent/result.hpp"

// The messages of MCP: JSON-RPC 2.0 with objects for parameters and results, and no batches.
// Source: https://www.jsonrpc.org/specification, https://modelcontextprotocol.io/specification/2026-07-28/basic
namespace ebagent::mcp {

// A message of more bytes is none that an agent could work with; a journal keeps less.
inline constexpr std::size_t kMaxMessageBytes = std::size_t{8} * 1024 * 1024;

// Codes that JSON-RPC and MCP define.
inline constexpr std::int64_t kParseError = -32700;
inline constexpr std::int64_t kInvalidRequest = -32600;
inline constexpr std::int64_t kMethodNotFound = -32601;
inline constexpr std::int64_t kInvalidParams = -32602;
inline constexpr std::int64_t kInternalError = -32603;
inline constexpr std::int64_t kHeaderMismatch = -32020;
inline constexpr std::int64_t kMissingCapability = -32021;
inline constexpr std::int64_t kUnsupportedVersion = -32022;

struct RpcError {
  std::int64_t code = kInternalError;
  std::string message = {};
  boost::json::value data = nullptr;
};

// What a request is answered with.
using Reply = std::variant<boost::json::object, RpcError>;

struct Message {
  enum class Kind { Request, Notification, Response };
  Kind kind = Kind::Notification;
  boost::json::value id = nullptr;  // of requests and responses; null in a response to what could not be read
  std::string method = {};          // of requests and notifications
  boost::json::object params = {};
  Reply reply = {};  // of responses
};

// Malformed for what is no JSON or no message, with what is wrong about it.
[[nodiscard]] Result<Message> parse_message(std::string_view text);

// The texts of messages, without a line's end.
[[nodiscard]] std::string request_text(std::int64_t id, std::string_view method,
                                       const boost::json::object& params);
[[nodiscard]] std::string notification_text(std::string_view method, const boost::json::object& params);
[[nodiscard]] std::string response_text(const boost::json::value& id, const Reply& reply);

}  // namespace ebagent::mcp
