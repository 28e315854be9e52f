#pragma once

#include <memory>
#include <vector>

#include "ebagent/tool.hpp"
#include "tools/csv_loader.hpp"
#include "tools/object_store.hpp"

namespace ebagent::tools {

// Where summaries of loaded objects are stored, in the object's own bucket. Objects below it are never
// loaded: a result that triggered the next load would go on for ever.
inline constexpr std::string_view kProcessedPrefix = "processed/";

// load_csv (idempotent by bucket, key and content).
[[nodiscard]] std::vector<Tool> csv_tools(std::shared_ptr<CsvLoader> loader,
                                          std::shared_ptr<ObjectStore> objects);

}  // namespace ebagent::tools
