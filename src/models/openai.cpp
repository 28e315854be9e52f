#include "models/openai.hpp"

#include <array>
#include <utility>

#include "core/json.hpp"
#include "http/url.hpp"
#include "models/json_members.hpp"
#include "models/openai_answer.hpp"
#include "models/transcript.hpp"

namespace ebagent::models {
namespace {

namespace json = boost::json;

constexpr std::string_view kDefaultUrl = "https://api.openai.com";
constexpr const char* kKeyVariable = "OPENAI_API_KEY";

json::object message(std::string_view role, std::string_view text) {
  return {{"role", role}, {"content", text}};
}

json::object assistant_message(const PastTurn& turn) {
  json::object said{{"role", "assistant"}, {"content", nullptr}};
  if (!turn.text.empty()) said["content"] = turn.text;
  if (turn.calls.empty()) return said;
  json::array calls;
  for (std::size_t i = 0; i < turn.calls.size(); ++i) {
    const PastCall& call = turn.calls[i];
    json::object sent{{"id", call.id},
                      {"type", "function"},
                      {"function", {{"name", call.name}, {"arguments", core::write_json(*call.input)}}}};
    // What a server put beside a call (signatures of thoughts) goes back to it.
    if (turn.content != nullptr && i < turn.content->size() && turn.content->at(i).is_object()) {
      sent["extra_content"] = turn.content->at(i);
    }
    calls.push_back(std::move(sent));
  }
  said["tool_calls"] = std::move(calls);
  return said;
}

json::array messages_of(const Conversation& conversation) {
  json::array messages;
  if (!is_blank(conversation.instructions)) messages.push_back(message("system", conversation.instructions));
  const Opening opening = opening_of(conversation);
  const bool has_both = !opening.task.empty() && !opening.data.empty();
  messages.push_back(message("user", opening.task + (has_both ? "\n\n" : "") + opening.data));
  for (const PastTurn& turn : past_turns(conversation, kOpenAi)) {
    if (!turn.text.empty() || !turn.calls.empty()) messages.push_back(assistant_message(turn));
    for (const PastCall& call : turn.calls) {
      messages.push_back(json::object{{"role", "tool"},
                                      {"tool_call_id", call.id},
                                      {"content", (call.is_error ? "Error: " : "") + call.result}});
    }
    if (!turn.feedback.empty()) messages.push_back(message("user", turn.feedback));
  }
  if (messages.back().as_object().at("role").as_string() == "assistant") {
    messages.push_back(message("user", "Go on."));
  }
  return messages;
}

json::array tools_of(const Conversation& conversation) {
  json::array tools;
  for (const ToolView& tool : declared_tools(conversation)) {
    json::object function{{"name", tool.name}, {"parameters", tool.input_schema}};
    if (!is_blank(tool.description)) function["description"] = tool.description;
    tools.push_back(json::object{{"type", "function"}, {"function", std::move(function)}});
  }
  return tools;
}

bool is_openai_host(std::string_view host) {
  return host == "api.openai.com" || host.ends_with(".openai.azure.com");
}

bool has(const std::string& text, std::string_view word) {
  return text.find(word) != std::string::npos;
}

}  // namespace

Result<std::unique_ptr<const Protocol>> OpenAiProtocol::make(const ModelSettings& settings,
                                                             const aws::Environment& environment) {
  std::unique_ptr<OpenAiProtocol> protocol(new OpenAiProtocol);
  protocol->settings_ = settings;
  protocol->environment_ = environment;
  const bool is_default = settings.url.empty();
  BOOST_OUTCOME_TRY(const auto url, http::parse_url(is_default ? std::string{kDefaultUrl} : settings.url));
  std::string path = url.path;
  while (path.ends_with('/')) path.pop_back();
  protocol->url_ = url.origin() + (path.empty() ? "/v1" : path) + "/chat/completions" +
                   (url.query.empty() ? "" : "?" + url.query);
  protocol->is_openai_ = is_openai_host(url.host);
  // Servers of one's own mostly want none.
  protocol->needs_key_ = is_default || !settings.api_key.empty();
  protocol->service_ = "The model server at " + url.authority;
  if (protocol->is_openai_) protocol->service_ = "OpenAI at " + url.authority;
  BOOST_OUTCOME_TRY(
      protocol->key_,
      KeyReference::parse(settings.api_key.empty() ? std::string{"env:"} + kKeyVariable : settings.api_key));
  return std::unique_ptr<const Protocol>(std::move(protocol));
}

std::string OpenAiProtocol::body(const Conversation& conversation, const Dialect& dialect) const {
  const bool has_new_limit = is_openai_ == dialect.has_usual_limit;
  json::object body{{"model", settings_.model},
                    {has_new_limit ? "max_completion_tokens" : "max_tokens", settings_.max_tokens},
                    {"messages", messages_of(conversation)}};
  if (json::array tools = tools_of(conversation); !tools.empty()) body["tools"] = std::move(tools);
  if (settings_.temperature) body["temperature"] = *settings_.temperature;
  if (settings_.stream) {
    body["stream"] = true;
    if (dialect.counts_in_stream) body["stream_options"] = json::object{{"include_usage", true}};
  }
  if (const auto* const extra = settings_.extra.if_object()) {
    for (const auto& [name, value] : *extra) body[name] = value;
  }
  return core::write_json(body);
}

Result<http::Request> OpenAiProtocol::request(std::string body) const {
  http::Request request{.url = url_,
                        .headers = {{"Content-Type", "application/json"},
                                    {"Accept", settings_.stream ? "text/event-stream" : "application/json"}},
                        .body = std::move(body)};
  if (!needs_key_ && environment_(kKeyVariable).empty()) return request;
  BOOST_OUTCOME_TRY(auto key, key_.read(environment_));
  request.headers.emplace_back("Authorization", "Bearer " + key);
  return request;
}

std::unique_ptr<StreamReader> OpenAiProtocol::stream_reader(const OnText& on_text) const {
  return std::make_unique<OpenAiStream>(service_, on_text);
}

Attempt OpenAiProtocol::read(std::string_view body) const {
  return openai_turn(body, service_);
}

ServiceError OpenAiProtocol::error_of(const http::Response& response) const {
  auto parsed = core::parse_json(response.body);
  ServiceError error;
  if (const auto* const answer = parsed ? parsed.value().if_object() : nullptr) error = openai_error(*answer);
  error.status = response.status;
  return error;
}

void OpenAiProtocol::concede(const ServiceError& error, Dialect& dialect) const {
  if (error.status != 400 && error.status != 422) return;
  const std::string& text = error.message;
  if (has(text, "stream_options")) dialect.counts_in_stream = false;
  constexpr std::array<std::string_view, 6> kUnknown{"not supported", "nsupported",   "nrecognized",
                                                     "not permitted", "extra_forbid", "nknown"};
  for (const std::string_view word : kUnknown) {
    const bool is_about_limit = has(text, "max_tokens") || has(text, "max_completion_tokens");
    if (is_about_limit && has(text, word)) dialect.has_usual_limit = false;
  }
}

}  // namespace ebagent::models
