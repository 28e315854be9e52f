#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "ebagent/model_settings.hpp"

namespace ebagent::agent {

// The price of a model: of its exact name, or of the longest pattern (with * for any characters) that it fits.
[[nodiscard]] std::optional<Price> price_of(const std::map<std::string, Price>& prices,
                                            std::string_view model);

}  // namespace ebagent::agent
