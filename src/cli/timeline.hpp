#pragma once

#include <cstddef>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

#include "ebagent/clock.hpp"
#include "store/store.hpp"

namespace ebagent::cli {

// How much of what a journal holds is printed.
enum class Detail { Short, Full };

// A run as people read it: when what was done, said, asked and answered, and what it took. `columns`: where lines of a short
// timeline are cut.
class Timeline {
 public:
  Timeline(std::ostream& out, Detail detail, std::size_t columns);

  void head(const store::Run& run);
  // Times are counted from the beginning of the run.
  void step(const store::Run& run, const store::Step& step);
  // The answer or the error, and the totals; `now` is the end of what has not ended.
  void foot(const store::Run& run, const std::vector<store::Step>& steps, TimePoint now);

 private:
  void line(std::string_view label, std::string_view text);
  void indented(std::string_view label, const std::string& text);
  void turn(const store::Step& step);
  void call(const store::Step& step);
  void question(const store::Step& step);

  std::ostream& out_;
  const Detail detail_;
  const std::size_t columns_;
};

// Columns of the terminal that is standard output, within what a timeline can use; a usual number where it is none.
[[nodiscard]] std::size_t terminal_columns();

// `text` on one line of at most `columns` columns.
[[nodiscard]] std::string shortened(std::string_view text, std::size_t columns);

// The sign of a step's state, coloured.
[[nodiscard]] std::string mark(store::StepState state);

}  // namespace ebagent::cli
