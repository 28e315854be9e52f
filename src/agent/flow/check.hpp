#pragma once

#include <chrono>

#include "ebagent/agent.hpp"
#include "ebagent/result.hpp"

namespace ebagent::agent::flow {

inline constexpr int kMaxBatchSize = 1'000;             // what one run can look at
inline constexpr int kMaxLimit = 1'000'000;             // beyond it, it is none
inline constexpr std::chrono::days kLongestPeriod{31};  // of everything that waits or counts

// Whether its mechanisms can be combined.
[[nodiscard]] Result<void> check_together(const FlowControl& flow);

// Whether an agent's flow control can be meant. InvalidArgument names the setting and says what it may be.
[[nodiscard]] Result<void> check(const AgentSpec& spec);

}  // namespace ebagent::agent::flow
