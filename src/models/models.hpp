#pragma once

#include <memory>
#include <string_view>

#include "ebagent/agent.hpp"
#include "ebagent/model.hpp"
#include "ebagent/model_settings.hpp"
#include "ebagent/result.hpp"
#include "models/model_ports.hpp"

namespace ebagent::models {

// The model that an agent names without settings: the part of `spec.model` before a colon chooses the kind.
// NotFound lists the kinds there are; otherwise what the kind says of its part of the spec.
[[nodiscard]] Result<std::unique_ptr<const Model>> make_model(const AgentSpec& spec);

// The model behind a service that `settings` describe. Keys and region are looked up at each turn, so that a configuration can
// be loaded where they are not. The ports' references must outlive the model.
// NotFound for a provider that there is not, listing those there are; InvalidArgument names the setting that cannot be.
[[nodiscard]] Result<std::shared_ptr<const Model>> make_model(const ModelSettings& settings,
                                                              const ModelPorts& ports);

// What the short form PROVIDER:MODEL stands for. NotFound as above; InvalidArgument when a part is missing.
[[nodiscard]] Result<ModelSettings> settings_of(std::string_view provider_and_model);

}  // namespace ebagent::models
