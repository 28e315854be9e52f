#include "tools/csv_reader.hpp"

#include <fmt/core.h>

#include <utility>

#include "core/json.hpp"

namespace ebagent::tools {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool is_break(char c) {
  return c == '\n' || c == '\r';
}

// The length of the line break at `at`: 0 none, 1 LF or CR, 2 CRLF.
std::size_t break_length(std::string_view text, std::size_t at) {
  if (at >= text.size() || !is_break(text[at])) return 0;
  return text[at] == '\r' && at + 1 < text.size() && text[at + 1] == '\n' ? 2 : 1;
}

}  // namespace

CsvReader::CsvReader(char delimiter, CsvLimits limits, OnRow on_row, OnProblem on_problem)
    : delimiter_(delimiter),
      limits_(limits),
      on_row_(std::move(on_row)),
      on_problem_(std::move(on_problem)) {}

Result<void> CsvReader::feed(std::string_view bytes) {
  pending_ += bytes;
  if (!is_started_) {
    if (pending_.size() < kByteOrderMark.size()) return success();
    if (pending_.starts_with("\xFF\xFE") || pending_.starts_with("\xFE\xFF")) {
      return fail(ErrorCode::Malformed, "The file is UTF-16; save it as CSV in UTF-8.");
    }
    if (pending_.starts_with(kByteOrderMark)) pending_.erase(0, kByteOrderMark.size());
    is_started_ = true;
  }
  return consume(Input::MoreToCome);
}

Result<void> CsvReader::finish() {
  is_started_ = true;
  return consume(Input::Ended);
}

Result<void> CsvReader::consume(Input input) {
  std::string_view rest = pending_;
  if (was_cr_ && rest.starts_with('\n')) rest.remove_prefix(1);  // the second half of a CRLF cut in two
  if (!pending_.empty()) was_cr_ = false;
  while (!rest.empty()) {
    if (is_skipping_) {
      drop_first_line(rest, input);
      continue;
    }
    const Outcome outcome = scan(rest, input);
    if (outcome == Outcome::NeedMore) break;
    if (outcome == Outcome::Bad) {
      on_problem_({line_, std::move(reason_)});
      drop_first_line(rest, input);
      continue;
    }
    was_cr_ = end_ > 0 && rest[end_ - 1] == '\r';
    rest.remove_prefix(end_);
    if (was_cr_ && !rest.empty()) was_cr_ = false;
    const std::uint64_t line = std::exchange(line_, line_ + lines_);
    const bool is_empty_line = fields_.size() == 1 && fields_.front().empty();
    if (!is_empty_line) {
      BOOST_OUTCOME_TRY(on_row_({line, std::move(fields_)}));
    }
  }
  pending_.erase(0, pending_.size() - rest.size());
  return success();
}

// Passes the rest of the current line, as far as it is there.
void CsvReader::drop_first_line(std::string_view& rest, Input input) {
  const std::size_t at = rest.find_first_of("\r\n");
  if (at == std::string_view::npos) {
    is_skipping_ = input == Input::MoreToCome;
    rest = {};
    return;
  }
  const std::size_t length = break_length(rest, at);
  was_cr_ = rest[at] == '\r' && length == 1 && at + 1 == rest.size();
  rest.remove_prefix(at + length);
  is_skipping_ = false;
  ++line_;
}

CsvReader::Outcome CsvReader::bad(std::string reason) {
  reason_ = std::move(reason);
  return Outcome::Bad;
}

bool CsvReader::check_text(const std::string& field) {
  if (field.find('\0') != std::string::npos) {
    reason_ = "a field has a NUL byte";
  } else if (!core::is_utf8(field)) {
    reason_ = "a field is not valid UTF-8";
  } else {
    return true;
  }
  return false;
}

// Reads one row at the beginning of `text` into fields_, end_ and lines_, or says why there is none.
CsvReader::Outcome CsvReader::scan(std::string_view text, Input input) {
  fields_.clear();
  lines_ = 0;
  std::size_t at = 0;
  while (true) {
    std::string field;
    if (at < text.size() && text[at] == '"') {
      const Outcome outcome = scan_quoted(text, input, at, field);
      if (outcome != Outcome::Row) return outcome;
    } else {
      const std::size_t begin = at;
      while (at < text.size() && text[at] != delimiter_ && !is_break(text[at]) && text[at] != '"') ++at;
      field = text.substr(begin, at - begin);
      if (at < text.size() && text[at] == '"')
        return bad("a quote stands inside a field that does not begin with one");
    }
    if (field.size() > limits_.max_field_bytes) {
      return bad(fmt::format("a field has more than {} bytes", limits_.max_field_bytes));
    }
    if (at > limits_.max_row_bytes)
      return bad(fmt::format("the row has more than {} bytes", limits_.max_row_bytes));
    if (at == text.size() && input == Input::MoreToCome) return Outcome::NeedMore;
    if (!check_text(field)) return Outcome::Bad;
    fields_.push_back(std::move(field));
    if (fields_.size() > limits_.max_fields) {
      return bad(fmt::format("the row has more than {} fields", limits_.max_fields));
    }
    if (at < text.size() && text[at] == delimiter_) {
      ++at;
      continue;
    }
    const std::size_t length = break_length(text, at);
    end_ = at + length;
    if (length > 0) ++lines_;
    return Outcome::Row;
  }
}

// Reads a quoted field that begins at `at`, leaving `at` behind it.
CsvReader::Outcome CsvReader::scan_quoted(std::string_view text, Input input, std::size_t& at,
                                          std::string& field) {
  ++at;
  while (true) {
    const std::size_t quote = text.find('"', at);
    const std::string_view piece = text.substr(at, quote == std::string_view::npos ? quote : quote - at);
    for (std::size_t i = 0; i < piece.size(); i += std::max<std::size_t>(1, break_length(piece, i))) {
      if (is_break(piece[i])) ++lines_;
    }
    field += piece;
    if (quote == std::string_view::npos) {
      if (text.size() > limits_.max_row_bytes || field.size() > limits_.max_field_bytes ||
          input == Input::Ended) {
        return bad("a quote is opened and never closed");
      }
      return Outcome::NeedMore;
    }
    at = quote + 1;
    if (at == text.size()) return input == Input::Ended ? Outcome::Row : Outcome::NeedMore;
    if (text[at] == '"') {
      field += '"';
      ++at;
      continue;
    }
    if (text[at] == delimiter_ || is_break(text[at])) return Outcome::Row;
    return bad("text follows the closing quote of a field");
  }
}

}  // namespace ebagent::tools
