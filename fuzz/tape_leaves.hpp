#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pattern/event_tape.hpp"
#include "pattern/path_trie.hpp"
#include "pattern/predicate.hpp"

namespace ebagent::pattern {

// A leaf of an event where a pattern asks for one.
struct FoundLeaf {
  ValueType type;
  std::string_view text;
  std::string_view raw;

  bool operator==(const FoundLeaf&) const = default;
};

// The leaves of an event that was read strictly and wholly, for each path of a trie in the order of the text: what
// a walk, which skips and stops early, must find as well.
[[nodiscard]] std::vector<std::vector<FoundLeaf>> tape_leaves(const EventTape& tape, const PathTrie& trie);

}  // namespace ebagent::pattern
