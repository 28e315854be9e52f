#include "models/transcript.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <set>
#include <utility>

#include "core/json.hpp"
#include "models/json_members.hpp"

namespace ebagent::models {
namespace {

namespace json = boost::json;

// What services take at most for a tool's name and a call's id.
constexpr std::size_t kMaxName = 64;
constexpr std::string_view kTrimmedResult = "[This result was left out to save room.]";
constexpr std::string_view kNoResult = "There is no result of this call.";

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

// A model may have made a name up that its service does not take back.
std::string wire_name(std::string_view name) {
  std::string result{name.substr(0, kMaxName)};
  std::replace_if(
      result.begin(), result.end(), [](char c) { return !is_word(c); }, '_');
  return result.empty() ? "unnamed" : result;
}

bool is_wire_id(std::string_view id) {
  return !id.empty() && id.size() <= kMaxName &&
         std::all_of(id.begin(), id.end(), [](char c) { return is_word(c) || c == '.' || c == ':'; });
}

// The same for the same call of the same run, and of the form that the strictest service (Mistral's) wants.
std::string made_up_id(std::size_t exchange, std::size_t call) {
  std::array<char, 16> text{};
  const int size = std::snprintf(text.data(), text.size(), "c%05zu%03zu", exchange % 100'000, call % 1'000);
  return {text.data(), static_cast<std::size_t>(size)};
}

std::string result_text(const Exchange& exchange, std::size_t index) {
  if (exchange.is_trimmed) return std::string{kTrimmedResult};
  if (index >= exchange.outcomes.size()) return std::string{kNoResult};
  const Result<json::value>& outcome = exchange.outcomes[index];
  if (!outcome) return outcome.error().message.empty() ? "The call failed." : outcome.error().message;
  const auto* const text = outcome.value().if_string();
  if (text != nullptr && !is_blank(*text)) return std::string{*text};
  return core::write_json(outcome.value());
}

const json::array* own_content(const Turn& turn, std::string_view provider) {
  const auto* const content = turn.content.if_object();
  if (content == nullptr || core::text_member(*content, "provider") != provider) return nullptr;
  return array_member(*content, "blocks");
}

bool is_refused(TurnEnd end) {
  return end == TurnEnd::Refusal || end == TurnEnd::Guardrail || end == TurnEnd::ContextFull;
}

const json::object& no_input() {
  static const json::object kNone;
  return kNone;
}

std::vector<PastCall> past_calls(const Exchange& exchange, std::size_t number) {
  std::vector<PastCall> calls;
  std::set<std::string> ids;
  for (std::size_t i = 0; i < exchange.turn.calls.size(); ++i) {
    const ToolCall& call = exchange.turn.calls[i];
    std::string id = is_wire_id(call.id) && !ids.contains(call.id) ? call.id : made_up_id(number, i);
    ids.insert(id);
    const auto* const input = call.malformed.empty() ? call.input.if_object() : nullptr;
    const bool is_error = !exchange.is_trimmed && (i >= exchange.outcomes.size() || !exchange.outcomes[i]);
    calls.push_back({.id = std::move(id),
                     .name = wire_name(call.tool),
                     .input = input == nullptr ? &no_input() : input,
                     .result = result_text(exchange, i),
                     .is_error = is_error});
  }
  return calls;
}

}  // namespace

void append(json::array& messages, std::string_view role, json::array blocks) {
  if (blocks.empty()) return;
  if (messages.empty() || messages.back().as_object().at("role").as_string() != role) {
    messages.push_back(json::object{{"role", role}, {"content", json::array{}}});
  }
  json::array& content = messages.back().as_object().at("content").as_array();
  for (json::value& block : blocks) content.push_back(std::move(block));
}

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n\f\v") == std::string_view::npos;
}

std::vector<PastTurn> past_turns(const Conversation& conversation, std::string_view provider) {
  std::vector<PastTurn> turns;
  for (std::size_t i = 0; i < conversation.exchanges.size(); ++i) {
    const Exchange& exchange = conversation.exchanges[i];
    turns.push_back({.text = is_blank(exchange.turn.text) ? std::string{} : exchange.turn.text,
                     .calls = past_calls(exchange, i),
                     .content = own_content(exchange.turn, provider),
                     .feedback = is_blank(exchange.feedback) ? std::string{} : exchange.feedback});
  }
  return turns;
}

std::vector<ToolView> declared_tools(const Conversation& conversation) {
  if (!conversation.tools.empty()) return conversation.tools;
  std::vector<ToolView> tools;
  std::set<std::string> names;
  for (const Exchange& exchange : conversation.exchanges) {
    for (const ToolCall& call : exchange.turn.calls) {
      std::string name = wire_name(call.tool);
      if (!names.insert(name).second) continue;
      tools.push_back({.name = std::move(name),
                       .description = "No longer available.",
                       .input_schema = json::object{{"type", "object"}, {"properties", json::object{}}}});
    }
  }
  return tools;
}

Opening opening_of(const Conversation& conversation) {
  Opening opening{.task = is_blank(conversation.task) ? std::string{} : conversation.task,
                  .data = is_blank(conversation.data) ? std::string{} : conversation.data};
  if (opening.task.empty() && opening.data.empty()) opening.data = conversation.input;
  if (is_blank(opening.task) && is_blank(opening.data)) opening = {.task = "Begin.", .data = {}};
  return opening;
}

void keep_content(Turn& turn, std::string_view provider, json::array blocks) {
  if (blocks.empty() || is_refused(turn.end)) return;
  turn.content = json::object{{"provider", provider}, {"blocks", std::move(blocks)}};
}

json::value arguments_of(std::string_view text) {
  if (is_blank(text)) return json::object{};
  auto value = core::parse_json(text);
  if (value && value.value().is_object()) return std::move(value).assume_value();
  return json::string{text};
}

void add_call(Turn& turn, std::string id, std::string name, json::value arguments) {
  ToolCall call{.id = std::move(id), .tool = std::move(name)};
  if (arguments.is_object()) {
    call.input = std::move(arguments);
  } else {
    call.input = json::object{};
    call.malformed =
        arguments.is_string() ? std::string{arguments.get_string()} : core::write_json(arguments);
    if (call.malformed.empty()) call.malformed = "\"\"";
  }
  turn.calls.push_back(std::move(call));
}

std::size_t settle(Turn& turn) {
  const std::size_t before = turn.calls.size();
  switch (turn.end) {
    case TurnEnd::Refusal:
    case TurnEnd::Guardrail:
    case TurnEnd::ContextFull:
      turn.calls.clear();
      break;
    case TurnEnd::MaxTokens:
      if (!turn.calls.empty() &&
          (!turn.calls.back().malformed.empty() || turn.calls.back().input.as_object().empty())) {
        turn.calls.pop_back();
      }
      break;
    case TurnEnd::Answer:
    case TurnEnd::ToolCalls:
    case TurnEnd::Paused:
      if (!turn.calls.empty()) turn.end = TurnEnd::ToolCalls;
      if (turn.calls.empty() && turn.end == TurnEnd::ToolCalls) turn.end = TurnEnd::Answer;
      break;
  }
  return before - turn.calls.size();
}

}  // namespace ebagent::models
