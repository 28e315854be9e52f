#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "aws/credential_source.hpp"
#include "core/ids.hpp"
#include "ebagent/agent.hpp"
#include "ebagent/clock.hpp"
#include "ebagent/model.hpp"
#include "ebagent/model_settings.hpp"
#include "ebagent/result.hpp"
#include "http/curl_client.hpp"
#include "secrets/redactor.hpp"

namespace ebagent::agent {

// The models that agents name, and what models behind services share: one HTTP client, one chain of credentials.
// Filled and asked by one thread, before events are processed; the models themselves bear many.
class ModelTable {
 public:
  // `redactor` may be null; it takes secrets out of what goes onto cassettes.
  ModelTable(std::shared_ptr<const Clock> clock, std::shared_ptr<core::Random> random,
             std::shared_ptr<const secrets::Redactor> redactor = nullptr);

  // AlreadyExists when there is a model of that name.
  Result<void> add(std::string name, std::shared_ptr<const Model> model);
  [[nodiscard]] bool has(const std::string& name) const { return models_.contains(name); }

  // The model that an agent names: one that was added, one of `named` (made when it is first asked for), a playbook, or
  // PROVIDER:MODEL. NotFound with what there is; otherwise what is wrong with its settings or playbook.
  [[nodiscard]] Result<std::shared_ptr<const Model>> find(const AgentSpec& spec,
                                                          const std::map<std::string, ModelSettings>& named);

 private:
  Result<std::shared_ptr<const Model>> make(const ModelSettings& settings);
  // Agents that name the same settings share a model, and with it a cassette.
  struct Made {
    ModelSettings settings;
    std::shared_ptr<const Model> model;
  };

  const std::shared_ptr<const Clock> clock_;
  const std::shared_ptr<core::Random> random_;
  const std::shared_ptr<const secrets::Redactor> redactor_;
  http::CurlClient http_;
  aws::CredentialChain credentials_;
  std::map<std::string, std::shared_ptr<const Model>> models_;  // that were added
  std::vector<Made> made_;                                      // of settings
};

}  // namespace ebagent::agent
