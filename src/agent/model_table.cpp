#include "agent/model_table.hpp"

#include <string_view>
#include <utility>
#include <vector>

#include "agent/near_names.hpp"
#include "aws/environment.hpp"
#include "models/models.hpp"

namespace ebagent::agent {
namespace {

constexpr std::string_view kPlaybook = "playbook";

}  // namespace

ModelTable::ModelTable(std::shared_ptr<const Clock> clock, std::shared_ptr<core::Random> random,
                       std::shared_ptr<const secrets::Redactor> redactor)
    : clock_(std::move(clock)),
      random_(std::move(random)),
      redactor_(std::move(redactor)),
      credentials_(aws::default_sources(aws::process_environment()), *clock_) {}

Result<void> ModelTable::add(std::string name, std::shared_ptr<const Model> model) {
  if (models_.contains(name)) {
    return fail(ErrorCode::AlreadyExists, "There are two models named \"" + name + "\"; names are unique.");
  }
  models_.emplace(std::move(name), std::move(model));
  return success();
}

Result<std::shared_ptr<const Model>> ModelTable::find(const AgentSpec& spec,
                                                      const std::map<std::string, ModelSettings>& named) {
  if (const auto found = models_.find(spec.model); found != models_.end()) return found->second;
  if (const auto settings = named.find(spec.model); settings != named.end()) return make(settings->second);
  // A playbook is the agent's own.
  if (spec.model == kPlaybook) {
    BOOST_OUTCOME_TRY(auto model, models::make_model(spec));
    return std::shared_ptr<const Model>(std::move(model));
  }
  if (spec.model.find(':') == std::string::npos) {
    std::vector<std::string> known{std::string(kPlaybook)};
    for (const auto& [name, model] : models_) known.push_back(name);
    for (const auto& [name, settings] : named) known.push_back(name);
    return fail(ErrorCode::NotFound,
                "There is no model \"" + spec.model + "\"." + hint_for(spec.model, known) +
                    " Models of services are named under `models`, or are PROVIDER:MODEL.");
  }
  BOOST_OUTCOME_TRY(const auto settings, models::settings_of(spec.model));
  return make(settings);
}

Result<std::shared_ptr<const Model>> ModelTable::make(const ModelSettings& settings) {
  for (const Made& made : made_) {
    if (made.settings == settings) return made.model;
  }
  models::ModelPorts ports{.http = http_, .clock = *clock_, .random = *random_, .credentials = credentials_};
  if (redactor_ != nullptr) {
    ports.redact = [redactor = redactor_](boost::json::value value) {
      return redactor->redact(std::move(value));
    };
  }
  BOOST_OUTCOME_TRY(auto model, models::make_model(settings, ports));
  made_.push_back({settings, model});
  return model;
}

}  // namespace ebagent::agent
