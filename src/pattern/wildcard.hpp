#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "ebagent/result.hpp"

namespace ebagent::pattern {

// A text in which each '*' stands for any characters, also none.
class Wildcard {
 public:
  Wildcard() { append_piece({}); }

  // Reads a wildcard; '\*' and '\\' stand for the character itself.
  // Errors: InvalidArgument in EventBridge's words; positions count the opening quote, in bytes.
  [[nodiscard]] static Result<Wildcard> parse(std::string_view text);

  [[nodiscard]] bool matches(std::string_view value) const { return matches(encoded_, value); }
  bool operator==(const Wildcard&) const = default;

  // The literal texts between the stars; the first and the last may be empty.
  [[nodiscard]] std::vector<std::string_view> pieces() const;

  // The wildcard as one text, each piece behind its size, to be kept where it is near: matches() then needs nothing
  // else.
  [[nodiscard]] std::string_view encoded() const { return encoded_; }
  // Takes time in proportion to the sizes of value and wildcard, whatever they contain.
  [[nodiscard]] static bool matches(std::string_view encoded, std::string_view value);

 private:
  void append_piece(std::string_view piece);

  std::string encoded_;
};

// True when some text exists of which more than `limit` beginnings of the wildcards (a beginning ends behind
// any character or star) match the whole: what AWS calls too complex. Deciding it may take long in theory;
// past a bound of work the answer is true.
[[nodiscard]] bool exceeds_complexity(const std::vector<const Wildcard*>& wildcards, std::size_t limit);

}  // namespace ebagent::pattern
