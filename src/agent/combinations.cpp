#include "agent/combinations.hpp"

#include <algorithm>
#include <functional>
#include <string>

namespace ebagent::agent {
namespace {

const AllowedTool* first(const std::vector<AllowedTool>& tools,
                         const std::function<bool(const AllowedTool&)>& is_one) {
  const auto found = std::find_if(tools.begin(), tools.end(), is_one);
  return found == tools.end() ? nullptr : &*found;
}

bool is_asked_for(const AllowedTool& tool) {
  return tool.use->approval.value_or(tool.tool.options().approval) != Approval::Never;
}

// Whether the configuration says where the tool acts, and not whoever wrote what the model read.
bool has_fixed_destination(const AgentSpec& agent, const AllowedTool& tool) {
  const auto& destinations = tool.tool.options().traits.destinations;
  return !destinations.empty() &&
         std::all_of(destinations.begin(), destinations.end(), [&](const std::string& argument) {
           if (tool.use->constraints.contains(argument)) return true;
           const auto bound = tool.use->bind.find(argument);
           return bound != tool.use->bind.end() && (bound->second.from.empty() || agent.trusts_events);
         });
}

std::string joined(const std::vector<std::string>& names) {
  std::string all;
  for (const std::string& name : names) all += (all.empty() ? "" : ", ") + name;
  return all;
}

}  // namespace

Result<void> check_combinations(const AgentSpec& agent, const std::vector<AllowedTool>& tools) {
  const AllowedTool* bringer =
      first(tools, [](const auto& tool) { return tool.tool.options().traits.brings_untrusted; });
  const AllowedTool* reader =
      first(tools, [](const auto& tool) { return tool.tool.options().traits.reads_sensitive; });
  const AllowedTool* way_out = first(tools, [&](const auto& tool) {
    return tool.tool.options().traits.acts_outside && !is_asked_for(tool) &&
           !has_fixed_destination(agent, tool);
  });
  const bool reads_strangers = !agent.trusts_events || bringer != nullptr;
  if (!reads_strangers || reader == nullptr || way_out == nullptr) return success();
  const std::string out = "\"" + way_out->tool.name() + "\"";
  const auto& destinations = way_out->tool.options().traits.destinations;
  return fail(
      ErrorCode::InvalidArgument,
      "Agent \"" + agent.name + "\" could be talked into giving away what it should not: " +
          (agent.trusts_events ? "tool \"" + bringer->tool.name() + "\" brings it text of strangers"
                               : "its events may be written by strangers") +
          ", tool \"" + reader->tool.name() + "\" reads sensitive data, and tool " + out +
          " acts outside without anyone being asked. Do one of these: say approval: required or approval: "
          "when-tainted for " +
          out +
          (destinations.empty() ? "" : "; bind its " + joined(destinations) + " to a value or constrain it") +
          "; take one of the tools from the agent" +
          (agent.trusts_events || bringer != nullptr
               ? "."
               : "; or, if only those whom it may obey write its events, say trusts_events: true."));
}

}  // namespace ebagent::agent
