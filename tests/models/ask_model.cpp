#include <algorithm>
#include <atomic>
#include <boost/json.hpp>
#include <chrono>
#include <cstdint>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "aws/credential_source.hpp"
#include "aws/environment.hpp"
#include "core/ids.hpp"
#include "core/json.hpp"
#include "ebagent/clock.hpp"
#include "ebagent/event.hpp"
#include "ebagent/model.hpp"
#include "http/curl_client.hpp"
#include "models/models.hpp"

// Asks a model for one turn as a test says on standard input, with the real HTTP client and the real clock, and prints what
// came of it. tests/e2e/test_models.py uses it against a stub of the services.
//   {"settings": {...}, "conversation": {...}, "deadline_ms": N, "cancel_after_ms": N, "threads": N}
namespace ebagent {
namespace {

namespace json = boost::json;

std::string text(const json::object& object, std::string_view name) {
  return core::text_member(object, name);
}

ModelSettings settings_from(const json::object& object) {
  ModelSettings settings{.provider = text(object, "provider"),
                         .model = text(object, "model"),
                         .url = text(object, "url"),
                         .region = text(object, "region"),
                         .api_key = text(object, "api_key"),
                         .guardrail_id = text(object, "guardrail_id"),
                         .guardrail_version = text(object, "guardrail_version")};
  if (const auto tokens = core::integer_member(object, "max_tokens"))
    settings.max_tokens = static_cast<int>(*tokens);
  if (const auto tries = core::integer_member(object, "attempts"))
    settings.attempts = static_cast<int>(*tries);
  if (const auto limit = core::integer_member(object, "timeout"))
    settings.timeout = std::chrono::seconds{*limit};
  if (const auto* warmth = object.if_contains("temperature"))
    settings.temperature = warmth->to_number<double>();
  if (const auto* streams = object.if_contains("stream")) settings.stream = streams->as_bool();
  if (const auto* caches = object.if_contains("cache_prompt")) settings.cache_prompt = caches->as_bool();
  if (const auto* extra = object.if_contains("extra")) settings.extra = *extra;
  return settings;
}

Turn turn_from(const json::object& object) {
  Turn turn{.text = text(object, "text")};
  if (const auto* content = object.if_contains("content")) turn.content = *content;
  if (const auto* calls = object.if_contains("calls")) {
    for (const json::value& value : calls->as_array()) {
      const json::object& call = value.as_object();
      turn.calls.push_back({.id = text(call, "id"),
                            .tool = text(call, "tool"),
                            .input = call.contains("input") ? call.at("input") : json::object{},
                            .malformed = text(call, "malformed")});
    }
  }
  return turn;
}

Exchange exchange_from(const json::object& object) {
  Exchange exchange{.turn = turn_from(object.at("turn").as_object()), .feedback = text(object, "feedback")};
  if (const auto* outcomes = object.if_contains("outcomes")) {
    for (const json::value& value : outcomes->as_array()) {
      const json::object& outcome = value.as_object();
      if (outcome.contains("value")) {
        exchange.outcomes.emplace_back(outcome.at("value"));
      } else {
        exchange.outcomes.emplace_back(fail(ErrorCode::NotFound, text(outcome, "error")));
      }
    }
  }
  if (const auto* trimmed = object.if_contains("is_trimmed")) exchange.is_trimmed = trimmed->as_bool();
  return exchange;
}

void fill(Conversation& conversation, const json::object& object) {
  conversation.instructions = text(object, "instructions");
  conversation.task = text(object, "task");
  conversation.data = text(object, "data");
  if (const auto* tools = object.if_contains("tools")) {
    for (const json::value& value : tools->as_array()) {
      const json::object& tool = value.as_object();
      conversation.tools.push_back({.name = text(tool, "name"),
                                    .description = text(tool, "description"),
                                    .input_schema = tool.at("input_schema")});
    }
  }
  if (const auto* exchanges = object.if_contains("exchanges")) {
    for (const json::value& value : exchanges->as_array()) {
      conversation.exchanges.push_back(exchange_from(value.as_object()));
    }
  }
}

std::string_view end_name(TurnEnd end) {
  switch (end) {
    case TurnEnd::Answer:
      return "answer";
    case TurnEnd::ToolCalls:
      return "tool_calls";
    case TurnEnd::MaxTokens:
      return "max_tokens";
    case TurnEnd::ContextFull:
      return "context_full";
    case TurnEnd::Refusal:
      return "refusal";
    case TurnEnd::Guardrail:
      return "guardrail";
    case TurnEnd::Paused:
      return "paused";
  }
  return "unknown";
}

json::object to_json(const Turn& turn) {
  json::array calls;
  for (const ToolCall& call : turn.calls) {
    calls.push_back(json::object{
        {"id", call.id}, {"tool", call.tool}, {"input", call.input}, {"malformed", call.malformed}});
  }
  return {{"text", turn.text},
          {"calls", std::move(calls)},
          {"end", end_name(turn.end)},
          {"model", turn.model},
          {"content", turn.content},
          {"usage",
           {{"input", turn.usage.input},
            {"output", turn.usage.output},
            {"cache_read", turn.usage.cache_read},
            {"cache_write", turn.usage.cache_write}}}};
}

std::int64_t resident_kilobytes() {
  std::ifstream statm{"/proc/self/statm"};
  std::int64_t pages = 0;
  statm >> pages >> pages;
  return pages * 4;
}

// The same turn on many threads at once, and what memory that takes.
json::object ask_at_once(const Model& model, const Conversation& conversation, std::int64_t count) {
  const std::int64_t before = resident_kilobytes();
  std::atomic<std::int64_t> turns{0};
  std::atomic<std::int64_t> most{0};
  std::atomic<bool> is_over{false};
  std::thread watcher{[&] {
    while (!is_over) {
      most = std::max(most.load(), resident_kilobytes());
      std::this_thread::sleep_for(std::chrono::milliseconds{20});
    }
  }};
  std::vector<std::thread> threads;
  for (std::int64_t i = 0; i < count; ++i) {
    threads.emplace_back([&] {
      if (model.next(conversation, {})) ++turns;
    });
  }
  for (std::thread& thread : threads) thread.join();
  is_over = true;
  watcher.join();
  return {{"turns", turns.load()}, {"kilobytes_before", before}, {"kilobytes_most", most.load()}};
}

json::object ask(const Model& model, const Conversation& conversation, const json::object& order,
                 const Clock& clock) {
  const auto start = std::chrono::steady_clock::now();
  json::array pieces;
  std::int64_t restarts = 0;
  TurnRequest request{.on_text =
                          [&](std::string_view piece) {
                            pieces.emplace_back(json::string_view{piece.data(), piece.size()});
                          },
                      .on_restart = [&] { ++restarts; }};
  if (const auto left = core::integer_member(order, "deadline_ms"))
    request.deadline = clock.now() + Duration{*left};
  if (const auto patience = core::integer_member(order, "cancel_after_ms")) {
    request.is_cancelled = [start, patience] {
      return std::chrono::steady_clock::now() - start > std::chrono::milliseconds{*patience};
    };
  }
  const auto turn = model.next(conversation, request);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  json::object report{{"pieces", std::move(pieces)}, {"restarts", restarts}, {"seconds", took.count()}};
  if (turn) {
    report["turn"] = to_json(turn.value());
  } else {
    report["error"] =
        json::object{{"code", static_cast<int>(turn.error().code)}, {"message", turn.error().message}};
  }
  return report;
}

int run() {
  const std::string input{std::istreambuf_iterator<char>{std::cin}, {}};
  const auto order = core::parse_json(input);
  if (!order) {
    std::cerr << order.error().message << "\n";
    return 2;
  }
  const json::object& orders = order.value().as_object();
  const SystemClock clock;
  core::SystemRandom random;
  http::CurlClient client;
  aws::CredentialChain credentials{aws::default_sources(aws::process_environment()), clock};
  const auto model =
      models::make_model(settings_from(orders.at("settings").as_object()),
                         {.http = client, .clock = clock, .random = random, .credentials = credentials});
  if (!model) {
    std::cerr << model.error().message << "\n";
    return 2;
  }
  const Event event;
  const std::string event_text = "{}";
  Conversation conversation{event, event_text};
  fill(conversation, orders.at("conversation").as_object());
  const auto threads = core::integer_member(orders, "threads");
  std::cout << core::write_json(threads ? ask_at_once(*model.value(), conversation, *threads)
                                        : ask(*model.value(), conversation, orders, clock))
            << "\n";
  return 0;
}

}  // namespace
}  // namespace ebagent

int main() {
  return ebagent::run();
}
