#pragma once

#include <map>
#include <string>
#include <vector>

#include "ebagent/testing.hpp"
#include "store/store.hpp"

namespace ebagent::testing {

// The tool of each call's step, by the step's name. A journal names steps; which tool it was is what the model's turns before
// it say, or, in a handler, the step's name without its number.
[[nodiscard]] std::map<std::string, std::string> tools_of_steps(const std::vector<store::Step>& steps);

// The steps as tests and reports read them.
[[nodiscard]] std::vector<StageStep> read_steps(const std::vector<store::Step>& steps);

// Whether a step is one that something outside of the run answered: a call of a tool or an agent, an event put.
[[nodiscard]] bool is_call(const StageStep& step);

}  // namespace ebagent::testing
