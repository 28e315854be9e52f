#include "testing/run_record.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "core/json.hpp"
#include "models/turn_record.hpp"

namespace ebagent::testing {
namespace {

namespace json = boost::json;

json::value journalled(const std::string& text) {
  if (text.empty()) return nullptr;
  auto parsed = core::parse_json(text);
  return parsed ? std::move(parsed).assume_value() : json::value(text);
}

// As Journal::name_step() does.
std::string unique_name(const std::string& name, std::set<std::string>& used) {
  std::string unique = name;
  for (int n = 2; !used.insert(unique).second; ++n) unique = name + ":" + std::to_string(n);
  return unique;
}

std::string without_number(const std::string& name) {
  const auto colon = name.rfind(':');
  const bool has_number = colon != std::string::npos && colon + 1 < name.size() &&
                          name.find_first_not_of("0123456789", colon + 1) == std::string::npos;
  return has_number ? name.substr(0, colon) : name;
}

}  // namespace

std::map<std::string, std::string> tools_of_steps(const std::vector<store::Step>& steps) {
  std::map<std::string, std::string> tools;
  std::set<std::string> used;
  for (const store::Step& step : steps) {
    if (step.kind != "model" || step.output.empty()) continue;
    const auto turn = models::turn_from_record(journalled(step.output));
    if (!turn) continue;
    for (const ToolCall& call : turn.value().calls) {
      tools[unique_name(call.name.empty() ? call.tool : call.name, used)] = call.tool;
    }
  }
  return tools;
}

std::vector<StageStep> read_steps(const std::vector<store::Step>& steps) {
  const auto tools = tools_of_steps(steps);
  std::vector<StageStep> read;
  for (const store::Step& step : steps) {
    StageStep seen{.name = step.name,
                   .kind = step.kind,
                   .input = journalled(step.input),
                   .output = journalled(step.output),
                   .error = step.error,
                   .has_ended = step.state != store::StepState::Started,
                   .attempts = step.attempts};
    if (step.kind == "tool" || step.kind == "agent") {
      const auto known = tools.find(step.name);
      seen.tool = known == tools.end() ? without_number(step.name) : known->second;
    }
    read.push_back(std::move(seen));
  }
  return read;
}

bool is_call(const StageStep& step) {
  return step.kind == "tool" || step.kind == "agent";
}

}  // namespace ebagent::testing
