#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "pattern/checks.hpp"
#include "pattern/path_trie.hpp"
#include "pattern/program.hpp"
#include "pattern/workspace.hpp"

namespace ebagent::pattern {

// One pattern against one event, without an index.
class SinglePattern {
 public:
  explicit SinglePattern(const Program& program);

  // Collects the fields of the event into the workspace.
  void read(const CheckedEvent& event, Scratch::Workspace& workspace) const;
  // Decides for one alternative of the event read last.
  [[nodiscard]] Verdict decide(std::size_t alternative, Scratch::Workspace& workspace) const;
  // The path of a condition in the fields.
  [[nodiscard]] std::uint32_t path(std::uint32_t condition) const { return paths_[condition]; }

 private:
  PathTrie trie_;
  std::vector<std::uint32_t> paths_;  // of each condition
  Checks checks_;
  std::vector<std::uint32_t> ends_;  // of the checks of each alternative
};

}  // namespace ebagent::pattern
