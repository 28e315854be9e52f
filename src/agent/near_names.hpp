#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ebagent::agent {

// A hint for a name that does not exist: ` Did you mean "x" or "y"?` when some are spelled alike, otherwise
// ` There are: x, y, z.`, otherwise ` There are none.`
[[nodiscard]] std::string hint_for(std::string_view name, const std::vector<std::string>& known);

}  // namespace ebagent::agent
