#include "models/sse_reader.hpp"

#include <utility>

namespace ebagent::models {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

}  // namespace

bool SseReader::end_line(std::string_view line, const Take& take) {
  if (is_first_line_ && line.starts_with(kByteOrderMark)) line.remove_prefix(kByteOrderMark.size());
  is_first_line_ = false;
  if (line.empty()) {
    const ServerSentEvent event = std::exchange(event_, {});
    return !std::exchange(has_data_, false) || take(event);
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
  return true;
}

Result<void> SseReader::feed(std::string_view piece, const Take& take) {
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
    const bool is_enough = !end_line(line_, take);
    line_.clear();
    if (is_enough) break;
  }
  return success();
}

}  // namespace ebagent::models
