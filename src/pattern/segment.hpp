#pragma once

#include <atomic>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "pattern/path_index.hpp"
#include "pattern/program.hpp"
#include "pattern/workspace.hpp"

namespace ebagent::pattern {

// One pattern of a RuleSet. Snapshots of a version before `removed_at` still hold it.
struct Entry {
  Entry(RuleId rule, Pattern added) : id(rule), pattern(std::move(added)) {}

  RuleId id;
  Pattern pattern;
  std::atomic<std::uint64_t> removed_at{std::numeric_limits<std::uint64_t>::max()};
};

// An immutable index over some entries. Each alternative of each pattern is filed under one of its fields,
// the anchor; the anchors of an event name the candidates, and only these are verified.
class Segment {
 public:
  explicit Segment(std::vector<std::shared_ptr<Entry>> entries);

  [[nodiscard]] std::span<const std::shared_ptr<Entry>> entries() const { return entries_; }

  // Appends the ids that match the event on the workspace's tape, as of `version`; an id may come twice.
  // Errors: LimitExceeded, see matches().
  [[nodiscard]] Result<void> match(Scratch::Workspace& workspace, std::uint64_t version) const;

 private:
  struct Filed {
    std::uint32_t entry;
    std::uint32_t alternative;
    std::uint32_t paths;  // where the ids of its fields' paths begin in paths_
  };

  void file(std::uint32_t filed, const std::vector<std::uint32_t>& uses);

  std::vector<std::shared_ptr<Entry>> entries_;
  std::vector<Filed> filed_;  // alternatives of one entry stand together
  std::vector<std::uint32_t> paths_;
  PathTrie trie_;
  std::vector<PathIndex> indexes_;  // per path
  Postings always_;                 // accept absence for every field: no leaf need lead to them
};

}  // namespace ebagent::pattern
