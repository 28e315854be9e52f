#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "ebagent/result.hpp"
#include "ebagent/tool.hpp"
#include "tools/database.hpp"

namespace ebagent::tools {

// A statement that a tool runs; its parameters (:name) are the tool's arguments.
struct SqlCall {
  std::shared_ptr<Database> database = {};
  std::string statement = {};
  Effect effect = Effect::Once;  // Read: a statement that would change the database is refused
  std::chrono::milliseconds timeout{10'000};
  std::size_t row_limit = 1'000;
};

// The names of a statement's parameters as they stand in its text, each once; what is in quotes or comments is none.
// InvalidArgument for parameters without a name (?, ?1) and other marks than ':' (@name, $name).
[[nodiscard]] Result<std::vector<std::string>> sql_parameters(std::string_view statement);

// Runs the statement in a transaction of its own and gives {"rows", "count", "is_truncated"}, and of one that changes things
// {"changed"}. An argument that is not given is NULL; arrays and objects are bound as their JSON.
[[nodiscard]] Tool::Function sql_function(SqlCall call);

}  // namespace ebagent::tools
