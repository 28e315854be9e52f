#include "mcp/sse.hpp"

#include <algorithm>
#include <utility>

namespace ebagent::mcp {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

}  // namespace

void EventStream::feed(std::string_view bytes) {
  while (!bytes.empty() && !is_too_large_) {
    if (std::exchange(ended_with_cr_, false) && bytes.front() == '\n') {
      bytes.remove_prefix(1);
      continue;
    }
    const auto end = std::min(bytes.find_first_of("\r\n"), bytes.size());
    line_ += bytes.substr(0, end);
    if (line_.size() + data_.size() > max_event_) {
      is_too_large_ = true;
      line_.clear();
      data_.clear();
      return;
    }
    if (end == bytes.size()) return;
    ended_with_cr_ = bytes[end] == '\r';
    bytes.remove_prefix(end + 1);
    take_line(line_);
    line_.clear();
  }
}

void EventStream::take_line(std::string_view line) {
  if (std::exchange(is_at_begin_, false) && line.starts_with(kByteOrderMark)) {
    line.remove_prefix(kByteOrderMark.size());
  }
  if (line.empty()) {
    if (!data_.empty() && (type_.empty() || type_ == "message")) {
      data_.pop_back();  // the line feed behind its last line
      messages_.push_back(std::move(data_));
    }
    data_.clear();
    type_.clear();
    return;
  }
  const auto colon = std::min(line.find(':'), line.size());
  const std::string_view field = line.substr(0, colon);
  std::string_view value = line.substr(std::min(colon + 1, line.size()));
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (field == "data") (data_ += value) += '\n';
  if (field == "event") type_ = value;
}

std::optional<std::string> EventStream::next() {
  if (messages_.empty()) return std::nullopt;
  std::string message = std::move(messages_.front());
  messages_.pop_front();
  return message;
}

}  // namespace ebagent::mcp
