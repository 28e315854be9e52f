#pragma once

#include <string>
#include <vector>

#include "bus/catalog.hpp"
#include "ebagent/app.hpp"
#include "ebagent/result.hpp"
#include "watch/bucket_watcher.hpp"

namespace ebagent::cli {

// The owner that rules put by the program itself carry in ManagedBy, so that they are not mistaken for a
// caller's and can be taken back when their reason is gone.
inline constexpr const char* kManagedBy = "eventbridge-agent";

// The ARN under which a bus finds an agent, or the whole app by its name.
[[nodiscard]] std::string function_arn(const bus::Scope& scope, const std::string& name);

// Makes the program's own rules on the default bus exactly these: one for each rule of the app in `rules`
// with its agents as targets, and one for each watched bucket with the whole app as its target. Rules of
// callers are not touched; one of the same name is an error.
Result<void> put_own_rules(bus::Catalog& catalog, const bus::Scope& scope, const std::string& app_name,
                           const std::vector<AppRule>& rules,
                           const std::vector<watch::WatchedBucket>& buckets);

}  // namespace ebagent::cli
