#pragma once

#include <cstddef>
#include <string_view>

#include "ebagent/result.hpp"

namespace ebagent::event {

// Nesting of arrays and objects; deeper is an attack, not an event.
constexpr std::size_t kMaxDepth = 128;

// Checks that `text` is one JSON object: valid UTF-8, no duplicate keys in any object, at most kMaxDepth
// deep. Numbers are held against the grammar only, so one of any size passes and nothing is rewritten.
// Returns Malformed with a reason that can follow a colon ("the key \"a\" comes twice in one object"). Thread
// safety: any thread; each keeps its own buffers. Source: https://www.rfc-editor.org/rfc/rfc8259
[[nodiscard]] Result<void> check_object(std::string_view text);

}  // namespace ebagent::event
