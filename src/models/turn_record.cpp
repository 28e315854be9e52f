#include "models/turn_record.hpp"

#include <array>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value_to.hpp>
#include <exception>
#include <string>
#include <utility>

namespace ebagent::models {
namespace {

namespace json = boost::json;

constexpr std::array<std::pair<TurnEnd, std::string_view>, 7> kEnds{{{TurnEnd::Answer, "answer"},
                                                                     {TurnEnd::ToolCalls, "tool_calls"},
                                                                     {TurnEnd::MaxTokens, "max_tokens"},
                                                                     {TurnEnd::ContextFull, "context_full"},
                                                                     {TurnEnd::Refusal, "refusal"},
                                                                     {TurnEnd::Guardrail, "guardrail"},
                                                                     {TurnEnd::Paused, "paused"}}};

json::object call_record(const ToolCall& call) {
  json::object record{{"tool", call.tool}, {"input", call.input}};
  if (!call.id.empty()) record["id"] = call.id;
  if (!call.name.empty()) record["name"] = call.name;
  if (call.on_error == OnError::Fail) record["on_error"] = "fail";
  if (!call.malformed.empty()) record["malformed"] = call.malformed;
  return record;
}

std::string text_of(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(json::string_view(key.data(), key.size()));
  return value == nullptr ? std::string{} : json::value_to<std::string>(*value);
}

std::int64_t number_of(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(json::string_view(key.data(), key.size()));
  return value == nullptr ? 0 : value->to_number<std::int64_t>();
}

ToolCall call_from(const json::object& record) {
  ToolCall call;
  call.id = text_of(record, "id");
  call.name = text_of(record, "name");
  call.tool = text_of(record, "tool");
  call.input = record.at("input");
  call.on_error = text_of(record, "on_error") == "fail" ? OnError::Fail : OnError::Continue;
  call.malformed = text_of(record, "malformed");
  return call;
}

json::object usage_record(const Usage& usage) {
  return {{"input", usage.input},
          {"output", usage.output},
          {"cache_read", usage.cache_read},
          {"cache_write", usage.cache_write}};
}

// Throws where the record is not what to_record() makes.
Turn turn_from(const json::object& record) {
  Turn turn;
  turn.text = text_of(record, "text");
  turn.model = text_of(record, "model");
  if (const json::value* calls = record.if_contains("calls")) {
    for (const json::value& call : calls->as_array()) turn.calls.push_back(call_from(call.as_object()));
  }
  const std::string end = text_of(record, "end");
  turn.end = turn.calls.empty() ? TurnEnd::Answer : TurnEnd::ToolCalls;
  for (const auto& [value, name] : kEnds) {
    if (name == end) turn.end = value;
  }
  if (const json::value* usage = record.if_contains("usage")) {
    const json::object& tokens = usage->as_object();
    turn.usage = {.input = number_of(tokens, "input"),
                  .output = number_of(tokens, "output"),
                  .cache_read = number_of(tokens, "cache_read"),
                  .cache_write = number_of(tokens, "cache_write")};
  }
  if (const json::value* content = record.if_contains("content")) turn.content = *content;
  return turn;
}

}  // namespace

std::string_view to_string(TurnEnd end) {
  for (const auto& [value, name] : kEnds) {
    if (value == end) return name;
  }
  return "answer";
}

json::value to_record(const Turn& turn) {
  json::object record;
  if (!turn.text.empty()) record["text"] = turn.text;
  if (!turn.calls.empty()) {
    json::array calls;
    for (const ToolCall& call : turn.calls) calls.emplace_back(call_record(call));
    record["calls"] = std::move(calls);
  }
  const TurnEnd plain = turn.calls.empty() ? TurnEnd::Answer : TurnEnd::ToolCalls;
  if (turn.end != plain) {
    const std::string_view end = to_string(turn.end);
    record["end"] = json::string_view(end.data(), end.size());
  }
  if (turn.usage != Usage{}) record["usage"] = usage_record(turn.usage);
  if (!turn.model.empty()) record["model"] = turn.model;
  if (!turn.content.is_null()) record["content"] = turn.content;
  return record;
}

Result<Turn> turn_from_record(const json::value& record) {
  try {
    return turn_from(record.as_object());
  } catch (const std::exception& error) {
    return fail(ErrorCode::Malformed, std::string("This is no recorded turn: ") + error.what());
  }
}

}  // namespace ebagent::models
