#pragma once

#include <string>

#include "ebagent/pattern.hpp"
#include "pattern/fields.hpp"
#include "pattern/path_trie.hpp"

namespace ebagent::pattern {

// Walks the text of a checked event once and collects the leaves at the paths of a trie. Whatever no path leads to
// is skipped by its brackets and quotes alone, 64 characters at a time, and where the event's keys are plain the
// walk ends when every path was met. `decoded` takes strings with escapes; the leaves view into it and into the
// event. How it works: docs/pattern-engine.md.
void walk_event(const CheckedEvent& event, const PathTrie& trie, Fields& fields, std::string& decoded);

// The same for one kind of processor; null where this processor lacks the instructions.
using EventWalk = void (*)(const CheckedEvent& event, const PathTrie& trie, Fields& fields,
                           std::string& decoded);
[[nodiscard]] EventWalk event_walk_avx512();
[[nodiscard]] EventWalk event_walk_avx2();
[[nodiscard]] EventWalk event_walk_portable();

}  // namespace ebagent::pattern
