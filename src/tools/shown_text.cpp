#include "tools/shown_text.hpp"

#include <algorithm>

#include "core/json.hpp"

namespace ebagent::tools {
namespace {

// Bytes of the character that begins with this one; 0 when none does.
std::size_t length_of(unsigned char first) {
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return 2;
  if (first >= 0xE0 && first <= 0xEF) return 3;
  return first >= 0xF0 && first <= 0xF4 ? 4 : 0;
}

}  // namespace

std::string valid_utf8(std::string_view bytes) {
  if (core::is_utf8(bytes)) return std::string(bytes);
  std::string text;
  while (!bytes.empty()) {
    const std::size_t length = length_of(static_cast<unsigned char>(bytes.front()));
    const bool is_whole = length != 0 && length <= bytes.size() && core::is_utf8(bytes.substr(0, length));
    if (is_whole) {
      text += bytes.substr(0, length);
    } else if (length > bytes.size()) {
      break;
    } else {
      text += "\xEF\xBF\xBD";
    }
    bytes.remove_prefix(is_whole ? length : 1);
  }
  return text;
}

std::chrono::milliseconds time_left(std::chrono::milliseconds timeout, const ToolContext& context) {
  if (context.deadline() == TimePoint::max()) return timeout;
  const auto left = std::chrono::floor<std::chrono::milliseconds>(context.deadline() - context.now());
  return std::clamp(left, std::chrono::milliseconds(1), std::max(timeout, std::chrono::milliseconds(1)));
}

}  // namespace ebagent::tools
