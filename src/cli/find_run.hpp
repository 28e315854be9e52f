#pragma once

#include <string>

#include "ebagent/result.hpp"
#include "store/store.hpp"

namespace ebagent::cli {

// The run with this id, or the only one of the newest whose id begins so. NotFound, or InvalidArgument when several do.
[[nodiscard]] Result<store::Run> find_run(store::Store& store, const std::string& id);

}  // namespace ebagent::cli
