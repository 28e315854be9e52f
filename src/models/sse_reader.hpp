#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "ebagent/result.hpp"

namespace ebagent::models {

struct ServerSentEvent {
  std::string name = {};  // empty: "message"
  std::string data = {};
};

// Takes a stream of server-sent events apart, whatever the pieces in which it comes. Comments, ids and retry times are passed
// over, and so is an event that the stream ends within.
// Source: https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
class SseReader {
 public:
  // An event of a model is far smaller.
  static constexpr std::size_t kMaxEvent = std::size_t{16} * 1024 * 1024;

  // The events that `piece` completes. LimitExceeded for one that is too large, after which nothing more is to be fed.
  [[nodiscard]] Result<std::vector<ServerSentEvent>> feed(std::string_view piece);

 private:
  void take_line(std::string_view line, std::vector<ServerSentEvent>& events);

  std::string line_;  // as far as it has come
  ServerSentEvent event_;
  bool has_data_ = false;
  bool is_first_line_ = true;
  bool was_return_ =
      false;  // the last byte was a carriage return: a line feed after it is part of the same line's end
};

}  // namespace ebagent::models
