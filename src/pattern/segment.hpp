#pragma once

#include <atomic>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "pattern/checks.hpp"
#include "pattern/path_lookups.hpp"
#include "pattern/posting_table.hpp"
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

// What of the segments a snapshot sees.
struct View {
  std::uint64_t version = 0;
  bool has_removed = false;  // whether any entry may be removed
};

// An immutable index over some entries. Each alternative of each pattern is filed under one of its fields,
// the anchor; the anchors of an event name the candidates, and only these are verified.
class Segment {
 public:
  // `shared` is a trie to use when it has all the paths and not many more; may be null.
  Segment(std::vector<std::shared_ptr<Entry>> entries, std::shared_ptr<const PathTrie> shared);

  [[nodiscard]] std::span<const std::shared_ptr<Entry>> entries() const { return entries_; }
  // What the fields of an event must be collected with before match().
  [[nodiscard]] const std::shared_ptr<const PathTrie>& trie() const { return trie_; }

  // Appends the ids that match the event whose fields the workspace holds, as of `view`; an id may come twice.
  // Errors: LimitExceeded, see matches().
  [[nodiscard]] Result<void> match(Scratch::Workspace& workspace, const View& view) const;

 private:
  // What a filed alternative leads to when it matches.
  struct Owner {
    RuleId id;
    std::uint32_t entry;
  };
  struct Unfiled;

  [[nodiscard]] std::vector<std::uint32_t> find_paths(const std::vector<Unfiled>& all,
                                                      std::shared_ptr<const PathTrie> shared);
  void file(const Unfiled& unfiled, std::span<const std::uint32_t> paths,
            const std::vector<std::uint32_t>& uses);
  void find_candidates(Scratch::Workspace& workspace) const;

  std::vector<std::shared_ptr<Entry>> entries_;  // by id
  // Alternatives are filed in the order of their entries.
  std::vector<Owner> owners_;                // of each filed alternative
  std::vector<std::uint32_t> check_begins_;  // where its checks begin, and those of the last one end
  Checks checks_;
  std::shared_ptr<const PathTrie> trie_;
  std::vector<PathLookups> lookups_;  // per path
  PostingTable table_;
  std::vector<std::uint32_t> always_;  // accept absence for every field: no leaf need lead to them
};

}  // namespace ebagent::pattern
