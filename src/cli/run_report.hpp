#pragma once

#include <iosfwd>
#include <string_view>
#include <vector>

#include "agent/run_view.hpp"
#include "cli/terminal.hpp"
#include "store/store.hpp"

namespace ebagent::cli {

using agent::to_json;
using agent::to_string;

[[nodiscard]] Style style_of(store::RunState state);

// The steps of a run with their times, for people; each line begins with `indent`.
void print_steps(std::ostream& out, const std::vector<store::Step>& steps, std::string_view indent);

}  // namespace ebagent::cli
