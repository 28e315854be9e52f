#include "models/anthropic.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "core/json.hpp"
#include "http/url.hpp"
#include "models/json_members.hpp"
#include "models/sse_reader.hpp"
#include "models/transcript.hpp"

namespace ebagent::models {
namespace {

namespace json = boost::json;

constexpr std::string_view kProvider = "anthropic";
constexpr std::string_view kDefaultUrl = "https://api.anthropic.com";
constexpr std::string_view kDefaultKey = "env:ANTHROPIC_API_KEY";
constexpr std::string_view kVersion = "2023-06-01";

struct EndName {
  std::string_view reason;
  TurnEnd end;
};
constexpr std::array kEnds{
    EndName{"end_turn", TurnEnd::Answer},
    EndName{"stop_sequence", TurnEnd::Answer},
    EndName{"tool_use", TurnEnd::ToolCalls},
    EndName{"max_tokens", TurnEnd::MaxTokens},
    EndName{"pause_turn", TurnEnd::Paused},
    EndName{"refusal", TurnEnd::Refusal},
    EndName{"model_context_window_exceeded", TurnEnd::ContextFull},
};

bool is_type(const json::value& block, std::string_view type) {
  const auto* const object = block.if_object();
  return object != nullptr && core::text_member(*object, "type") == type;
}

json::object text_block(std::string_view text) {
  return {{"type", "text"}, {"text", text}};
}

// ---- The request

json::object call_block(const PastCall& call) {
  return {{"type", "tool_use"}, {"id", call.id}, {"name", call.name}, {"input", *call.input}};
}

// Word for word but for the calls, whose ids and inputs are those that the results answer.
json::array given_back(const PastTurn& turn) {
  json::array blocks;
  std::size_t next_call = 0;
  for (const json::value& block : *turn.content) {
    if (!is_type(block, "tool_use")) {
      blocks.push_back(block);
    } else if (next_call < turn.calls.size()) {
      blocks.push_back(call_block(turn.calls[next_call++]));
    }
  }
  return blocks;
}

json::array assistant_blocks(const PastTurn& turn) {
  if (turn.content != nullptr) return given_back(turn);
  json::array blocks;
  if (!turn.text.empty()) blocks.push_back(text_block(turn.text));
  for (const PastCall& call : turn.calls) blocks.push_back(call_block(call));
  return blocks;
}

json::array user_blocks(const PastTurn& turn) {
  json::array blocks;
  for (const PastCall& call : turn.calls) {
    json::object block{{"type", "tool_result"}, {"tool_use_id", call.id}, {"content", call.result}};
    if (call.is_error) block["is_error"] = true;
    blocks.push_back(std::move(block));
  }
  if (!turn.feedback.empty()) blocks.push_back(text_block(turn.feedback));
  return blocks;
}

json::array messages_of(const Conversation& conversation) {
  json::array messages;
  const Opening opening = opening_of(conversation);
  json::array first;
  if (!opening.task.empty()) first.push_back(text_block(opening.task));
  if (!opening.data.empty()) first.push_back(text_block(opening.data));
  append(messages, "user", std::move(first));
  for (const PastTurn& turn : past_turns(conversation, kProvider)) {
    append(messages, "assistant", assistant_blocks(turn));
    append(messages, "user", user_blocks(turn));
  }
  // What was paused goes on from its own last word; anything else waits for the user's.
  const bool is_paused =
      !conversation.exchanges.empty() && conversation.exchanges.back().turn.end == TurnEnd::Paused;
  if (messages.back().as_object().at("role").as_string() == "assistant" && !is_paused) {
    append(messages, "user", {text_block("Go on.")});
  }
  return messages;
}

json::array tools_of(const Conversation& conversation) {
  json::array tools;
  for (const ToolView& tool : declared_tools(conversation)) {
    json::object declared{{"name", tool.name}, {"input_schema", tool.input_schema}};
    if (!is_blank(tool.description)) declared["description"] = tool.description;
    tools.push_back(std::move(declared));
  }
  return tools;
}

// One after what stays the same (tools come before it in the cache), one after all that was said so far.
void mark_for_cache(json::object& body) {
  const json::object mark{{"type", "ephemeral"}};
  if (auto* system = body.if_contains("system"))
    system->as_array().back().as_object()["cache_control"] = mark;
  json::array& messages = body.at("messages").as_array();
  if (messages.back().as_object().at("role").as_string() != "user") return;
  messages.back().as_object().at("content").as_array().back().as_object()["cache_control"] = mark;
}

// ---- The answer

Usage usage_of(const json::object& message) {
  const auto* const usage = object_member(message, "usage");
  if (usage == nullptr) return {};
  const auto count = [&](std::string_view name) { return core::integer_member(*usage, name).value_or(0); };
  return {.input = count("input_tokens"),
          .output = count("output_tokens"),
          .cache_read = count("cache_read_input_tokens"),
          .cache_write = count("cache_creation_input_tokens")};
}

TurnEnd end_of(const json::object& message) {
  const std::string reason = core::text_member(message, "stop_reason");
  const auto* const found =
      std::find_if(kEnds.begin(), kEnds.end(), [&](const EndName& known) { return known.reason == reason; });
  return found == kEnds.end() ? TurnEnd::Answer : found->end;
}

void take_call(Turn& turn, const json::object& block) {
  const auto* const input = block.if_contains("input");
  json::value arguments = input == nullptr ? json::value(json::object{}) : *input;
  // In a stream it came as text.
  if (arguments.is_string()) arguments = arguments_of(arguments.get_string());
  add_call(turn, core::text_member(block, "id"), core::text_member(block, "name"), std::move(arguments));
}

// A whole message, as it came or as it was put together from a stream.
Attempt turn_of(const json::object& message, std::string_view service) {
  const auto* const content = array_member(message, "content");
  if (content == nullptr) return boost::outcome_v2::failure(garbled(service, "it has no content"));
  Turn turn{.end = end_of(message), .usage = usage_of(message), .model = core::text_member(message, "model")};
  json::array kept;
  bool is_said_by_all = turn.end != TurnEnd::Paused;
  for (const json::value& block : *content) {
    const auto* const object = block.if_object();
    if (object == nullptr) return boost::outcome_v2::failure(garbled(service, "a block is no object"));
    const std::string type = core::text_member(*object, "type");
    if (type == "text") {
      const std::string text = core::text_member(*object, "text");
      turn.text += text;
      if (is_blank(text)) continue;  // not taken back
    } else if (type == "tool_use") {
      take_call(turn, *object);
    } else {
      const bool is_cut = type == "thinking" && core::text_member(*object, "signature").empty();
      if (is_cut) continue;  // not taken back
      is_said_by_all = false;
    }
    kept.push_back(block);
  }
  settle(turn);
  if (!is_said_by_all) keep_content(turn, kProvider, std::move(kept));
  return turn;
}

ServiceError error_in(const json::object& answer) {
  ServiceError error;
  const auto* const object = object_member(answer, "error");
  if (object == nullptr) return error;
  error.type = core::text_member(*object, "type");
  error.message = core::text_member(*object, "message");
  if (const auto* const details = object_member(*object, "details")) {
    error.code = core::text_member(*details, "error_code");
  }
  return error;
}

class AnthropicStream final : public StreamReader {
 public:
  AnthropicStream(std::string_view service, const OnText& on_text) : service_(service), on_text_(on_text) {}

  bool feed(std::string_view piece) override {
    const auto fed = sse_.feed(piece, [this](const ServerSentEvent& event) { return take(event); });
    if (!fed && !failure_) return end_with(garbled(service_, fed.error().message));
    return !failure_;
  }

  Attempt finish() override {
    if (failure_) return boost::outcome_v2::failure(*std::move(failure_));
    if (!is_complete_) return boost::outcome_v2::failure(broken_off(service_));
    return turn_of(message_, service_);
  }

 private:
  bool end_with(Failure failure) {
    failure_ = std::move(failure);
    return false;
  }

  bool take(const ServerSentEvent& event) {
    auto parsed = core::parse_json(event.data);
    const auto* const data = parsed ? parsed.value().if_object() : nullptr;
    if (data == nullptr) return end_with(garbled(service_, "an event of its stream is no JSON object"));
    const std::string type = core::text_member(*data, "type");
    if (type == "error") return end_with(failure_of(service_, error_in(*data)));
    if (type == "message_start") return begin(*data);
    if (type == "content_block_start") return begin_block(*data);
    if (type == "content_block_delta") return continue_block(*data);
    if (type == "message_delta") merge_end(*data);
    if (type == "message_stop") is_complete_ = true;
    return true;  // pings, the ends of blocks, and what may be added some day
  }

  bool begin(const json::object& data) {
    const auto* const message = object_member(data, "message");
    if (message == nullptr) return end_with(garbled(service_, "its stream begins without a message"));
    message_ = *message;
    message_["content"] = json::array{};
    return true;
  }

  bool begin_block(const json::object& data) {
    auto* const content = message_.if_contains("content");
    const auto* const block = object_member(data, "content_block");
    if (content == nullptr || block == nullptr)
      return end_with(garbled(service_, "a block comes out of place"));
    content->as_array().push_back(*block);
    if (is_type(*block, "tool_use")) content->as_array().back().as_object()["input"] = json::string{};
    return true;
  }

  // The block that is under way; they come one after the other.
  bool continue_block(const json::object& data) {
    const auto* const delta = object_member(data, "delta");
    const auto* const content = message_.if_contains("content");
    if (delta == nullptr || content == nullptr || content->as_array().empty()) {
      return end_with(garbled(service_, "a piece of a block comes out of place"));
    }
    json::object& block = message_.at("content").as_array().back().as_object();
    const std::string type = core::text_member(*delta, "type");
    if (type == "text_delta") {
      const std::string text = core::text_member(*delta, "text");
      lengthen(block, "text", text);
      if (on_text_ && !text.empty()) on_text_(text);
    } else if (type == "input_json_delta") {
      lengthen(block, "input", core::text_member(*delta, "partial_json"));
    } else if (type == "thinking_delta") {
      lengthen(block, "thinking", core::text_member(*delta, "thinking"));
    } else if (type == "signature_delta") {
      lengthen(block, "signature", core::text_member(*delta, "signature"));
    }
    return true;
  }

  static void lengthen(json::object& block, std::string_view name, const std::string& text) {
    json::value& value = block[name];
    if (!value.is_string()) value = json::string{};
    value.get_string().append(text);
  }

  // The reason and the counts of the end replace those of the begin.
  void merge_end(const json::object& data) {
    if (const auto* const delta = object_member(data, "delta")) {
      for (const auto& [name, value] : *delta) message_[name] = value;
    }
    const auto* const counts = object_member(data, "usage");
    if (counts == nullptr) return;
    json::value& usage = message_["usage"];
    if (!usage.is_object()) usage = json::object{};
    for (const auto& [name, value] : *counts) {
      if (!value.is_null()) usage.get_object()[name] = value;
    }
  }

  const std::string_view service_;
  const OnText& on_text_;
  SseReader sse_;
  json::object message_;
  bool is_complete_ = false;
  std::optional<Failure> failure_;
};

}  // namespace

Result<std::unique_ptr<const Protocol>> AnthropicProtocol::make(const ModelSettings& settings,
                                                                const aws::Environment& environment) {
  std::unique_ptr<AnthropicProtocol> protocol(new AnthropicProtocol);
  protocol->settings_ = settings;
  protocol->environment_ = environment;
  const bool is_default = settings.url.empty();
  BOOST_OUTCOME_TRY(const auto url, http::parse_url(is_default ? std::string{kDefaultUrl} : settings.url));
  std::string path = url.path;
  while (path.ends_with('/')) path.pop_back();
  protocol->url_ = url.origin() + path + (path.ends_with("/v1") ? "" : "/v1") + "/messages" +
                   (url.query.empty() ? "" : "?" + url.query);
  protocol->service_ = "Anthropic at " + url.authority;
  BOOST_OUTCOME_TRY(protocol->key_, KeyReference::parse(settings.api_key.empty() ? std::string{kDefaultKey}
                                                                                 : settings.api_key));
  return std::unique_ptr<const Protocol>(std::move(protocol));
}

std::string AnthropicProtocol::body(const Conversation& conversation, const Dialect& dialect) const {
  json::object body{{"model", settings_.model},
                    {"max_tokens", settings_.max_tokens},
                    {"messages", messages_of(conversation)}};
  if (!is_blank(conversation.instructions))
    body["system"] = json::array{text_block(conversation.instructions)};
  if (json::array tools = tools_of(conversation); !tools.empty()) body["tools"] = std::move(tools);
  if (settings_.temperature) body["temperature"] = *settings_.temperature;
  if (settings_.stream) body["stream"] = true;
  if (dialect.caches) mark_for_cache(body);
  if (const auto* const extra = settings_.extra.if_object()) {
    for (const auto& [name, value] : *extra) body[name] = value;
  }
  return core::write_json(body);
}

Result<http::Request> AnthropicProtocol::request(std::string body) const {
  BOOST_OUTCOME_TRY(auto key, key_.read(environment_));
  return http::Request{.url = url_,
                       .headers = {{"Content-Type", "application/json"},
                                   {"Accept", settings_.stream ? "text/event-stream" : "application/json"},
                                   {"anthropic-version", std::string{kVersion}},
                                   {"x-api-key", std::move(key)}},
                       .body = std::move(body)};
}

std::unique_ptr<StreamReader> AnthropicProtocol::stream_reader(const OnText& on_text) const {
  return std::make_unique<AnthropicStream>(service_, on_text);
}

Attempt AnthropicProtocol::read(std::string_view body) const {
  auto parsed = core::parse_json(body);
  const auto* const message = parsed ? parsed.value().if_object() : nullptr;
  if (message == nullptr) return boost::outcome_v2::failure(garbled(service_, "it is no JSON object"));
  return turn_of(*message, service_);
}

ServiceError AnthropicProtocol::error_of(const http::Response& response) const {
  auto parsed = core::parse_json(response.body);
  ServiceError error;
  if (const auto* const answer = parsed ? parsed.value().if_object() : nullptr) error = error_in(*answer);
  error.status = response.status;
  return error;
}

void AnthropicProtocol::concede(const ServiceError& error, Dialect& dialect) const {
  if (error.status == 400 && error.message.find("cache_control") != std::string::npos) dialect.caches = false;
}

}  // namespace ebagent::models
