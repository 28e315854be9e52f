#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ebagent::agent::flow {

// The rule that brings the events of an agent's n-th cancel_on (from 0): AGENT-cancel-1 ...
[[nodiscard]] inline std::string cancel_rule_name(std::string_view agent, std::size_t n) {
  return std::string(agent) + "-cancel-" + std::to_string(n + 1);
}

// Why a run waits or was skipped, as its stop_reason.
inline constexpr std::string_view kThrottle = "throttle";
inline constexpr std::string_view kRateLimit = "rate_limit";
inline constexpr std::string_view kDebounce = "debounce";
inline constexpr std::string_view kBatch = "batch";
inline constexpr std::string_view kSingleton = "singleton";

}  // namespace ebagent::agent::flow
