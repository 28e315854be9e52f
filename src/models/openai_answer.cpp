#include "models/openai_answer.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include "core/json.hpp"
#include "models/json_members.hpp"
#include "models/transcript.hpp"

namespace ebagent::models {
namespace {

namespace json = boost::json;

constexpr std::string_view kLastEvent = "[DONE]";
// More calls in one turn are no model's.
constexpr std::size_t kMaxCalls = 1'024;

struct EndName {
  std::string_view reason;
  TurnEnd end;
};
// Servers have more reasons of their own, all of which mean that the model came to its end.
constexpr std::array kEnds{
    EndName{"length", TurnEnd::MaxTokens},
    EndName{"content_filter", TurnEnd::Refusal},
    EndName{"tool_calls", TurnEnd::ToolCalls},
    EndName{"function_call", TurnEnd::ToolCalls},
};

TurnEnd end_of(std::string_view reason, const std::string& refusal) {
  if (!refusal.empty()) return TurnEnd::Refusal;
  const auto* const known =
      std::find_if(kEnds.begin(), kEnds.end(), [&](const EndName& name) { return name.reason == reason; });
  return known == kEnds.end() ? TurnEnd::Answer : known->end;
}

// Prompt tokens count those that were read from the cache.
std::optional<Usage> usage_of(const json::object& answer) {
  const auto* const usage = object_member(answer, "usage");
  if (usage == nullptr) return std::nullopt;
  const auto* const details = object_member(*usage, "prompt_tokens_details");
  const std::int64_t cached =
      details == nullptr ? 0 : core::integer_member(*details, "cached_tokens").value_or(0);
  const std::int64_t prompt = core::integer_member(*usage, "prompt_tokens").value_or(0);
  return Usage{.input = std::max<std::int64_t>(0, prompt - cached),
               .output = core::integer_member(*usage, "completion_tokens").value_or(0),
               .cache_read = cached};
}

// Text, or a list of parts of which some are text.
std::string content_text(const json::object& message) {
  const auto* const parts = array_member(message, "content");
  if (parts == nullptr) return core::text_member(message, "content");
  std::string text;
  for (const json::value& part : *parts) {
    if (const auto* const object = part.if_object()) text += core::text_member(*object, "text");
  }
  return text;
}

json::value arguments_in(const json::object& function) {
  const auto* const arguments = function.if_contains("arguments");
  if (arguments == nullptr || arguments->is_null()) return json::object{};
  if (const auto* const text = arguments->if_string()) return arguments_of(*text);
  return *arguments;
}

void keep_extras(Turn& turn, json::array extras) {
  const bool has_any =
      std::any_of(extras.begin(), extras.end(), [](const json::value& e) { return e.is_object(); });
  if (has_any) keep_content(turn, kOpenAi, std::move(extras));
}

json::value extra_of(const json::object& call) {
  const auto* const extra = call.if_contains("extra_content");
  return extra == nullptr ? json::value(nullptr) : *extra;
}

// A number of HTTP's that a body repeats, as servers do in streams.
int status_in(const json::object& error) {
  const auto code = core::integer_member(error, "code");
  return code && *code >= 400 && *code < 600 ? static_cast<int>(*code) : 0;
}

}  // namespace

ServiceError openai_error(const json::object& answer) {
  ServiceError error;
  const auto* const nested = object_member(answer, "error");
  const json::object& words = nested == nullptr ? answer : *nested;
  error.status = status_in(words);
  error.type = core::text_member(words, "type");
  error.code = core::text_member(words, "code");
  error.message = core::text_member(words, "message");
  if (error.message.empty()) error.message = core::text_member(answer, "error");
  if (const auto* const detail = answer.if_contains("detail"); error.message.empty() && detail != nullptr) {
    error.message = detail->is_string() ? std::string{detail->get_string()} : core::write_json(*detail);
  }
  return error;
}

Attempt openai_turn(std::string_view body, std::string_view service) {
  auto parsed = core::parse_json(body);
  const auto* const answer = parsed ? parsed.value().if_object() : nullptr;
  if (answer == nullptr) return boost::outcome_v2::failure(garbled(service, "it is no JSON object"));
  if (answer->contains("error"))
    return boost::outcome_v2::failure(failure_of(service, openai_error(*answer)));
  const auto* const choices = array_member(*answer, "choices");
  const auto* const choice = choices == nullptr || choices->empty() ? nullptr : choices->front().if_object();
  const auto* const message = choice == nullptr ? nullptr : object_member(*choice, "message");
  if (message == nullptr) return boost::outcome_v2::failure(garbled(service, "it has no message"));
  const std::string refusal = core::text_member(*message, "refusal");
  Turn turn{.text = content_text(*message) + refusal,
            .end = end_of(core::text_member(*choice, "finish_reason"), refusal),
            .usage = usage_of(*answer).value_or(Usage{}),
            .model = core::text_member(*answer, "model")};
  json::array extras;
  const auto* const calls = array_member(*message, "tool_calls");
  for (std::size_t i = 0; calls != nullptr && i < calls->size(); ++i) {
    const auto* const call = calls->at(i).if_object();
    const auto* const function = call == nullptr ? nullptr : object_member(*call, "function");
    if (function == nullptr) return boost::outcome_v2::failure(garbled(service, "a call has no function"));
    add_call(turn, core::text_member(*call, "id"), core::text_member(*function, "name"),
             arguments_in(*function));
    extras.push_back(extra_of(*call));
  }
  settle(turn);
  keep_extras(turn, std::move(extras));
  return turn;
}

bool OpenAiStream::end_with(Failure failure) {
  failure_ = std::move(failure);
  return false;
}

bool OpenAiStream::feed(std::string_view piece) {
  auto events = sse_.feed(piece);
  if (!events) return end_with(garbled(service_, events.error().message));
  for (const ServerSentEvent& event : events.value()) {
    if (event.data == kLastEvent) {
      is_done_ = true;
      continue;
    }
    auto parsed = core::parse_json(event.data);
    const auto* const chunk = parsed ? parsed.value().if_object() : nullptr;
    if (chunk == nullptr) return end_with(garbled(service_, "an event of its stream is no JSON object"));
    if (!take(*chunk)) return false;
  }
  return true;
}

bool OpenAiStream::take(const json::object& chunk) {
  if (chunk.contains("error")) return end_with(failure_of(service_, openai_error(chunk)));
  if (turn_.model.empty()) turn_.model = core::text_member(chunk, "model");
  if (const auto usage = usage_of(chunk)) turn_.usage = *usage;
  const auto* const choices = array_member(chunk, "choices");
  if (choices == nullptr || choices->empty()) return true;  // the last chunk counts tokens only
  const auto* const choice = choices->front().if_object();
  if (choice == nullptr) return end_with(garbled(service_, "a choice is no object"));
  if (const auto* const delta = object_member(*choice, "delta")) take_delta(*delta);
  if (calls_.size() > kMaxCalls) return end_with(garbled(service_, "it has more calls than a turn can"));
  if (std::string reason = core::text_member(*choice, "finish_reason"); !reason.empty()) {
    finish_reason_ = std::move(reason);
  }
  return true;
}

void OpenAiStream::take_delta(const json::object& delta) {
  const std::string text = content_text(delta);
  turn_.text += text;
  if (on_text_ && !text.empty()) on_text_(text);
  refusal_ += core::text_member(delta, "refusal");
  const auto* const calls = array_member(delta, "tool_calls");
  for (std::size_t i = 0; calls != nullptr && i < calls->size(); ++i) {
    if (const auto* const call = calls->at(i).if_object()) take_call(*call);
  }
}

// The call that a piece belongs to: that of its index or, at servers that give none, a new one where a name begins.
OpenAiStream::Call& OpenAiStream::call_at(const json::object& piece) {
  const auto index = core::integer_member(piece, "index");
  if (!index) {
    const auto* const function = object_member(piece, "function");
    const bool begins = function != nullptr && !core::text_member(*function, "name").empty();
    if (begins || calls_.empty()) calls_.emplace_back();
    return calls_.back();
  }
  const std::size_t at = *index < 0 || std::size_t(*index) > kMaxCalls ? kMaxCalls : std::size_t(*index);
  if (at >= calls_.size()) calls_.resize(at + 1);
  return calls_[at];
}

void OpenAiStream::take_call(const json::object& piece) {
  Call& call = call_at(piece);
  if (std::string id = core::text_member(piece, "id"); !id.empty()) call.id = std::move(id);
  if (json::value extra = extra_of(piece); !extra.is_null()) call.extra = std::move(extra);
  const auto* const function = object_member(piece, "function");
  if (function == nullptr) return;
  // Some servers repeat the name in every piece.
  if (std::string name = core::text_member(*function, "name"); !name.empty()) call.name = std::move(name);
  const auto* const arguments = function->if_contains("arguments");
  if (arguments == nullptr || arguments->is_null()) return;
  call.arguments +=
      arguments->is_string() ? std::string{arguments->get_string()} : core::write_json(*arguments);
}

Attempt OpenAiStream::finish() {
  if (failure_) return boost::outcome_v2::failure(*std::move(failure_));
  if (finish_reason_.empty() && !is_done_) return boost::outcome_v2::failure(broken_off(service_));
  turn_.end = end_of(finish_reason_, refusal_);
  turn_.text += refusal_;
  json::array extras;
  for (Call& call : calls_) {
    add_call(turn_, std::move(call.id), std::move(call.name), arguments_of(call.arguments));
    extras.push_back(std::move(call.extra));
  }
  settle(turn_);
  keep_extras(turn_, std::move(extras));
  return std::move(turn_);
}

}  // namespace ebagent::models
