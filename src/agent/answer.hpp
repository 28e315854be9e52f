#pragma once

#include <boost/json/value.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace ebagent::agent {

// The JSON value that a model's text holds: all of it, or a fenced block in it; nullopt when it holds none.
[[nodiscard]] std::optional<boost::json::value> json_in(std::string_view text);

}  // namespace ebagent::agent
