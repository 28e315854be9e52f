#include "mcp/protocol.hpp"

namespace ebagent::mcp {

boost::json::object implementation() {
  return {{"name", "eventbridge-agent"}, {"title", "eventbridge-agent"}, {"version", EBAGENT_VERSION}};
}

}  // namespace ebagent::mcp
