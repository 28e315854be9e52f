#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "ebagent/result.hpp"
#include "schedule/time_zone.hpp"

namespace ebagent::scheduler {

// The time zones of the system, each read once, when it is first asked for.
// Thread safety: find() may be called from any thread.
class Zones {
 public:
  // The folder that holds the compiled zone files.
  explicit Zones(std::filesystem::path folder = "/usr/share/zoneinfo") : folder_(std::move(folder)) {}

  // The zone of an IANA name, "Europe/Berlin"; "UTC" needs no file. Errors: NotFound when there is none,
  // Malformed when its file is damaged.
  [[nodiscard]] Result<std::shared_ptr<const schedule::TimeZone>> find(std::string_view name);

 private:
  const std::filesystem::path folder_;
  std::mutex mutex_;
  // As many as there are names in the folder, some 600. Guarded by mutex_.
  std::map<std::string, std::shared_ptr<const schedule::TimeZone>, std::less<>> known_;
};

}  // namespace ebagent::scheduler
