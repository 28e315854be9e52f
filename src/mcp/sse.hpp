#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

namespace ebagent::mcp {

// Takes the data of the events of type `message` out of an event stream as it comes; those of other types, comments, ids and
// retry hints are passed over, and so is an event that the stream's end cuts off. In bounded memory.
// Source: https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
class EventStream {
 public:
  explicit EventStream(std::size_t max_event) : max_event_(max_event) {}

  void feed(std::string_view bytes);
  [[nodiscard]] std::optional<std::string> next();
  // True once an event was larger than allowed; nothing more comes then.
  [[nodiscard]] bool is_too_large() const { return is_too_large_; }

 private:
  void take_line(std::string_view line);

  const std::size_t max_event_;
  std::string line_;  // as much of it as came
  std::string data_;
  std::string type_;
  std::deque<std::string> messages_;
  bool is_at_begin_ = true;
  bool ended_with_cr_ = false;  // a line feed that comes now belongs to it
  bool is_too_large_ = false;
};

}  // namespace ebagent::mcp
