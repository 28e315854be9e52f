#pragma once

#include <boost/json/object.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ebagent/model.hpp"
#include "ebagent/model_settings.hpp"
#include "models/event_stream.hpp"
#include "models/protocol.hpp"

// What Converse and ConverseStream carry. Source: as bedrock.hpp
namespace ebagent::models {

[[nodiscard]] boost::json::object bedrock_request(const Conversation& conversation,
                                                  const ModelSettings& settings, bool caches);

// A whole answer of Converse.
[[nodiscard]] Attempt bedrock_turn(std::string_view body, std::string_view service);

// The events of ConverseStream, put together to the answer that Converse would have given.
class BedrockStream final : public StreamReader {
 public:
  BedrockStream(std::string_view service, const OnText& on_text) : service_(service), on_text_(on_text) {}

  bool feed(std::string_view piece) override;
  Attempt finish() override;

 private:
  bool end_with(Failure failure);
  bool take(const StreamMessage& message);
  bool begin_block(const boost::json::object& event);
  bool continue_block(const boost::json::object& event);
  boost::json::object& open_block(const boost::json::object& event);

  const std::string_view service_;
  const OnText& on_text_;
  EventStreamDecoder decoder_;
  std::vector<boost::json::object> blocks_;
  std::optional<std::int64_t> open_index_;  // of the block that is under way
  boost::json::object answer_;              // stopReason and usage
  std::optional<Failure> failure_;
};

}  // namespace ebagent::models
