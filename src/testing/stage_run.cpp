#include <algorithm>
#include <stdexcept>

#include "ebagent/testing.hpp"

namespace ebagent::testing {

std::vector<std::string> StageRun::steps() const {
  std::vector<std::string> names;
  for (const StageStep& step : journal) names.push_back(step.name);
  return names;
}

const StageStep& StageRun::step(std::string_view name) const {
  const auto found =
      std::find_if(journal.begin(), journal.end(), [&](const StageStep& step) { return step.name == name; });
  if (found == journal.end()) throw std::out_of_range("The run has no step \"" + std::string(name) + "\".");
  return *found;
}

std::vector<boost::json::value> StageRun::calls(std::string_view tool) const {
  std::vector<boost::json::value> arguments;
  for (const StageStep& step : journal) {
    if (step.tool == tool) arguments.push_back(step.input);
  }
  return arguments;
}

}  // namespace ebagent::testing
