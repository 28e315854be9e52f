#pragma once

#include <memory>

#include "ebagent/agent.hpp"
#include "ebagent/model.hpp"
#include "ebagent/result.hpp"

namespace ebagent::models {

// The model that an agent names: the part of `spec.model` before a colon chooses the kind.
// NotFound lists the kinds there are; otherwise what the kind says of its part of the spec.
[[nodiscard]] Result<std::unique_ptr<const Model>> make_model(const AgentSpec& spec);

}  // namespace ebagent::models
