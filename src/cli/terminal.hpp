#pragma once

#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

#include "ebagent/clock.hpp"
#include "ebagent/result.hpp"

namespace ebagent::cli {

enum class Style { Plain, Bold, Dim, Red, Green, Yellow };

// True when standard output is a terminal that shows colours (and NO_COLOR is not set).
// Source: https://no-color.org
[[nodiscard]] bool has_colours();

// `text` in a style where colours are shown, else as it is.
[[nodiscard]] std::string styled(std::string_view text, Style style);

// `text` without characters that could drive a terminal: what an event contains is not trusted. Line breaks
// stay.
[[nodiscard]] std::string harmless(std::string_view text);

// Lines `rows` up in columns under their headings.
void print_table(std::ostream& out, const std::vector<std::string>& headings,
                 const std::vector<std::vector<std::string>>& rows);

// "85 ms", "1.2 s", "3 min".
[[nodiscard]] std::string duration_text(Duration duration);

// Prints "error: ..." to standard error and gives the exit code for it.
int report(const Error& error);

// A line on standard error that is rewritten while something long goes on; nothing where it is no terminal.
class ProgressLine {
 public:
  ProgressLine();
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;
  void show(std::string_view text);

 private:
  const bool shown_;
};

}  // namespace ebagent::cli
