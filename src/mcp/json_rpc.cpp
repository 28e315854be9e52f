#include "mcp/json_rpc.hpp"

#include <utility>

#include "core/json.hpp"

namespace ebagent::mcp {
namespace {

namespace json = boost::json;

auto no_message(std::string_view why) {
  return fail(ErrorCode::Malformed, "This is no JSON-RPC message: " + std::string(why) + ".");
}

bool is_id(const json::value& id) {
  return id.is_string() || id.is_int64() || id.is_uint64();
}

Result<RpcError> read_error(const json::value& from) {
  const json::object* error = from.if_object();
  if (error == nullptr) return no_message("its error is no object");
  const auto code = core::integer_member(*error, "code");
  if (!code) return no_message("its error has no whole number as code");
  const json::value* data = error->if_contains("data");
  return RpcError{*code, core::text_member(*error, "message"),
                  data != nullptr ? *data : json::value(nullptr)};
}

Result<Message> read_response(const json::object& object) {
  Message message{.kind = Message::Kind::Response};
  const json::value* id = object.if_contains("id");
  if (id != nullptr && !is_id(*id) && !id->is_null())
    return no_message("its id is neither text nor whole number");
  if (id != nullptr) message.id = *id;
  if (const json::value* error = object.if_contains("error")) {
    BOOST_OUTCOME_TRY(message.reply, read_error(*error));
    return message;
  }
  const json::value* result = object.if_contains("result");
  if (result == nullptr) return no_message("it has neither method nor result nor error");
  if (!result->is_object()) return no_message("its result is no object");
  message.reply = result->get_object();
  return message;
}

Result<Message> read_call(const json::object& object, const json::value& method) {
  if (!method.is_string()) return no_message("its method is no text");
  Message message{.kind = Message::Kind::Notification, .method = std::string(method.get_string())};
  if (const json::value* id = object.if_contains("id")) {
    if (!is_id(*id)) return no_message("its id is neither text nor whole number");
    message.kind = Message::Kind::Request;
    message.id = *id;
  }
  if (const json::value* params = object.if_contains("params")) {
    if (!params->is_object()) return no_message("its params are no object");
    message.params = params->get_object();
  }
  return message;
}

json::object with_version() {
  return {{"jsonrpc", "2.0"}};
}

}  // namespace

Result<Message> parse_message(std::string_view text) {
  BOOST_OUTCOME_TRY(const auto value, core::parse_json(text));
  const json::object* object = value.if_object();
  if (object == nullptr)
    return no_message(value.is_array() ? "batches are not part of MCP" : "it is no object");
  const json::value* version = object->if_contains("jsonrpc");
  if (version == nullptr || *version != "2.0") return no_message("its jsonrpc is not \"2.0\"");
  if (const json::value* method = object->if_contains("method")) return read_call(*object, *method);
  return read_response(*object);
}

std::string request_text(std::int64_t id, std::string_view method, const json::object& params) {
  json::object message = with_version();
  message["id"] = id;
  message["method"] = json::string_view(method.data(), method.size());
  message["params"] = params;
  return core::write_json(message);
}

std::string notification_text(std::string_view method, const json::object& params) {
  json::object message = with_version();
  message["method"] = json::string_view(method.data(), method.size());
  if (!params.empty()) message["params"] = params;
  return core::write_json(message);
}

std::string response_text(const json::value& id, const Reply& reply) {
  json::object message = with_version();
  message["id"] = id;
  if (const auto* error = std::get_if<RpcError>(&reply)) {
    json::object described{{"code", error->code}, {"message", error->message}};
    if (!error->data.is_null()) described["data"] = error->data;
    message["error"] = std::move(described);
  } else {
    message["result"] = std::get<json::object>(reply);
  }
  return core::write_json(message);
}

}  // namespace ebagent::mcp
