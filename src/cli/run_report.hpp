#pragma once

#include <boost/json/object.hpp>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

#include "ebagent/result.hpp"
#include "store/store.hpp"

namespace ebagent::cli {

// "running", "succeeded", "failed".
[[nodiscard]] std::string_view to_string(store::RunState state);
// "started", "succeeded", "failed".
[[nodiscard]] std::string_view to_string(store::StepState state);

// A run without its event and steps, and one of its steps, as JSON for programs.
[[nodiscard]] boost::json::object to_json(const store::Run& run);
[[nodiscard]] boost::json::object to_json(const store::Step& step);

// The run with this id, or the only one whose id begins so. NotFound, or InvalidArgument when there are several.
[[nodiscard]] Result<store::Run> find_run(store::Store& store, const std::string& id);

// The steps of a run with their times, for people; each line begins with `indent`.
void print_steps(std::ostream& out, const std::vector<store::Step>& steps, std::string_view indent);

}  // namespace ebagent::cli
