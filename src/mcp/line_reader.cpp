#include "mcp/line_reader.hpp"

namespace ebagent::mcp {

void LineReader::feed(std::string_view bytes) {
  if (is_stopped_) return;
  if (is_passing_over_) {
    const auto end = bytes.find('\n');
    if (end == std::string_view::npos) return;
    bytes.remove_prefix(end + 1);
    is_passing_over_ = false;
  }
  if (begin_ > 0) {
    buffer_.erase(0, begin_);
    scanned_ -= begin_;
    begin_ = 0;
  }
  buffer_ += bytes;
}

std::string LineReader::take(std::size_t size, std::size_t end) {
  std::string line = buffer_.substr(begin_, size);
  begin_ = scanned_ = end;
  if (line.ends_with('\r')) line.pop_back();
  return line;
}

std::optional<std::string> LineReader::next() {
  while (!is_stopped_) {
    const auto found = buffer_.find('\n', scanned_);
    const bool is_whole = found != std::string::npos;
    const std::size_t end = is_whole ? found : buffer_.size();
    if (end - begin_ > max_line_) {
      if (too_long_ == TooLong::IsCut) {
        is_passing_over_ = !is_whole;
        return take(max_line_, is_whole ? end + 1 : end);
      }
      is_stopped_ = true;
      buffer_.clear();
      begin_ = scanned_ = 0;
      break;
    }
    if (!is_whole) {
      scanned_ = end;
      break;
    }
    std::string line = take(end - begin_, end + 1);
    if (!line.empty()) return line;
  }
  return std::nullopt;
}

}  // namespace ebagent::mcp
