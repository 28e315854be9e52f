#include <algorithm>
#include <boost/crc.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "core/json.hpp"
#include "ebagent/event.hpp"
#include "fuzz/disagreement.hpp"
#include "models/anthropic.hpp"
#include "models/bedrock.hpp"
#include "models/openai.hpp"
#include "support/fixed_random.hpp"
#include "support/manual_clock.hpp"

// The name of a service (its first letter), a number and an answer, taken as a whole and as a stream; a stream of Bedrock's is
// given as lines of an event's type and its payload. At once and in pieces it is the same turn or the same failure; a turn's
// calls are objects or malformed; and the turn can be given back: the next request is JSON in which each call has one result.
namespace ebagent::models {
namespace {

namespace json = boost::json;
using pattern::disagree;

class NoClient final : public http::Client {
 public:
  [[nodiscard]] http::Answer send(const http::Request& /*request*/) override {
    return boost::outcome_v2::failure(http::TransportError{});
  }
};

std::string number(std::size_t value, int size) {
  std::string bytes;
  for (int shift = (size - 1) * 8; shift >= 0; shift -= 8)
    bytes += static_cast<char>(value >> unsigned(shift));
  return bytes;
}

std::string checksum(const std::string& bytes) {
  boost::crc_32_type crc;
  crc.process_bytes(bytes.data(), bytes.size());
  return number(crc.checksum(), 4);
}

std::string header(const std::string& name, std::string_view value) {
  return number(name.size(), 1) + name + '\7' + number(value.size(), 2) + std::string{value};
}

// Each line a message; types that end in "xception" are exceptions.
std::string framed(std::string_view lines) {
  std::string stream;
  while (!lines.empty()) {
    const std::string_view line = lines.substr(0, lines.find('\n'));
    lines.remove_prefix(std::min(line.size() + 1, lines.size()));
    const std::string_view type = line.substr(0, line.find(' '));
    const std::string_view payload = line.substr(std::min(type.size() + 1, line.size()));
    const bool is_exception = type.ends_with("xception");
    const std::string headers = header(is_exception ? ":exception-type" : ":event-type", type) +
                                header(":message-type", is_exception ? "exception" : "event");
    std::string message = number(16 + headers.size() + payload.size(), 4) + number(headers.size(), 4);
    message += checksum(message) + headers;
    message += payload;
    stream += message + checksum(message);
  }
  return stream;
}

std::unique_ptr<const Protocol> protocol_of(char letter, const ModelPorts& ports) {
  const ModelSettings settings{.model = "m", .region = "us-east-1"};
  if (letter == 'a') return AnthropicProtocol::make(settings, ports.environment).value();
  if (letter == 'b') return BedrockProtocol::make(settings, ports).value();
  return OpenAiProtocol::make(settings, ports.environment).value();
}

std::string describe(const Attempt& attempt) {
  if (!attempt) {
    if (attempt.error().message.empty()) disagree("a failure without a reason", {});
    return "failure: " + attempt.error().message;
  }
  const Turn& turn = attempt.value();
  std::string text = std::to_string(static_cast<int>(turn.end)) + turn.text + core::write_json(turn.content);
  for (const ToolCall& call : turn.calls) {
    if (!call.input.is_object())
      disagree("a call's input is no object", {{"input", core::write_json(call.input)}});
    text += "|" + call.id + " " + call.tool + core::write_json(call.input) + call.malformed;
  }
  return text;
}

Attempt stream(const Protocol& protocol, std::string_view bytes, std::size_t piece, std::string& told) {
  const OnText on_text = [&told](std::string_view text) { told += text; };
  const auto reader = protocol.stream_reader(on_text);
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    if (!reader->feed(bytes.substr(at, piece))) break;
  }
  return reader->finish();
}

// Ids of calls and of results, wherever they stand in a request.
void collect(const json::value& value, std::multiset<std::string>& calls,
             std::multiset<std::string>& results) {
  if (const auto* const array = value.if_array()) {
    for (const json::value& one : *array) collect(one, calls, results);
    return;
  }
  const auto* const object = value.if_object();
  if (object == nullptr) return;
  if (const auto* const use = object->if_contains("toolUse"); use != nullptr && use->is_object()) {
    calls.insert(core::text_member(use->get_object(), "toolUseId"));
  } else if (const auto* const result = object->if_contains("toolResult");
             result != nullptr && result->is_object()) {
    results.insert(core::text_member(result->get_object(), "toolUseId"));
  } else if (object->contains("tool_call_id")) {
    results.insert(core::text_member(*object, "tool_call_id"));
  } else if (core::text_member(*object, "type") == "tool_use") {
    calls.insert(core::text_member(*object, "id"));
  } else if (core::text_member(*object, "type") == "tool_result") {
    results.insert(core::text_member(*object, "tool_use_id"));
  } else if (const auto* const asked = object->if_contains("tool_calls");
             asked != nullptr && asked->is_array()) {
    for (const json::value& call : asked->get_array())
      calls.insert(core::text_member(call.as_object(), "id"));
  }
}

void give_back(const Protocol& protocol, Turn turn) {
  const Event event;
  const std::string input = "{}";
  Conversation conversation{event, input};
  const std::size_t count = turn.calls.size();
  Exchange exchange{.turn = std::move(turn)};
  for (std::size_t i = 0; i < count; ++i) exchange.outcomes.emplace_back(json::value("result"));
  conversation.exchanges.push_back(std::move(exchange));
  const std::string body = protocol.body(conversation, Dialect{});
  const auto parsed = core::parse_json(body, {.max_depth = 256});
  if (!parsed) disagree("a request is no JSON", {{"body", body}, {"why", parsed.error().message}});
  std::multiset<std::string> calls;
  std::multiset<std::string> results;
  for (const json::value& message : parsed.value().at("messages").as_array()) {
    collect(message, calls, results);
    if (const auto* const content = message.as_object().if_contains("content"))
      collect(*content, calls, results);
  }
  const std::set<std::string> distinct(calls.begin(), calls.end());
  if (calls != results || calls.size() != count || distinct.size() != count) {
    disagree("calls and results do not agree", {{"body", body}});
  }
}

void check(const Protocol& protocol, const std::string& bytes, std::size_t piece) {
  std::string told_at_once;
  std::string told_in_pieces;
  const Attempt at_once = stream(protocol, bytes, std::max<std::size_t>(bytes.size(), 1), told_at_once);
  const Attempt in_pieces = stream(protocol, bytes, piece, told_in_pieces);
  const std::string one = describe(at_once);
  const std::string other = describe(in_pieces);
  if (one != other) disagree("a stream is another turn in pieces", {{"at once", one}, {"in pieces", other}});
  if (at_once) {
    if (told_at_once != told_in_pieces) disagree("another text is told in pieces", {});
    give_back(protocol, at_once.value());
  }
  const Attempt whole = protocol.read(bytes);
  static_cast<void>(describe(whole));
  if (whole) give_back(protocol, whole.value());
  static_cast<void>(protocol.error_of({.status = 400, .body = bytes}));
}

}  // namespace
}  // namespace ebagent::models

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ebagent;
  if (size < 2) return 0;
  const testing::ManualClock clock;
  testing::FixedRandom random;
  models::NoClient client;
  aws::CredentialChain credentials{{}, clock};
  const models::ModelPorts ports{.http = client,
                                 .clock = clock,
                                 .random = random,
                                 .credentials = credentials,
                                 .environment = [](const std::string&) { return std::string{}; }};
  const char letter = static_cast<char>(data[0]);
  const std::string text(reinterpret_cast<const char*>(data) + 2, size - 2);
  const auto protocol = models::protocol_of(letter, ports);
  const std::size_t piece = std::max<std::size_t>(data[1] % 64, 1);
  models::check(*protocol, text, piece);
  if (letter == 'b') models::check(*protocol, models::framed(text), piece);
  return 0;
}
