#include "cli/place.hpp"

namespace ebagent::cli {

Place place_of(std::filesystem::path data, const std::vector<watch::WatchedBucket>& buckets,
               const std::optional<std::filesystem::path>& config) {
  Place place{.data = std::move(data), .buckets = {}, .config = config};
  for (const auto& bucket : buckets) place.buckets[bucket.name] = bucket.dir;
  return place;
}

}  // namespace ebagent::cli
