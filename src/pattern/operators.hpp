#pragma once

#include <string>
#include <vector>

#include "ebagent/result.hpp"
#include "pattern/json_reader.hpp"
#include "pattern/predicate.hpp"

namespace ebagent::pattern {

// Reads one member of a field's array, whose first token is `token`, and appends what it accepts to `out`.
// Errors: InvalidArgument or Malformed, in EventBridge's words and in the order in which it finds them.
[[nodiscard]] Result<void> parse_alternative_value(JsonReader& reader, Token token,
                                                   std::vector<Predicate>& out);

// The failure to report where the pattern is not as expected: that of the JSON text when it is broken, else
// `message`.
[[nodiscard]] Error refusal(const JsonReader& reader, std::string message);

inline auto refuse(const JsonReader& reader, std::string message) {
  return fail(refusal(reader, std::move(message)));
}

}  // namespace ebagent::pattern
