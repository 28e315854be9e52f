#include "models/sse_reader.hpp"

#include <utility>

namespace ebagent::models {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

}  // namespace

void SseReader::take_line(std::string_view line, std::vector<ServerSentEvent>& events) {
  if (is_first_line_ && line.starts_with(kByteOrderMark)) line.remove_prefix(kByteOrderMark.size());
  is_first_line_ = false;
  if (line.empty()) {
    if (has_data_) events.push_back(std::move(event_));
    event_ = {};
    has_data_ = false;
    return;
  }
  const std::size_t colon = line.find(':');
  const std::string_view field = line.substr(0, colon);
  std::string_view value = colon == std::string_view::npos ? std::string_view{} : line.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (field == "event") {
    event_.name = value;
  } else if (field == "data") {
    if (has_data_) event_.data += '\n';
    event_.data += value;
    has_data_ = true;
  }
}

Result<std::vector<ServerSentEvent>> SseReader::feed(std::string_view piece) {
  std::vector<ServerSentEvent> events;
  while (!piece.empty()) {
    if (std::exchange(was_return_, false) && piece.front() == '\n') piece.remove_prefix(1);
    const std::size_t end = piece.find_first_of("\r\n");
    line_.append(piece.substr(0, end));
    if (line_.size() + event_.data.size() > kMaxEvent) {
      return fail(ErrorCode::LimitExceeded,
                  "An event of the stream is larger than " + std::to_string(kMaxEvent) + " bytes.");
    }
    if (end == std::string_view::npos) break;
    was_return_ = piece[end] == '\r';
    piece.remove_prefix(end + 1);
    take_line(line_, events);
    line_.clear();
  }
  return events;
}

}  // namespace ebagent::models
