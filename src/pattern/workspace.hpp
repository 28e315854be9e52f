#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ebagent/pattern.hpp"
#include "pattern/event_tape.hpp"
#include "pattern/fields.hpp"
#include "pattern/selection.hpp"

namespace ebagent::pattern {

struct Scratch::Workspace {
  EventTape tape;
  Fields fields;
  Selection selection;
  std::vector<std::uint32_t> candidates;
  std::string folded;
  std::vector<RuleId> ids;
};

// The error of an event whose arrays are made so that deciding would take unreasonable work.
[[nodiscard]] Error too_hard();

}  // namespace ebagent::pattern
