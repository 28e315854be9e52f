#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "ebagent/result.hpp"

namespace ebagent::models {

// One message of an AWS event stream: its headers of type text and its payload.
struct StreamMessage {
  std::map<std::string, std::string, std::less<>> headers = {};
  std::string payload = {};

  // Empty when there is none.
  [[nodiscard]] std::string_view header(std::string_view name) const;
};

// Takes AWS's binary event stream apart, whatever the pieces in which it comes: 12 bytes of prelude (length of all, length of
// the headers, CRC-32 of both), headers, payload, CRC-32 of all that.
// Source: https://docs.aws.amazon.com/transcribe/latest/dg/streaming-setting-up.html#streaming-event-stream
class EventStreamDecoder {
 public:
  // A message of a model is far smaller.
  static constexpr std::size_t kMaxMessage = std::size_t{16} * 1024 * 1024;
  static constexpr std::size_t kMaxHeaders = std::size_t{128} * 1024;

  // The messages that `piece` completes. Malformed or LimitExceeded, after which nothing more is to be fed.
  [[nodiscard]] Result<std::vector<StreamMessage>> feed(std::string_view piece);

  // True between two messages.
  [[nodiscard]] bool is_at_boundary() const { return pending_.empty(); }

 private:
  std::string pending_;  // the begin of a message
};

}  // namespace ebagent::models
