#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ebagent::pattern {

enum class Token : std::uint8_t {
  Failed,  // see JsonReader::error()
  End,
  BeginObject,
  EndObject,
  BeginArray,
  EndArray,
  Name,
  String,
  Number,
  True,
  False,
  Null,
};

// Reads JSON token by token and keeps the text of numbers. EventBridge reports what is wrong with a pattern
// in the order in which its JSON parser comes upon it, and in that parser's words, so both are reproduced
// here: a name is returned only when the first token of its value is known to be sound, a string value is
// checked when it is used or passed. The text must be valid UTF-8 and must outlive the reader. Source:
// https://www.rfc-editor.org/rfc/rfc8259
class JsonReader {
 public:
  // `arena` takes the strings that have escapes; it is cleared and never grows beyond the size of `text`.
  JsonReader(std::string_view text, std::size_t max_depth, std::string& arena);

  // The next token; Failed once the text turns out to be no JSON, then always Failed.
  [[nodiscard]] Token next();

  // Of a Name or String: the decoded text; of other tokens: the text as it stands. Valid while text and arena
  // live. A String that is no string after all gives "" and makes the reader fail.
  [[nodiscard]] std::string_view text();

  [[nodiscard]] bool has_failed() const { return failed_; }
  [[nodiscard]] bool is_too_deep() const { return too_deep_; }
  [[nodiscard]] const std::string& error() const { return error_; }
  // Where the current token begins and the reading stands, in bytes.
  [[nodiscard]] std::size_t token_begin() const { return token_begin_; }
  [[nodiscard]] std::size_t position() const { return at_; }

 private:
  enum class Scope : std::uint8_t { Root, Object, Array };
  struct Level {
    Scope scope;
    bool has_entries;
    std::size_t begin;
  };

  Token fail(std::string message);
  Token fail_unexpected(std::string_view comment);
  Token fail_number(std::string_view comment);
  Token fail_word(std::size_t begin, std::size_t size);
  Token fail_end(std::string_view comment);
  Token fail_end_within();
  [[nodiscard]] std::string place(std::size_t position) const;
  [[nodiscard]] std::string describe_character() const;

  bool skip_space();
  Token read_name();
  Token read_value();
  Token read_number();
  Token read_word(std::string_view word, Token token);
  Token read_odd_value();
  bool read_string(std::string_view where);
  bool read_escape(std::string& out);
  bool read_hex4(std::uint32_t& unit);
  Token enter(Token token);
  Token close(char mark);

  std::string_view source_;
  std::string& arena_;
  std::size_t max_depth_;
  std::size_t at_ = 0;
  std::size_t token_begin_ = 0;
  std::size_t value_begin_ = 0;
  Token token_ = Token::End;
  Token value_ = Token::End;  // the first token of the value after a name
  bool string_pending_ = false;
  bool failed_ = false;
  bool too_deep_ = false;
  std::string_view text_;    // of the last name or string
  std::string_view number_;  // the last number as it stands
  std::string error_;
  std::vector<Level> levels_;
};

}  // namespace ebagent::pattern
