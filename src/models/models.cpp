#include "models/models.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>

#include "models/anthropic.hpp"
#include "models/bedrock.hpp"
#include "models/cassette.hpp"
#include "models/openai.hpp"
#include "models/playbook.hpp"
#include "models/service_model.hpp"

namespace ebagent::models {
namespace {

struct Kind {
  std::string_view name;
  Result<std::unique_ptr<const Model>> (*make)(const AgentSpec& spec);
};

constexpr std::array kKinds{
    Kind{"playbook", [](const AgentSpec& spec) { return PlaybookModel::make(spec.playbook); }},
};

struct Provider {
  std::string_view name;
  Result<std::unique_ptr<const Protocol>> (*make)(const ModelSettings& settings, const ModelPorts& ports);
};

constexpr std::array kProviders{
    Provider{"anthropic",
             [](const ModelSettings& settings, const ModelPorts& ports) {
               return AnthropicProtocol::make(settings, ports.environment);
             }},
    Provider{"bedrock", [](const ModelSettings& settings,
                           const ModelPorts& ports) { return BedrockProtocol::make(settings, ports); }},
    Provider{"openai",
             [](const ModelSettings& settings, const ModelPorts& ports) {
               return OpenAiProtocol::make(settings, ports.environment);
             }},
};

constexpr int kMaxAttempts = 20;
constexpr double kMaxTemperature = 2;
constexpr std::chrono::hours kMaxTimeout{1};

Result<const Provider*> provider_named(std::string_view name) {
  std::string known;
  for (const Provider& provider : kProviders) {
    if (provider.name == name) return &provider;
    known.append(known.empty() ? "" : ", ").append(provider.name);
  }
  return fail(ErrorCode::NotFound,
              "There is no provider \"" + std::string{name} + "\" of models; there are: " + known + ".");
}

Result<void> check(const ModelSettings& settings) {
  const auto refuse = [](std::string_view setting, std::string_view why) {
    return fail(ErrorCode::InvalidArgument,
                "A model's " + std::string{setting} + " " + std::string{why} + ".");
  };
  if (settings.model.empty()) return refuse("model", "must be named as its service names it");
  if (settings.max_tokens < 1) return refuse("max_tokens", "must be 1 or more");
  if (settings.temperature && !(*settings.temperature >= 0 && *settings.temperature <= kMaxTemperature)) {
    return refuse("temperature", "must be from 0 to 2");
  }
  if (settings.timeout < std::chrono::seconds{1} || settings.timeout > kMaxTimeout) {
    return refuse("timeout", "must be from 1 second to 1 hour");
  }
  if (settings.attempts < 1 || settings.attempts > kMaxAttempts) {
    return refuse("attempts", "must be from 1 to " + std::to_string(kMaxAttempts));
  }
  if (!settings.extra.is_null() && !settings.extra.is_object()) return refuse("extra", "must be an object");
  const bool has_guardrail = !settings.guardrail_id.empty() || !settings.guardrail_version.empty();
  if (has_guardrail && settings.provider != "bedrock")
    return refuse("guardrail", "is a thing of bedrock only");
  if (settings.guardrail_id.empty() && has_guardrail)
    return refuse("guardrail_version", "needs a guardrail_id");
  if (!settings.region.empty() && settings.provider != "bedrock") {
    return refuse("region", "is a thing of bedrock only");
  }
  return success();
}

}  // namespace

Result<std::unique_ptr<const Model>> make_model(const AgentSpec& spec) {
  const std::string_view name = std::string_view(spec.model).substr(0, spec.model.find(':'));
  std::string known;
  for (const Kind& kind : kKinds) {
    if (kind.name == name) return kind.make(spec);
    known.append(known.empty() ? "" : ", ").append(kind.name);
  }
  return fail(ErrorCode::NotFound, "There is no model \"" + spec.model + "\"; there is: " + known + ".");
}

Result<std::shared_ptr<const Model>> make_model(const ModelSettings& settings, const ModelPorts& ports) {
  BOOST_OUTCOME_TRY(const auto* const provider, provider_named(settings.provider));
  BOOST_OUTCOME_TRYV(check(settings));
  BOOST_OUTCOME_TRY(auto protocol, provider->make(settings, ports));
  return with_cassette(std::make_shared<const ServiceModel>(settings, std::move(protocol), ports),
                       settings.cassette, ports.environment("EBAGENT_CASSETTE_MODE"), ports.redact);
}

Result<ModelSettings> settings_of(std::string_view provider_and_model) {
  const std::size_t colon = provider_and_model.find(':');
  BOOST_OUTCOME_TRY(const auto* const provider, provider_named(provider_and_model.substr(0, colon)));
  ModelSettings settings{.provider = std::string{provider->name}};
  if (colon != std::string_view::npos) settings.model = provider_and_model.substr(colon + 1);
  BOOST_OUTCOME_TRYV(check(settings));
  return settings;
}

}  // namespace ebagent::models
