#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "ebagent/pattern.hpp"
#include "pattern/path_trie.hpp"
#include "pattern/predicate.hpp"

namespace ebagent::pattern {

// What a pattern asks of one field: any of the predicates.
struct Condition {
  std::string path;         // names joined with '.'
  std::string wants;        // the array as written, or its only member
  std::size_t members = 0;  // of that array
  std::vector<Predicate> any_of;
  bool accepts_absence = false;  // one of them is {"exists": false}
};

// One alternative of a pattern: all of its conditions, which are sorted by path.
struct Alternative {
  std::vector<std::shared_ptr<const Condition>> conditions;
  std::vector<std::uint32_t> paths;  // of each condition, in Program::trie
};

// A compiled pattern.
struct Program {
  std::string text;
  std::vector<Alternative> alternatives;  // at least one
  PathTrie trie;
  bool has_wildcard = false;
};

}  // namespace ebagent::pattern
