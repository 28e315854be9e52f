#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "pattern/program.hpp"
#include "pattern/workspace.hpp"

namespace ebagent::pattern {

// One pattern against one event, without an index. collect_fields() fills the workspace's fields and returns the path
// of each condition in them; decide() answers for one alternative then.
[[nodiscard]] std::vector<std::uint32_t> collect_fields(const Program& program, const CheckedEvent& event,
                                                        Scratch::Workspace& workspace);
[[nodiscard]] Verdict decide(const Program& program, std::size_t alternative,
                             const std::vector<std::uint32_t>& paths, Scratch::Workspace& workspace);

}  // namespace ebagent::pattern
