#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/crc.hpp>
#include <boost/json.hpp>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/json.hpp"
#include "ebagent/model.hpp"
#include "ebagent/model_settings.hpp"
#include "http/client.hpp"
#include "models/models.hpp"
#include "support/fixed_random.hpp"
#include "support/manual_clock.hpp"

namespace ebagent::models::testing {

namespace json = boost::json;

// What a service does at one request.
struct Reply {
  int status = 200;
  std::string body = {};
  http::Headers headers = {};
  std::size_t piece = 0;                             // bytes of each piece of a stream; 0: all at once
  std::optional<http::TransportError> failure = {};  // after the body, or instead of it
};

inline Reply transport_failure(http::Failure failure, std::string body = {}) {
  return {.body = std::move(body), .failure = http::TransportError{failure, "broken"}};
}

// A service that plays replies in order and remembers what it was asked.
class ScriptedService final : public http::Client {
 public:
  [[nodiscard]] http::Answer send(const http::Request& request) override {
    sent.push_back(request);
    if (replies.empty()) {
      return boost::outcome_v2::failure(
          http::TransportError{http::Failure::InvalidRequest, "the script is at its end"});
    }
    Reply reply = std::move(replies.front());
    replies.pop_front();
    const bool is_streamed = request.on_body && reply.status >= 200 && reply.status < 300;
    const std::size_t piece = reply.piece == 0 ? reply.body.size() : reply.piece;
    for (std::size_t at = 0; is_streamed && at < reply.body.size(); at += piece) {
      if (!request.on_body(std::string_view{reply.body}.substr(at, piece))) {
        return http::Response{.status = reply.status, .headers = reply.headers};
      }
    }
    if (reply.failure) return boost::outcome_v2::failure(*reply.failure);
    return http::Response{.status = reply.status,
                          .headers = std::move(reply.headers),
                          .body = is_streamed ? std::string{} : std::move(reply.body)};
  }

  std::deque<Reply> replies;
  std::vector<http::Request> sent;
};

inline std::string header(const http::Request& request, std::string_view name) {
  for (const auto& [known, value] : request.headers) {
    if (known == name) return value;
  }
  return {};
}

inline json::value parse(std::string_view text) {
  auto value = core::parse_json(text);
  if (!value) ADD_FAILURE() << value.error().message << ": " << text;
  return value ? value.value() : json::value{};
}

// A message of an AWS event stream.
inline std::string frame(const std::vector<std::pair<std::string, std::string>>& headers,
                         std::string_view payload) {
  const auto number = [](std::size_t value, int size) {
    std::string bytes;
    for (int shift = (size - 1) * 8; shift >= 0; shift -= 8)
      bytes += static_cast<char>(value >> unsigned(shift));
    return bytes;
  };
  const auto crc = [&](const std::string& bytes) {
    boost::crc_32_type sum;
    sum.process_bytes(bytes.data(), bytes.size());
    return number(sum.checksum(), 4);
  };
  std::string encoded;
  for (const auto& [name, value] : headers) {
    encoded += number(name.size(), 1) + name + '\7' + number(value.size(), 2) + value;
  }
  std::string message = number(16 + encoded.size() + payload.size(), 4) + number(encoded.size(), 4);
  message += crc(message) + encoded;
  message += payload;
  return message + crc(message);
}

inline std::string event(std::string_view type, std::string_view payload) {
  return frame(
      {{":event-type", std::string{type}}, {":content-type", "application/json"}, {":message-type", "event"}},
      payload);
}

// A conversation and the world around a model that takes part in it.
class ModelFixture : public ::testing::Test {
 protected:
  ModelFixture() {
    conversation.instructions = "Be brief.";
    conversation.task = "Look at this event.";
    conversation.data = "<event>{}</event>";
    conversation.tools.push_back(
        {.name = "head",
         .description = "Looks at an object.",
         .input_schema = parse(R"({"type":"object","properties":{"key":{"type":"string"}}})")});
  }

  Result<std::shared_ptr<const Model>> make() {
    return make_model(settings,
                      ModelPorts{.http = service,
                                 .clock = clock,
                                 .random = random,
                                 .credentials = credentials,
                                 .environment = [this](const std::string& name) { return environment[name]; },
                                 .sleep =
                                     [this](Duration duration) {
                                       sleeps.push_back(duration);
                                       clock.advance(duration);
                                     }});
  }
  Result<Turn> ask() {
    auto model = make();
    if (!model) return fail(model.error());
    return model.value()->next(conversation, request);
  }
  // The turn; a failure of the test when there is none.
  Turn turn() {
    auto result = ask();
    if (!result) ADD_FAILURE() << result.error().message;
    return result ? result.value() : Turn{};
  }
  Error error() {
    auto result = ask();
    return result ? Error{ErrorCode::Internal, "no error"} : result.error();
  }
  void reply(std::string body, std::size_t piece = 0) {
    service.replies.push_back({.body = std::move(body), .piece = piece});
  }
  void refuse(int status, std::string body, http::Headers headers = {}) {
    service.replies.push_back({.status = status, .body = std::move(body), .headers = std::move(headers)});
  }
  // The body of the last request.
  json::object sent() {
    if (service.sent.empty()) {
      ADD_FAILURE() << "nothing was sent";
      return {};
    }
    return parse(service.sent.back().body).as_object();
  }
  // The last request's member, as text.
  std::string sent(std::string_view pointer) {
    const json::value body = sent();
    json::error_code missing;
    const auto* const found = body.find_pointer({pointer.data(), pointer.size()}, missing);
    return found == nullptr ? "(none)" : core::write_json(*found);
  }
  // An exchange of one call and its outcome.
  Exchange& exchange(ToolCall call, Result<json::value> outcome) {
    conversation.exchanges.push_back(
        {.turn = {.calls = {std::move(call)}, .end = TurnEnd::ToolCalls}, .outcomes = {std::move(outcome)}});
    return conversation.exchanges.back();
  }
  static ToolCall head_call(std::string id = "call_1") {
    return {.id = std::move(id), .tool = "head", .input = json::object{{"key", "k"}}};
  }

  ebagent::testing::ManualClock clock;
  ebagent::testing::FixedRandom random;
  ScriptedService service;
  std::map<std::string, std::string> environment;
  aws::CredentialChain credentials{
      aws::default_sources([this](const std::string& name) { return environment[name]; }), clock};
  std::vector<Duration> sleeps;
  ModelSettings settings;
  TurnRequest request;
  Event subject;
  std::string input = "{}";
  Conversation conversation{subject, input};
};

}  // namespace ebagent::models::testing
