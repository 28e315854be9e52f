#include "models/bedrock_messages.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "core/json.hpp"
#include "models/json_members.hpp"
#include "models/transcript.hpp"

namespace ebagent::models {
namespace {

namespace json = boost::json;

constexpr std::string_view kProvider = "bedrock";
constexpr std::string_view kDraft = "DRAFT";

struct EndName {
  std::string_view reason;
  TurnEnd end;
};
constexpr std::array kEnds{
    EndName{"end_turn", TurnEnd::Answer},
    EndName{"stop_sequence", TurnEnd::Answer},
    EndName{"tool_use", TurnEnd::ToolCalls},
    EndName{"max_tokens", TurnEnd::MaxTokens},
    EndName{"guardrail_intervened", TurnEnd::Guardrail},
    EndName{"content_filtered", TurnEnd::Refusal},
    EndName{"model_context_window_exceeded", TurnEnd::ContextFull},
};

json::object text_block(std::string_view text) {
  return {{"text", text}};
}

json::object cache_point() {
  return {{"cachePoint", {{"type", "default"}}}};
}

// ---- The request

json::object call_block(const PastCall& call) {
  return {{"toolUse", {{"toolUseId", call.id}, {"name", call.name}, {"input", *call.input}}}};
}

json::array assistant_blocks(const PastTurn& turn) {
  json::array blocks;
  if (turn.content == nullptr) {
    if (!turn.text.empty()) blocks.push_back(text_block(turn.text));
    for (const PastCall& call : turn.calls) blocks.push_back(call_block(call));
    return blocks;
  }
  // Word for word but for the calls, whose ids and inputs are those that the results answer.
  std::size_t next_call = 0;
  for (const json::value& block : *turn.content) {
    const bool is_call = block.is_object() && block.get_object().contains("toolUse");
    if (!is_call) {
      blocks.push_back(block);
    } else if (next_call < turn.calls.size()) {
      blocks.push_back(call_block(turn.calls[next_call++]));
    }
  }
  return blocks;
}

json::array user_blocks(const PastTurn& turn) {
  json::array blocks;
  for (const PastCall& call : turn.calls) {
    blocks.push_back(json::object{{"toolResult",
                                   {{"toolUseId", call.id},
                                    {"content", json::array{text_block(call.result)}},
                                    {"status", call.is_error ? "error" : "success"}}}});
  }
  if (!turn.feedback.empty()) blocks.push_back(text_block(turn.feedback));
  return blocks;
}

// A guardrail looks for attacks only in what is marked as content to be guarded.
json::object data_block(const std::string& data, bool is_guarded) {
  if (!is_guarded) return text_block(data);
  return {{"guardContent", {{"text", {{"text", data}}}}}};
}

json::array messages_of(const Conversation& conversation, bool is_guarded) {
  json::array messages;
  const Opening opening = opening_of(conversation);
  json::array first;
  if (!opening.task.empty()) first.push_back(text_block(opening.task));
  if (!opening.data.empty()) first.push_back(data_block(opening.data, is_guarded));
  append(messages, "user", std::move(first));
  for (const PastTurn& turn : past_turns(conversation, kProvider)) {
    append(messages, "assistant", assistant_blocks(turn));
    append(messages, "user", user_blocks(turn));
  }
  if (messages.back().as_object().at("role").as_string() == "assistant") {
    append(messages, "user", json::array{text_block("Go on.")});
  }
  return messages;
}

json::array tools_of(const Conversation& conversation) {
  json::array tools;
  for (const ToolView& tool : declared_tools(conversation)) {
    json::object spec{{"name", tool.name}, {"inputSchema", {{"json", tool.input_schema}}}};
    if (!is_blank(tool.description)) spec["description"] = tool.description;
    tools.push_back(json::object{{"toolSpec", std::move(spec)}});
  }
  return tools;
}

// ---- The answer

Usage usage_of(const json::object& answer) {
  const auto* const usage = object_member(answer, "usage");
  if (usage == nullptr) return {};
  const auto count = [&](std::string_view name) { return core::integer_member(*usage, name).value_or(0); };
  return {.input = count("inputTokens"),
          .output = count("outputTokens"),
          .cache_read = count("cacheReadInputTokens"),
          .cache_write = count("cacheWriteInputTokens")};
}

void take_call(Turn& turn, const json::object& call) {
  const auto* const input = call.if_contains("input");
  json::value arguments = input == nullptr ? json::value(json::object{}) : *input;
  if (arguments.is_string()) arguments = arguments_of(arguments.get_string());  // of a stream
  add_call(turn, core::text_member(call, "toolUseId"), core::text_member(call, "name"), std::move(arguments));
}

// Reasoning without a signature is not taken back.
bool is_signed_reasoning(const json::object& reasoning) {
  if (reasoning.contains("redactedContent")) return true;
  const auto* const text = object_member(reasoning, "reasoningText");
  return text != nullptr && !core::text_member(*text, "signature").empty();
}

void take_block(Turn& turn, const json::object& block, json::array& kept, bool& has_reasoning) {
  if (const auto* const text = block.if_contains("text"); text != nullptr && text->is_string()) {
    turn.text.append(text->get_string().data(), text->get_string().size());
    if (!is_blank(text->get_string())) kept.push_back(block);
  } else if (const auto* const call = object_member(block, "toolUse")) {
    take_call(turn, *call);
    kept.push_back(block);
  } else if (const auto* const reasoning = object_member(block, "reasoningContent")) {
    if (!is_signed_reasoning(*reasoning)) return;
    has_reasoning = true;
    kept.push_back(block);
  }
}

Attempt turn_of(const json::object& answer, const json::array& content, std::string_view service) {
  const std::string reason = core::text_member(answer, "stopReason");
  if (reason.starts_with("malformed_")) {
    return boost::outcome_v2::failure(garbled(service, "the model's output is broken (" + reason + ")"));
  }
  const auto* const known =
      std::find_if(kEnds.begin(), kEnds.end(), [&](const EndName& name) { return name.reason == reason; });
  Turn turn{.end = known == kEnds.end() ? TurnEnd::Answer : known->end, .usage = usage_of(answer)};
  json::array kept;
  bool has_reasoning = false;
  for (const json::value& block : content) {
    const auto* const object = block.if_object();
    if (object == nullptr) return boost::outcome_v2::failure(garbled(service, "a block is no object"));
    take_block(turn, *object, kept, has_reasoning);
  }
  settle(turn);
  if (has_reasoning) keep_content(turn, kProvider, std::move(kept));
  return turn;
}

void lengthen(json::object& object, std::string_view name, const std::string& text) {
  json::value& value = object[name];
  if (!value.is_string()) value = json::string{};
  value.get_string().append(text);
}

json::object& member_object(json::object& object, std::string_view name) {
  json::value& value = object[name];
  if (!value.is_object()) value = json::object{};
  return value.get_object();
}

// A stream gives the pieces of reasoning beside each other, an answer has text and signature in one.
void lengthen_reasoning(json::object& block, const json::object& delta) {
  json::object& reasoning = member_object(block, "reasoningContent");
  if (delta.contains("redactedContent")) {
    lengthen(reasoning, "redactedContent", core::text_member(delta, "redactedContent"));
    return;
  }
  json::object& text = member_object(reasoning, "reasoningText");
  lengthen(text, "text", core::text_member(delta, "text"));
  if (delta.contains("signature")) lengthen(text, "signature", core::text_member(delta, "signature"));
}

}  // namespace

json::object bedrock_request(const Conversation& conversation, const ModelSettings& settings, bool caches) {
  const bool is_guarded = !settings.guardrail_id.empty();
  json::array messages = messages_of(conversation, is_guarded);
  // One point after what stays the same (tools come before it in the cache), one after all that was said so far.
  if (caches) messages.back().as_object().at("content").as_array().push_back(cache_point());
  json::object request{{"messages", std::move(messages)}};
  json::object inference{{"maxTokens", settings.max_tokens}};
  if (settings.temperature) inference["temperature"] = *settings.temperature;
  request["inferenceConfig"] = std::move(inference);
  if (!is_blank(conversation.instructions)) {
    json::array system{text_block(conversation.instructions)};
    if (caches) system.push_back(cache_point());
    request["system"] = std::move(system);
  }
  if (json::array tools = tools_of(conversation); !tools.empty()) {
    request["toolConfig"] = json::object{{"tools", std::move(tools)}};
  }
  if (is_guarded) {
    const std::string version =
        settings.guardrail_version.empty() ? std::string{kDraft} : settings.guardrail_version;
    request["guardrailConfig"] =
        json::object{{"guardrailIdentifier", settings.guardrail_id}, {"guardrailVersion", version}};
  }
  if (settings.extra.is_object()) request["additionalModelRequestFields"] = settings.extra;
  return request;
}

Attempt bedrock_turn(std::string_view body, std::string_view service) {
  auto parsed = core::parse_json(body);
  const auto* const answer = parsed ? parsed.value().if_object() : nullptr;
  if (answer == nullptr) return boost::outcome_v2::failure(garbled(service, "it is no JSON object"));
  const auto* const output = object_member(*answer, "output");
  const auto* const message = output == nullptr ? nullptr : object_member(*output, "message");
  const auto* const content = message == nullptr ? nullptr : array_member(*message, "content");
  if (content == nullptr) return boost::outcome_v2::failure(garbled(service, "it has no message"));
  return turn_of(*answer, *content, service);
}

bool BedrockStream::end_with(Failure failure) {
  failure_ = std::move(failure);
  return false;
}

bool BedrockStream::feed(std::string_view piece) {
  const auto fed = decoder_.feed(piece, [this](const StreamMessage& message) { return take(message); });
  if (!fed && !failure_) return end_with(garbled(service_, fed.error().message));
  return !failure_;
}

bool BedrockStream::take(const StreamMessage& message) {
  const std::string_view kind = message.header(":message-type");
  auto parsed = core::parse_json(message.payload);
  const auto* const data = parsed ? parsed.value().if_object() : nullptr;
  if (kind == "error") {  // not of the model's making: the headers say all
    return end_with(failure_of(service_, {.type = std::string{message.header(":error-code")},
                                          .message = std::string{message.header(":error-message")}}));
  }
  if (kind == "exception") {
    return end_with(
        failure_of(service_, {.type = std::string{message.header(":exception-type")},
                              .message = data == nullptr ? "" : core::text_member(*data, "message")}));
  }
  if (data == nullptr) return end_with(garbled(service_, "an event of its stream is no JSON object"));
  const std::string_view type = message.header(":event-type");
  if (type == "contentBlockStart") return begin_block(*data);
  if (type == "contentBlockDelta") return continue_block(*data);
  if (type == "contentBlockStop") open_index_.reset();
  if (type == "messageStop") answer_["stopReason"] = core::text_member(*data, "stopReason");
  if (type == "metadata") {
    if (const auto* const usage = object_member(*data, "usage")) answer_["usage"] = *usage;
  }
  return true;  // the message's begin, and what may be added some day
}

// Only calls have an event of their own for the begin; the other blocks begin with their first piece.
json::object& BedrockStream::open_block(const json::object& event) {
  const auto index = core::integer_member(event, "contentBlockIndex").value_or(0);
  if (open_index_ != index || blocks_.empty()) blocks_.emplace_back();
  open_index_ = index;
  return blocks_.back();
}

bool BedrockStream::begin_block(const json::object& event) {
  const auto* const start = object_member(event, "start");
  if (start == nullptr) return end_with(garbled(service_, "a block comes out of place"));
  open_index_.reset();
  json::object& block = open_block(event);
  block = *start;
  if (block.contains("toolUse")) member_object(block, "toolUse")["input"] = json::string{};
  return true;
}

bool BedrockStream::continue_block(const json::object& event) {
  const auto* const delta = object_member(event, "delta");
  if (delta == nullptr) return end_with(garbled(service_, "a piece of a block comes out of place"));
  json::object& block = open_block(event);
  if (delta->contains("text")) {
    const std::string text = core::text_member(*delta, "text");
    lengthen(block, "text", text);
    if (on_text_ && !text.empty()) on_text_(text);
  } else if (const auto* const call = object_member(*delta, "toolUse")) {
    lengthen(member_object(block, "toolUse"), "input", core::text_member(*call, "input"));
  } else if (const auto* const reasoning = object_member(*delta, "reasoningContent")) {
    lengthen_reasoning(block, *reasoning);
  }
  return true;
}

Attempt BedrockStream::finish() {
  if (failure_) return boost::outcome_v2::failure(*std::move(failure_));
  if (!answer_.contains("stopReason") || !decoder_.is_at_boundary()) {
    return boost::outcome_v2::failure(broken_off(service_));
  }
  json::array content;
  for (json::object& block : blocks_) content.push_back(std::move(block));
  return turn_of(answer_, content, service_);
}

}  // namespace ebagent::models
