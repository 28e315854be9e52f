#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "ebagent/pattern.hpp"
#include "pattern/candidate_set.hpp"
#include "pattern/event_tape.hpp"
#include "pattern/fields.hpp"
#include "pattern/quick_check.hpp"
#include "pattern/selection.hpp"

namespace ebagent::pattern {

struct Scratch::Workspace {
  QuickCheck quick_check;
  EventTape tape;
  std::vector<std::string_view> keys;  // while an event is checked
  std::string decoded;
  Fields fields;
  CandidateSet candidates;
  Selection selection;
  std::vector<RuleId> ids;

  // What match() saw last, so that a rule set that did not change is not asked for its snapshot again.
  std::shared_ptr<const void> snapshot;
  std::uint64_t snapshot_version = 0;

  // Begins to tell first visits of lists below `end` from later ones.
  void new_round(std::size_t end) {
    if (visited_.size() < end) visited_.resize(end);
    ++round_;
  }
  bool is_first_visit(std::uint32_t list) {
    if (visited_[list] == round_) return false;
    visited_[list] = round_;
    return true;
  }

 private:
  std::vector<std::uint64_t> visited_;  // per list the round of its last visit
  std::uint64_t round_ = 0;
};

// The error of an event whose arrays are made so that deciding would take unreasonable work.
[[nodiscard]] Error too_hard();

}  // namespace ebagent::pattern
