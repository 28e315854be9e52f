#include "models/models.hpp"

#include <array>
#include <string>
#include <string_view>

#include "models/playbook.hpp"

namespace ebagent::models {
namespace {

struct Kind {
  std::string_view name;
  Result<std::unique_ptr<const Model>> (*make)(const AgentSpec& spec);
};

constexpr std::array kKinds{
    Kind{"playbook", [](const AgentSpec& spec) { return PlaybookModel::make(spec.playbook); }},
};

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

}  // namespace ebagent::models
