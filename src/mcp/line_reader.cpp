#include "mcp/line_reader.hpp"

namespace ebagent::mcp {

void LineReader::feed(std::string_view bytes) {
  if (is_too_long_) return;
  if (begin_ > 0) {
    buffer_.erase(0, begin_);
    scanned_ -= begin_;
    begin_ = 0;
  }
  buffer_ += bytes;
}

std::optional<std::string> LineReader::next() {
  while (!is_too_long_) {
    const auto end = buffer_.find('\n', scanned_);
    const std::size_t size = (end == std::string::npos ? buffer_.size() : end) - begin_;
    if (size > max_line_) {
      is_too_long_ = true;
      buffer_.clear();
      begin_ = scanned_ = 0;
      break;
    }
    if (end == std::string::npos) {
      scanned_ = buffer_.size();
      break;
    }
    std::string line = buffer_.substr(begin_, size);
    begin_ = scanned_ = end + 1;
    if (line.ends_with('\r')) line.pop_back();
    if (!line.empty()) return line;
  }
  return std::nullopt;
}

}  // namespace ebagent::mcp
