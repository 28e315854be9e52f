#include "mcp/sse.hpp"

#include <algorithm>

namespace ebagent::mcp {
namespace {

// Takes the first line off; lines end with CR LF, LF or CR.
std::string_view take_line(std::string_view& rest) {
  const auto end = std::min(rest.find_first_of("\r\n"), rest.size());
  const auto line = rest.substr(0, end);
  rest.remove_prefix(end);
  if (rest.starts_with("\r\n")) {
    rest.remove_prefix(2);
  } else if (!rest.empty()) {
    rest.remove_prefix(1);
  }
  return line;
}

}  // namespace

std::vector<std::string> event_stream_messages(std::string_view stream) {
  std::vector<std::string> messages;
  std::string data;
  std::string_view type;
  if (stream.starts_with("\xEF\xBB\xBF")) stream.remove_prefix(3);
  while (!stream.empty()) {
    const std::string_view line = take_line(stream);
    if (line.empty()) {
      if (!data.empty() && (type.empty() || type == "message")) {
        data.pop_back();  // the line feed behind its last line
        messages.push_back(std::move(data));
      }
      data.clear();
      type = {};
      continue;
    }
    const auto colon = std::min(line.find(':'), line.size());
    const std::string_view field = line.substr(0, colon);
    std::string_view value = line.substr(std::min(colon + 1, line.size()));
    if (value.starts_with(' ')) value.remove_prefix(1);
    if (field == "data") (data += value) += '\n';
    if (field == "event") type = value;
  }
  return messages;
}

}  // namespace ebagent::mcp
