#include "pattern/json_reader.hpp"

#include <algorithm>
#include <utility>

#include "pattern/code_points.hpp"

namespace ebagent::pattern {
namespace {

constexpr std::string_view kValueList =
    "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')";
constexpr std::size_t kMaxWordCharacters = 256;  // of an unknown word that a message repeats

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Approximates the letters of any alphabet: beyond ASCII only spaces, punctuation and marks of order are
// none.
bool is_word_start(std::uint32_t c) {
  if (c < 0x80) return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$';
  if (c <= 0xBF) return c == 0xAA || c == 0xB5 || c == 0xBA || (c >= 0xA2 && c <= 0xA5);
  return c != 0xD7 && c != 0xF7 && !(c >= 0x2000 && c <= 0x206F) && !(c >= 0x3000 && c <= 0x3004) &&
         c != 0xFEFF && !(c >= 0xD800 && c <= 0xDFFF) && c <= 0xFFFF;
}

bool is_word_part(std::uint32_t c) {
  return is_word_start(c) || (c >= '0' && c <= '9');
}

std::string_view scope_name(bool is_object, bool is_array) {
  return is_object ? "Object" : is_array ? "Array" : "root";
}

std::string hex(std::uint32_t value) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (; value != 0; value >>= 4) out.insert(out.begin(), kDigits[value & 15]);
  return out;
}

}  // namespace

JsonReader::JsonReader(std::string_view text, std::size_t max_depth, std::string& arena)
    : source_(text), arena_(arena), max_depth_(max_depth) {
  // Decoded text is never longer than its source, so views into the arena stay valid.
  arena_.clear();
  levels_.push_back({Scope::Root, false, 0});
}

Token JsonReader::fail(std::string message) {
  if (!failed_) error_ = std::move(message);
  failed_ = true;
  return token_ = Token::Failed;
}

std::string JsonReader::place(std::size_t position) const {
  const std::string_view before = source_.substr(0, position);
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const std::size_t line_begin = before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
  return " at [Source: line: " + std::to_string(line) +
         ", column: " + std::to_string(position - line_begin + 1) + "]";
}

std::string JsonReader::describe_character() const {
  std::size_t at = at_;
  const std::uint32_t c = next_code_point(source_, at);
  if (c < 0x20 || (c >= 0x7F && c <= 0x9F)) return "(CTRL-CHAR, code " + std::to_string(c) + ")";
  const std::uint32_t unit = c > 0xFFFF ? 0xD800 + ((c - 0x10000) >> 10) : c;
  std::string out = "'" + std::string(source_.substr(at_, at - at_)) + "' (code " + std::to_string(unit);
  if (unit > 255) out += " / 0x" + hex(unit);
  return out + ")";
}

Token JsonReader::fail_unexpected(std::string_view comment) {
  return fail("Unexpected character (" + describe_character() + "): " + std::string(comment));
}

Token JsonReader::fail_number(std::string_view comment) {
  return fail("Unexpected character (" + describe_character() +
              ") in numeric value: " + std::string(comment));
}

Token JsonReader::fail_end(std::string_view comment) {
  return fail("Unexpected end-of-input" + std::string(comment));
}

Token JsonReader::fail_end_within() {
  const Scope scope = levels_.back().scope;
  return fail_end(" within/between " +
                  std::string(scope_name(scope == Scope::Object, scope == Scope::Array)) + " entries");
}

// A word that is none of true, false and null: the message repeats all of it.
Token JsonReader::fail_word(std::size_t begin, std::size_t size) {
  std::size_t end = begin + size;
  std::size_t characters = size;
  while (end < source_.size() && characters < kMaxWordCharacters) {
    std::size_t next = end;
    if (!is_word_part(next_code_point(source_, next))) break;
    end = next;
    ++characters;
  }
  std::string word(source_.substr(begin, end - begin));
  if (characters >= kMaxWordCharacters) word += "...";
  return fail("Unrecognized token '" + word + "': was expecting " + std::string(kValueList));
}

// Moves to the next character that is no space. False at the end of the text or when the reader failed.
bool JsonReader::skip_space() {
  for (; at_ < source_.size(); ++at_) {
    const char c = source_[at_];
    if (c == ' ' || c == '\n' || c == '\r' || c == '\t') continue;
    if (c == '/') {
      fail_unexpected(
          "maybe a (non-standard) comment? (not recognized as one since Feature 'ALLOW_COMMENTS' not enabled "
          "for parser)");
      return false;
    }
    if (static_cast<unsigned char>(c) < 0x20) {
      fail("Illegal character (" + describe_character() +
           "): only regular white space (\\r, \\n, \\t) is allowed between tokens");
      return false;
    }
    return true;
  }
  return false;
}

Token JsonReader::next() {
  if (failed_) return Token::Failed;
  if (string_pending_ && !read_string("string value")) return Token::Failed;
  if (token_ == Token::Name) {
    token_begin_ = value_begin_;
    string_pending_ = value_ == Token::String;
    return enter(value_);
  }
  Level& level = levels_.back();
  const auto scope = [&level] {
    return std::string(scope_name(level.scope == Scope::Object, level.scope == Scope::Array));
  };
  if (!skip_space()) {
    if (failed_) return Token::Failed;
    if (level.scope == Scope::Root) return token_ = Token::End;
    return fail_end(": expected close marker for " + scope() + " (start marker" + place(level.begin) + ")");
  }
  if (source_[at_] == ']' || source_[at_] == '}') return close(source_[at_]);
  if (level.has_entries && level.scope != Scope::Root) {
    if (source_[at_] != ',')
      return fail_unexpected("was expecting comma to separate " + scope() + " entries");
    ++at_;
    if (!skip_space()) return failed_ ? Token::Failed : fail_end_within();
  }
  level.has_entries = true;
  if (level.scope == Scope::Object) return read_name();
  token_begin_ = at_;
  const Token token = read_value();
  if (token == Token::Failed) return token;
  string_pending_ = token == Token::String;
  return enter(token);
}

Token JsonReader::enter(Token token) {
  if (token == Token::BeginObject || token == Token::BeginArray) {
    if (levels_.size() > max_depth_) {
      too_deep_ = true;
      return fail("Document nesting depth (" + std::to_string(levels_.size()) +
                  ") exceeds the maximum allowed (" + std::to_string(max_depth_) + ")");
    }
    levels_.push_back({token == Token::BeginObject ? Scope::Object : Scope::Array, false, token_begin_});
  }
  return token_ = token;
}

Token JsonReader::close(char mark) {
  const Level level = levels_.back();
  if (level.scope != (mark == ']' ? Scope::Array : Scope::Object)) {
    const bool in_array = level.scope == Scope::Array;
    return fail(std::string("Unexpected close marker '") + mark + "': expected '" + (in_array ? "]" : "}") +
                "' (for " + std::string(scope_name(level.scope == Scope::Object, in_array)) + " starting" +
                place(level.begin) + ")");
  }
  token_begin_ = at_++;
  levels_.pop_back();
  return token_ = mark == ']' ? Token::EndArray : Token::EndObject;
}

Token JsonReader::read_name() {
  if (source_[at_] != '"') return fail_unexpected("was expecting double-quote to start field name");
  token_begin_ = at_++;
  if (!read_string("name")) return Token::Failed;
  if (!skip_space()) return failed_ ? Token::Failed : fail_end_within();
  if (source_[at_] != ':') return fail_unexpected("was expecting a colon to separate field name and value");
  ++at_;
  if (!skip_space()) return failed_ ? Token::Failed : fail_end_within();
  value_begin_ = at_;
  value_ = read_value();
  if (value_ == Token::Failed) return Token::Failed;
  return token_ = Token::Name;
}

Token JsonReader::read_value() {
  switch (source_[at_]) {
    case '"':
      ++at_;
      return Token::String;
    case '{':
      ++at_;
      return Token::BeginObject;
    case '[':
      ++at_;
      return Token::BeginArray;
    case '}':
      return fail_unexpected("expected a value");
    case 't':
      return read_word("true", Token::True);
    case 'f':
      return read_word("false", Token::False);
    case 'n':
      return read_word("null", Token::Null);
    case '-':
    case '0':
    case '1':
    case '2':
    case '3':
    case '4':
    case '5':
    case '6':
    case '7':
    case '8':
    case '9':
      return read_number();
    default:
      return read_odd_value();
  }
}

Token JsonReader::read_word(std::string_view word, Token token) {
  const std::size_t begin = at_;
  std::size_t same = 0;
  while (same < word.size() && at_ + same < source_.size() && source_[at_ + same] == word[same]) ++same;
  if (same < word.size()) return fail_word(begin, same);
  std::size_t after = at_ + same;
  if (after < source_.size() && is_word_part(next_code_point(source_, after))) return fail_word(begin, same);
  at_ += same;
  return token;
}

Token JsonReader::read_odd_value() {
  const char c = source_[at_];
  const std::string_view rest = source_.substr(at_);
  for (const std::string_view word : {"NaN", "Infinity"}) {
    if (c != word[0]) continue;
    std::size_t same = 0;
    while (same < word.size() && same < rest.size() && rest[same] == word[same]) ++same;
    std::size_t after = at_ + same;
    if (same < word.size() || (after < source_.size() && is_word_part(next_code_point(source_, after)))) {
      return fail_word(at_, same);
    }
    return fail("Non-standard token '" + std::string(word) +
                "': enable `JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS` to allow");
  }
  if (c == '+') {
    if (rest.size() == 1) return fail_end(" in a Number value");
    return fail_number(
        "JSON spec does not allow numbers to have plus signs: enable "
        "`JsonReadFeature.ALLOW_LEADING_PLUS_SIGN_FOR_NUMBERS` to allow");
  }
  std::size_t at = at_;
  if (is_word_start(next_code_point(source_, at))) return fail_word(at_, at - at_);
  return fail_unexpected("expected a valid value " + std::string(kValueList));
}

Token JsonReader::read_number() {
  const std::size_t begin = at_;
  const bool negative = source_[at_] == '-';
  if (negative) {
    ++at_;
    if (at_ == source_.size()) return fail_end("No digit following minus sign");
    if (source_[at_] == 'I') {
      return fail(
          "Non-standard token '-Infinity': enable `JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS` to allow");
    }
    if (!is_digit(source_[at_]))
      return fail_number("expected digit (0-9) to follow minus sign, for valid numeric value");
  }
  const auto skip_digits = [this] {
    const std::size_t first = at_;
    while (at_ < source_.size() && is_digit(source_[at_])) ++at_;
    return at_ - first;
  };
  if (source_[at_] == '0') {
    ++at_;
    if (at_ < source_.size() && is_digit(source_[at_])) {
      return fail("Invalid numeric value: Leading zeroes not allowed");
    }
  } else {
    skip_digits();
  }
  if (at_ < source_.size() && source_[at_] == '.') {
    ++at_;
    if (skip_digits() == 0) {
      if (at_ == source_.size()) --at_;  // the message names the last character there is
      return fail_number("Decimal point not followed by a digit");
    }
  }
  if (at_ < source_.size() && (source_[at_] == 'e' || source_[at_] == 'E')) {
    ++at_;
    if (at_ < source_.size() && (source_[at_] == '+' || source_[at_] == '-')) ++at_;
    if (at_ == source_.size()) return fail_end("expected a digit for number exponent");
    if (skip_digits() == 0) return fail_number("Exponent indicator not followed by a digit");
  }
  number_ = source_.substr(begin, at_ - begin);
  return Token::Number;
}

// Reads on to the closing quote and leaves the decoded text in text_.
bool JsonReader::read_string(std::string_view where) {
  string_pending_ = false;
  const std::size_t begin = at_;
  const std::size_t arena_begin = arena_.size();
  std::size_t copied = at_;  // what stands before it is in the arena
  bool has_escapes = false;
  while (at_ < source_.size()) {
    const char c = source_[at_];
    if (c == '"') {
      if (has_escapes) {
        arena_.append(source_.substr(copied, at_ - copied));
        text_ = std::string_view(arena_).substr(arena_begin);
      } else {
        text_ = source_.substr(begin, at_ - begin);
      }
      ++at_;
      return true;
    }
    if (c == '\\') {
      if (arena_.empty()) arena_.reserve(source_.size());  // never grows after: views into it stay valid
      has_escapes = true;
      arena_.append(source_.substr(copied, at_ - copied));
      if (!read_escape(arena_)) return false;
      copied = at_;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      fail("Illegal unquoted character (" + describe_character() +
           "): has to be escaped using backslash to be included in " + std::string(where));
      return false;
    } else {
      ++at_;
    }
  }
  fail_end(where == "name" ? " in field name" : ": was expecting closing quote for a string value");
  return false;
}

bool JsonReader::read_hex4(std::uint32_t& unit) {
  unit = 0;
  for (int i = 0; i < 4; ++i, ++at_) {
    if (at_ == source_.size()) {
      fail_end(" in character escape sequence");
      return false;
    }
    const char c = source_[at_];
    const int digit = is_digit(c)            ? c - '0'
                      : c >= 'a' && c <= 'f' ? c - 'a' + 10
                      : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                             : -1;
    if (digit < 0) {
      fail_unexpected("expected a hex-digit for character escape sequence");
      return false;
    }
    unit = unit * 16 + std::uint32_t(digit);
  }
  return true;
}

bool JsonReader::read_escape(std::string& out) {
  ++at_;
  if (at_ == source_.size()) {
    fail_end(" in character escape sequence");
    return false;
  }
  const char c = source_[at_];
  if (c != 'u') {
    const std::size_t which = kEscapes.find(c);
    if (which == std::string_view::npos) {
      fail("Unrecognized character escape " + describe_character());
      return false;
    }
    out.push_back(kMeanings[which]);
    ++at_;
    return true;
  }
  ++at_;
  std::uint32_t unit = 0;
  if (!read_hex4(unit)) return false;
  if (is_high_surrogate(unit) && source_.substr(at_, 2) == "\\u") {
    const std::size_t after_high = at_;
    at_ += 2;
    std::uint32_t low = 0;
    if (!read_hex4(low)) return false;
    if (is_low_surrogate(low)) {
      unit = joined_surrogates(unit, low);
    } else {
      at_ = after_high;
    }
  }
  append_code_point(out, unit);
  return true;
}

std::string_view JsonReader::text() {
  if (failed_) return {};
  switch (token_) {
    case Token::String:
      if (string_pending_ && !read_string("string value")) return {};
      return text_;
    case Token::Number:
      return number_;
    case Token::True:
      return "true";
    case Token::False:
      return "false";
    case Token::Null:
      return "null";
    case Token::BeginObject:
      return "{";
    case Token::BeginArray:
      return "[";
    case Token::EndObject:
      return "}";
    case Token::EndArray:
      return "]";
    case Token::Name:
      return text_;
    case Token::End:
    case Token::Failed:
      return {};
  }
  return {};
}

}  // namespace ebagent::pattern
