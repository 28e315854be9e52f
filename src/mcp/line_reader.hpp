#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace ebagent::mcp {

// Cuts a stream of bytes into lines, in bounded memory. A line ends with LF or CR LF, which are not part of it; empty lines are
// passed over.
class LineReader {
 public:
  // What becomes of a longer line: nothing more comes after it, or it is cut at the bound and its rest is passed over.
  enum class TooLong { Stops, IsCut };

  explicit LineReader(std::size_t max_line, TooLong too_long = TooLong::Stops)
      : max_line_(max_line), too_long_(too_long) {}

  // Takes what came.
  void feed(std::string_view bytes);
  // The next whole line.
  [[nodiscard]] std::optional<std::string> next();
  // True once a line was too long for a reader that stops then.
  [[nodiscard]] bool is_stopped() const { return is_stopped_; }

 private:
  std::string take(std::size_t size, std::size_t end);

  const std::size_t max_line_;
  const TooLong too_long_;
  std::string buffer_;
  std::size_t begin_ = 0;         // of what was not given out yet
  std::size_t scanned_ = 0;       // up to here there is no line's end
  bool is_passing_over_ = false;  // what comes belongs to a line that was cut
  bool is_stopped_ = false;
};

}  // namespace ebagent::mcp
