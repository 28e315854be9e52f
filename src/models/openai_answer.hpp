#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ebagent/model.hpp"
#include "models/protocol.hpp"
#include "models/sse_reader.hpp"

// What chat completions answer, in the forms that servers give it.
namespace ebagent::models {

inline constexpr std::string_view kOpenAi = "openai";

// A whole answer.
[[nodiscard]] Attempt openai_turn(std::string_view body, std::string_view service);

// {"error": {message, type, code}}, {"error": "text"}, {message, type, code}, {"detail": ...}
[[nodiscard]] ServiceError openai_error(const boost::json::object& answer);

// The chunks of a stream, put together.
class OpenAiStream final : public StreamReader {
 public:
  OpenAiStream(std::string_view service, const OnText& on_text) : service_(service), on_text_(on_text) {}

  bool feed(std::string_view piece) override;
  Attempt finish() override;

 private:
  struct Call {
    std::string id = {};
    std::string name = {};
    std::string arguments = {};
    boost::json::value extra = nullptr;
  };

  bool end_with(Failure failure);
  bool take(const boost::json::object& chunk);
  void take_delta(const boost::json::object& delta);
  void take_call(const boost::json::object& piece);
  Call& call_at(const boost::json::object& piece);

  const std::string_view service_;
  const OnText& on_text_;
  SseReader sse_;
  Turn turn_;  // text, model and usage as they come
  std::string refusal_;
  std::vector<Call> calls_;
  std::string finish_reason_;
  bool is_done_ = false;
  std::optional<Failure> failure_;
};

}  // namespace ebagent::models
