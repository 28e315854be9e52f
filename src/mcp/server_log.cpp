#include "mcp/server_log.hpp"

namespace ebagent::mcp {

void ServerLog::take(std::string_view line) {
  const auto now = std::chrono::steady_clock::now();
  {
    const std::scoped_lock lock{mutex_};
    if (now - minute_ >= std::chrono::minutes{1}) {
      minute_ = now;
      lines_ = 0;
    }
    if (++lines_ > kLinesAMinute + 1) return;
    if (lines_ == kLinesAMinute + 1) line = "(more lines of this minute are left out)";
  }
  const std::string whole = redactor_->redact(std::string(line));
  std::string text;
  for (const char c : std::string_view(whole).substr(0, kMaxLine)) {
    const bool is_plain = static_cast<unsigned char>(c) >= ' ' && static_cast<unsigned char>(c) < 0x7F;
    text.push_back(is_plain ? c : '?');
  }
  log_->debug("MCP server says", {{"server", server_}, {"line", text}});
}

}  // namespace ebagent::mcp
