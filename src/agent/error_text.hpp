#pragma once

#include <string>
#include <string_view>

#include "ebagent/result.hpp"

namespace ebagent::agent {

// How a failed step is kept: "NotFound: There is no bucket x.", legible for people and read back without
// loss.
[[nodiscard]] std::string to_text(const Error& error);
[[nodiscard]] Error error_from_text(std::string_view text);

}  // namespace ebagent::agent
