#pragma once

#include <yaml-cpp/yaml.h>

#include "agent/yaml_reader.hpp"
#include "ebagent/flow_control.hpp"
#include "ebagent/result.hpp"

namespace ebagent::agent {

// The `flow` of an agent in agents.yaml:
//
//   flow:
//     concurrency: {limit: 2, key: $.detail.customerId}
//     throttle: {limit: 10, period: 1m, burst: 5, key: ...}
//     rate_limit: {limit: 1, period: 4h, key: ...}
//     debounce: {period: 30s, longest_wait: 10m, key: ...}
//     batch: {size: 100, longest_wait: 5s, key: ...}
//     singleton: {mode: skip, key: ...}                # or cancel_previous
//     cancel_on:
//       - pattern: {detail-type: [Order Cancelled]}
//         match: $.detail.orderId
//
// Malformed or InvalidArgument with FILE:LINE:COLUMN.
[[nodiscard]] Result<FlowControl> read_flow(const YAML::Node& node, const YamlReader& yaml);

}  // namespace ebagent::agent
