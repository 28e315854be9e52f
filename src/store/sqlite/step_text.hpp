#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ebagent/result.hpp"
#include "store/store.hpp"

namespace ebagent::store::sqlite {

// The JSON text in which a run's row holds the steps that were put with it; empty when there are none. See
// docs/store-schema.md.
[[nodiscard]] std::string write_steps(std::span<const Step> steps);
// Reads it back. Io when it is damaged.
[[nodiscard]] Result<std::vector<Step>> read_steps(std::string_view run_id, std::string_view text);

}  // namespace ebagent::store::sqlite
