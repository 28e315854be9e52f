#pragma once

#include <memory>
#include <vector>

#include "ebagent/tool.hpp"
#include "tools/object_store.hpp"

namespace ebagent::tools {

// s3_get, s3_head, s3_list (read) and s3_put (idempotent: the same bytes under the same key are the same
// object).
[[nodiscard]] std::vector<Tool> s3_tools(std::shared_ptr<ObjectStore> objects);

}  // namespace ebagent::tools
