#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace ebagent::mcp {

// Cuts a stream of bytes into lines, in bounded memory. Ends with LF or CR LF, which are not part of a line; empty lines are
// passed over.
class LineReader {
 public:
  explicit LineReader(std::size_t max_line) : max_line_(max_line) {}

  // Takes what came. What a line too long is followed by is not kept.
  void feed(std::string_view bytes);
  // The next whole line.
  [[nodiscard]] std::optional<std::string> next();
  // True once a line was longer than allowed; nothing more comes then.
  [[nodiscard]] bool is_too_long() const { return is_too_long_; }
  // What came after the last whole line.
  [[nodiscard]] std::string_view rest() const { return std::string_view(buffer_).substr(begin_); }

 private:
  const std::size_t max_line_;
  std::string buffer_;
  std::size_t begin_ = 0;    // of what was not given out yet
  std::size_t scanned_ = 0;  // up to here there is no line's end
  bool is_too_long_ = false;
};

}  // namespace ebagent::mcp
