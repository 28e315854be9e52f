#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "ebagent/app.hpp"
#include "ebagent/model_settings.hpp"

namespace ebagent::agent {

// The price of a model: of its exact name, or of the longest pattern (with * for any characters) that it fits.
[[nodiscard]] std::optional<Price> price_of(const std::map<std::string, Price>& prices,
                                            std::string_view model);

// That of the model that an agent names: what its settings call it counts, if it has some.
[[nodiscard]] std::optional<Price> price_of(const AppSettings& settings, const std::string& agents_model);

}  // namespace ebagent::agent
