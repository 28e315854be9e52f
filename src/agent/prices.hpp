#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "ebagent/app.hpp"
#include "ebagent/model.hpp"
#include "ebagent/model_settings.hpp"

namespace ebagent::agent {

// The first price whose name matches the model's, in which "*" stands for any text; nothing when there is none.
[[nodiscard]] std::optional<Price> price_of(const std::vector<ModelPrice>& prices, std::string_view model);

// US dollars.
[[nodiscard]] double cost_of(const Usage& usage, const Price& price);

}  // namespace ebagent::agent
