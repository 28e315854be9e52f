#pragma once

#include <string>
#include <string_view>

#include "ebagent/pattern.hpp"

namespace ebagent::pattern {

// The answer of the engine in one word or, when something is refused, in its words.
inline std::string answer(std::string_view pattern, std::string_view event) {
  const auto compiled = compile(pattern);
  if (!compiled) return "refused: " + compiled.error().message;
  const auto matched = matches(compiled.value(), event);
  if (!matched) return "event refused: " + matched.error().message;
  return matched.value() ? "match" : "no match";
}

// The same for one field `x` of the event, given as JSON texts.
inline std::string answer_for(std::string_view wanted, std::string_view value) {
  return answer("{\"x\":[" + std::string(wanted) + "]}", "{\"x\":" + std::string(value) + "}");
}

}  // namespace ebagent::pattern
