#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "ebagent/clock.hpp"
#include "ebagent/result.hpp"
#include "tools/database.hpp"

namespace ebagent::tools {

// A group of machines and how many of them there should be.
struct Capacity {
  std::string group;
  std::int64_t min = 0;
  std::int64_t max = 0;
  std::int64_t desired = 0;
  bool is_simulated = false;  // no machine stands behind these numbers
};

// What a request to grow came to.
struct ScalingActivity {
  std::int64_t before = 0;  // desired capacity
  Capacity after;
  bool is_at_max = false;  // the group's maximum allowed less than was asked for, or nothing
};

// Groups that can grow, as Amazon EC2 Auto Scaling has them; a group's minimum and maximum always hold.
// Errors: NotFound for a group that does not exist, InvalidArgument for a number that makes no sense.
// Thread safety: every member may be called from any thread.
class Scaling {
 public:
  virtual ~Scaling() = default;
  [[nodiscard]] virtual Result<Capacity> describe(std::string_view group) = 0;
  // Adds `by` (1 or more) to the desired capacity, as far as the maximum. A key used before changes nothing
  // and gives the activity of the first time.
  [[nodiscard]] virtual Result<ScalingActivity> scale_out(std::string_view idempotency_key,
                                                          std::string_view group, std::int64_t by,
                                                          std::string_view reason, TimePoint now) = 0;
};

// Groups as rows of a table: the stand-in on a machine without an account.
class LocalScaling final : public Scaling {
 public:
  [[nodiscard]] static Result<std::unique_ptr<LocalScaling>> open(std::shared_ptr<Database> database);

  // Makes a group unless it exists.
  [[nodiscard]] Result<void> create_group(const Capacity& capacity);

  [[nodiscard]] Result<Capacity> describe(std::string_view group) override;
  [[nodiscard]] Result<ScalingActivity> scale_out(std::string_view idempotency_key, std::string_view group,
                                                  std::int64_t by, std::string_view reason,
                                                  TimePoint now) override;

 private:
  explicit LocalScaling(std::shared_ptr<Database> database) : database_(std::move(database)) {}

  const std::shared_ptr<Database> database_;
};

}  // namespace ebagent::tools
