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
  Wildcard() = default;

  // Reads a wildcard; '\*' and '\\' stand for the character itself.
  // Errors: InvalidArgument in EventBridge's words; positions count the opening quote, in bytes.
  [[nodiscard]] static Result<Wildcard> parse(std::string_view text);

  [[nodiscard]] bool matches(std::string_view value) const;
  bool operator==(const Wildcard&) const = default;

  // The literal texts between the stars; the first and the last may be empty.
  [[nodiscard]] const std::vector<std::string>& pieces() const { return pieces_; }

 private:
  std::vector<std::string> pieces_{std::string{}};
};

// True when some text exists of which more than `limit` beginnings of the wildcards (a beginning ends behind
// any character or star) match the whole: what AWS calls too complex. Deciding it may take long in theory;
// past a bound of work the answer is true.
[[nodiscard]] bool exceeds_complexity(const std::vector<const Wildcard*>& wildcards, std::size_t limit);

}  // namespace ebagent::pattern
