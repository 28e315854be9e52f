#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "ebagent/result.hpp"

namespace re2 {
class RE2;
}

namespace ebagent::schema {

// A regular expression whose work is linear in the text, whoever wrote either (RE2). Its syntax is that of ECMAScript
// but for look-around and back-references, which are refused. A value; safe to use from any thread.
// Source: https://github.com/google/re2/wiki/Syntax
class Regex {
 public:
  static constexpr std::size_t kMaxPattern = 1'000;    // bytes; longer ones are machine-made and cost memory
  static constexpr std::size_t kMaxText = 256 * 1024;  // bytes; a longer text matches nothing

  // InvalidArgument, saying why, for what is no pattern, or one too long or too costly.
  [[nodiscard]] static Result<Regex> compile(std::string_view pattern);

  [[nodiscard]] bool matches_all_of(std::string_view text) const;
  [[nodiscard]] bool is_found_in(std::string_view text) const;
  [[nodiscard]] std::string_view text() const;

 private:
  explicit Regex(std::shared_ptr<const re2::RE2> compiled) : compiled_(std::move(compiled)) {}

  std::shared_ptr<const re2::RE2> compiled_;
};

}  // namespace ebagent::schema
