#pragma once

#include <boost/json/object.hpp>
#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "mcp/json_rpc.hpp"

namespace ebagent::mcp {

// A request to a server. What stands beside the message goes into headers where there are any.
struct Outgoing {
  std::string method = {};
  boost::json::object params = {};
  std::string protocol_version = {};  // empty: not agreed yet
  bool is_modern = false;  // of the era without sessions, whose headers repeat what the message says
  std::string name = {};   // of the tool
  std::vector<std::pair<std::string, std::string>> headers = {};  // those of this call alone
};

// Why a request has no reply.
struct NoReply {
  bool may_have_acted = false;  // the server may have got the request
  bool is_timeout = false;
  bool is_refusal = false;  // an HTTP server refused the request as such (4xx), without a JSON-RPC error
  std::string text = {};    // one sentence, of the server and what went wrong
};

// A reply, or why there is none.
using Answer = std::variant<boost::json::object, RpcError, NoReply>;

// What a server says by itself, on a thread of the transport or of a caller.
struct FromServer {
  std::function<void(const Message&)> on_notification = [](const Message&) {};
  std::function<Reply(const Message&)> on_request = [](const Message&) -> Reply {
    return RpcError{kMethodNotFound, "Method not found", nullptr};
  };
};

// One connection to a server: brings requests there and replies back.
// Thread safety: every member may be called from any thread; requests run at the same time.
class Transport {
 public:
  virtual ~Transport() = default;
  // Blocks until the reply is there, the connection is over, or the time is up; the server is then told that nobody waits.
  [[nodiscard]] virtual Answer exchange(const Outgoing& request, std::chrono::milliseconds timeout) = 0;
  virtual void notify(const Outgoing& notification) = 0;
  // False once nothing can be sent any more.
  [[nodiscard]] virtual bool is_open() const = 0;
};

}  // namespace ebagent::mcp
