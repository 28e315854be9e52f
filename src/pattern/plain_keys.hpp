#pragma once

#include <string_view>
#include <vector>

namespace ebagent::pattern {

// Whether the keys of an object, written without escapes, come once each and have no dots. May reorder them.
[[nodiscard]] bool are_plain(std::vector<std::string_view>& keys);

}  // namespace ebagent::pattern
