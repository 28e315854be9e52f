#pragma once

#include <boost/json/value.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "ebagent/result.hpp"

namespace ebagent::agent {

// Whether a value may be the answer of an agent. InvalidArgument names every violation by its JSON pointer.
[[nodiscard]] Result<void> check_answer(const boost::json::value& output_schema,
                                        const boost::json::value& answer);

// The JSON value that a model's text holds: all of it, or a fenced block in it; nullopt when it holds none.
[[nodiscard]] std::optional<boost::json::value> json_in(std::string_view text);

}  // namespace ebagent::agent
