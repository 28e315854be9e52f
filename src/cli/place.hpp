#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "ebagent/app.hpp"
#include "watch/bucket_watcher.hpp"

namespace ebagent::cli {

// The place that --data, --bucket and --config name.
[[nodiscard]] Place place_of(std::filesystem::path data, const std::vector<watch::WatchedBucket>& buckets,
                             const std::optional<std::filesystem::path>& config);

}  // namespace ebagent::cli
