#pragma once

#include <cstdint>
#include <cstring>
#include <functional>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace ebagent::pattern {

constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();

// The paths that patterns name, split at every '.', so that {"a.b":..} and {"a":{"b":..}} are one path.
// Reading an event walks down the trie and leaves out whatever no pattern asks for.
class PathTrie {
 public:
  PathTrie() { nodes_.emplace_back(); }

  // The id of a path, made when new; ids count up from 0.
  std::uint32_t intern(std::string_view path);
  // Lays the children of each node out for walking; to be called after the last new path.
  void finish();
  // The id of a path, kNone when it was never interned.
  [[nodiscard]] std::uint32_t find(std::string_view path) const;

  static constexpr std::uint32_t kRoot = 0;
  // Whether the children of a node are few enough for child_at().
  [[nodiscard]] bool has_few_children(std::uint32_t node) const {
    return nodes_[node].child_count <= kFewChildren;
  }
  struct Found {
    std::uint32_t node = kNone;
    std::uint32_t name_size = 0;
  };
  // Of a node with few children the one whose name stands in `text` at `at`, its closing quote behind it, and the
  // size of the name; node kNone when none does.
  [[nodiscard]] Found child_at(std::uint32_t node, std::string_view text, std::size_t at) const {
    const Node& above = nodes_[node];
    if (((above.first_characters >> (text[at] & 63)) & 1) == 0) return {};
    const std::size_t rest = text.size() - at;
    std::uint64_t head = 0;
    if (rest >= kHeadSize) {
      std::memcpy(&head, text.data() + at, kHeadSize);
    } else {
      std::memcpy(&head, text.data() + at, rest);
    }
    const Child* const first = children_.data() + above.first_child;
    for (const Child* child = first; child != first + above.child_count; ++child) {
      if ((head & child->head_mask) != child->head) continue;
      if (child->name_size < kHeadSize || has_tail(*child, text, at)) return {child->node, child->name_size};
    }
    return {};
  }
  // The node below `node` for a name without dots; kNone when no pattern goes there.
  [[nodiscard]] std::uint32_t child(std::uint32_t node, std::string_view name) const;
  // The same for a key that may itself contain dots.
  [[nodiscard]] std::uint32_t descend(std::uint32_t node, std::string_view key) const;
  // The id of the path that ends at `node`, kNone when none does.
  [[nodiscard]] std::uint32_t path_at(std::uint32_t node) const { return nodes_[node].path; }
  [[nodiscard]] std::uint32_t child_count(std::uint32_t node) const { return nodes_[node].child_count; }
  [[nodiscard]] std::size_t path_count() const { return path_count_; }

 private:
  static constexpr std::size_t kHeadSize = 8;
  static constexpr std::uint32_t kFewChildren = 8;  // up to this many are compared one by one

  struct Node {
    std::uint32_t path = kNone;
    std::uint32_t first_child = 0;  // in children_
    std::uint32_t child_count = 0;
    std::uint64_t first_characters = 0;  // a bit for the last six bits of each child's first character
  };
  struct Child {
    std::uint64_t head;       // the first bytes of the name and its closing quote, zeros behind a shorter one
    std::uint64_t head_mask;  // all ones where `head` has bytes
    std::uint64_t tail;       // the last eight bytes of what is longer, quote included
    std::uint32_t name_begin;
    std::uint32_t name_size;
    std::uint32_t node;
  };
  // An edge of the trie in an open hash table; `child` is kNone where the place is free.
  struct Edge {
    std::uint32_t parent = 0;
    std::uint32_t child = kNone;
    std::uint32_t name_begin = 0;  // in names_
    std::uint32_t name_size = 0;
  };

  // Whether a name of eight bytes or more, of which the first eight stand at `at`, stands there wholly.
  [[nodiscard]] bool has_tail(const Child& child, std::string_view text, std::size_t at) const {
    const std::size_t quoted_size = child.name_size + 1;
    if (quoted_size > text.size() - at) return false;
    std::uint64_t tail = 0;
    std::memcpy(&tail, text.data() + at + quoted_size - kHeadSize, kHeadSize);
    return tail == child.tail &&
           (quoted_size <= 2 * kHeadSize ||
            std::memcmp(names_.data() + child.name_begin + kHeadSize, text.data() + at + kHeadSize,
                        quoted_size - 2 * kHeadSize) == 0);
  }
  [[nodiscard]] std::size_t place(std::uint32_t node, std::string_view name) const {
    return (std::hash<std::string_view>{}(name) ^ (std::size_t(node) * 0x9E3779B97F4A7C15ULL)) &
           (edges_.size() - 1);
  }
  void insert(const Edge& edge);
  [[nodiscard]] std::string_view name_of(const Edge& edge) const {
    return std::string_view(names_).substr(edge.name_begin, edge.name_size);
  }

  std::vector<Node> nodes_;
  std::vector<Child> children_;
  std::vector<Edge> edges_;  // its size is a power of two, at most half full
  std::size_t edge_count_ = 0;
  std::string names_;  // each with a closing quote behind it
  std::size_t path_count_ = 0;
};

}  // namespace ebagent::pattern
