#pragma once

#include <cstdint>
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

  static constexpr std::uint32_t kRoot = 0;
  // The node below `node` for a key, which may itself contain dots; kNone when no pattern goes there.
  [[nodiscard]] std::uint32_t descend(std::uint32_t node, std::string_view key) const;
  // The id of the path that ends at `node`, kNone when none does.
  [[nodiscard]] std::uint32_t path_at(std::uint32_t node) const { return nodes_[node].path; }
  [[nodiscard]] std::size_t path_count() const { return path_count_; }

 private:
  struct Node {
    std::uint32_t path = kNone;
  };
  // An edge of the trie in an open hash table; `child` is kNone where the place is free.
  struct Edge {
    std::uint32_t parent = 0;
    std::uint32_t child = kNone;
    std::uint32_t name_begin = 0;  // in names_
    std::uint32_t name_size = 0;
  };

  [[nodiscard]] std::uint32_t child(std::uint32_t node, std::string_view name) const;
  [[nodiscard]] std::size_t place(std::uint32_t node, std::string_view name) const {
    return (std::hash<std::string_view>{}(name) ^ (std::size_t(node) * 0x9E3779B97F4A7C15ULL)) &
           (edges_.size() - 1);
  }
  void insert(const Edge& edge);
  [[nodiscard]] std::string_view name_of(const Edge& edge) const {
    return std::string_view(names_).substr(edge.name_begin, edge.name_size);
  }

  std::vector<Node> nodes_;
  std::vector<Edge> edges_;  // its size is a power of two, at most half full
  std::size_t edge_count_ = 0;
  std::string names_;
  std::size_t path_count_ = 0;
};

}  // namespace ebagent::pattern
