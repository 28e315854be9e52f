#pragma once

#include <optional>
#include <string_view>

namespace ebagent::pattern {

// The double of a JSON number when the number takes part in numeric matching: its value must be exactly the
// shortest decimal of that double (of two digits or more). Nothing when it does not: then only its text
// counts.
[[nodiscard]] std::optional<double> comparable_number(std::string_view text);

}  // namespace ebagent::pattern
