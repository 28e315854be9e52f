#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "ebagent/result.hpp"

namespace ebagent::tools {

// How much one CSV file may ask of us. What is past a limit is reported as a bad row, not kept in memory.
struct CsvLimits {
  std::size_t max_field_bytes =
      64 * 1024;  // longer than any cell people write (a spreadsheet's has 32,767 characters)
  std::size_t max_row_bytes =
      1024 * 1024;                 // also how far an unclosed quote is followed before it is given up
  std::size_t max_fields = 2'000;  // SQLite's own limit of columns
};

struct CsvRow {
  std::uint64_t line = 0;  // physical line, from 1, on which the row begins
  std::vector<std::string> fields;
};

// A row that is no CSV. Reading goes on with the line after `line`.
struct CsvProblem {
  std::uint64_t line = 0;
  std::string reason;
};

// Reads CSV that comes in pieces: quoted fields, doubled quotes, line breaks inside quotes, CRLF, LF or CR
// between rows, a UTF-8 byte order mark. Empty lines are no rows. A broken row costs its first line only: a
// quote that is never closed does not swallow the rows after it. Memory is bounded by the limits, whatever
// the input. Source: https://www.rfc-editor.org/rfc/rfc4180
class CsvReader {
 public:
  using OnRow =
      std::function<Result<void>(CsvRow&&)>;  // an error ends the reading and comes back from feed or finish
  using OnProblem = std::function<void(CsvProblem&&)>;

  CsvReader(char delimiter, CsvLimits limits, OnRow on_row, OnProblem on_problem);

  // Takes the next bytes of the file. Malformed when the file as a whole cannot be CSV in UTF-8.
  [[nodiscard]] Result<void> feed(std::string_view bytes);
  // The file is over: what is left is the last row.
  [[nodiscard]] Result<void> finish();

 private:
  enum class Outcome { Row, Bad, NeedMore };
  enum class Input { MoreToCome, Ended };

  [[nodiscard]] Result<void> consume(Input input);
  [[nodiscard]] Outcome scan(std::string_view text, Input input);
  [[nodiscard]] Outcome scan_quoted(std::string_view text, Input input, std::size_t& at, std::string& field);
  [[nodiscard]] Outcome bad(std::string reason);
  [[nodiscard]] bool check_text(const std::string& field);
  void drop_first_line(std::string_view& rest, Input input);

  const char delimiter_;
  const CsvLimits limits_;
  const OnRow on_row_;
  const OnProblem on_problem_;

  std::string pending_;       // bytes from the beginning of the row being read
  bool is_started_ = false;   // the byte order mark, if any, has been passed
  bool is_skipping_ = false;  // inside a bad line that is longer than a row may be
  bool was_cr_ = false;       // the last consumed byte was a carriage return that ended a line
  std::uint64_t line_ = 1;    // of the first pending byte

  // What the last scan found.
  std::vector<std::string> fields_;
  std::size_t end_ = 0;      // where the row ends, past its line break
  std::uint64_t lines_ = 0;  // line breaks within and after the row
  std::string reason_;
};

}  // namespace ebagent::tools
