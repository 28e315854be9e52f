#include "pattern/path_trie.hpp"

#include <algorithm>
#include <utility>

namespace ebagent::pattern {

std::uint32_t PathTrie::child(std::uint32_t node, std::string_view name) const {
  if (edges_.empty()) return kNone;
  for (std::size_t at = place(node, name);; at = (at + 1) & (edges_.size() - 1)) {
    const Edge& edge = edges_[at];
    if (edge.child == kNone) return kNone;
    if (edge.parent == node && name_of(edge) == name) return edge.child;
  }
}

void PathTrie::insert(const Edge& edge) {
  std::size_t at = place(edge.parent, name_of(edge));
  while (edges_[at].child != kNone) at = (at + 1) & (edges_.size() - 1);
  edges_[at] = edge;
}

std::uint32_t PathTrie::descend(std::uint32_t node, std::string_view key) const {
  while (true) {
    const std::size_t dot = key.find('.');
    if (dot == std::string_view::npos) return child(node, key);
    node = child(node, key.substr(0, dot));
    if (node == kNone) return kNone;
    key.remove_prefix(dot + 1);
  }
}

std::uint32_t PathTrie::find(std::string_view path) const {
  std::uint32_t node = kRoot;
  while (true) {
    const std::size_t dot = path.find('.');
    node = child(node, path.substr(0, dot));
    if (node == kNone) return kNone;
    if (dot == std::string_view::npos) return nodes_[node].path;
    path.remove_prefix(dot + 1);
  }
}

std::uint32_t PathTrie::intern(std::string_view path) {
  constexpr std::size_t kFirstEdges = 16;
  std::uint32_t node = kRoot;
  while (true) {
    const std::size_t dot = path.find('.');
    const std::string_view name = path.substr(0, dot);
    std::uint32_t next = child(node, name);
    if (next == kNone) {
      if (2 * (edge_count_ + 1) > edges_.size()) {
        const std::vector<Edge> old = std::exchange(edges_, {});
        edges_.resize(old.empty() ? kFirstEdges : 2 * old.size());
        for (const Edge& edge : old) {
          if (edge.child != kNone) insert(edge);
        }
      }
      next = std::uint32_t(nodes_.size());
      nodes_.emplace_back();
      const auto begin = std::uint32_t(names_.size());
      names_.append(name);
      names_.push_back('"');
      insert({node, next, begin, std::uint32_t(name.size())});
      ++edge_count_;
    }
    node = next;
    if (dot == std::string_view::npos) break;
    path.remove_prefix(dot + 1);
  }
  if (nodes_[node].path == kNone) nodes_[node].path = std::uint32_t(path_count_++);
  return nodes_[node].path;
}

void PathTrie::finish() {
  for (Node& node : nodes_) node.child_count = 0;
  for (const Edge& edge : edges_) {
    if (edge.child != kNone) ++nodes_[edge.parent].child_count;
  }
  std::uint32_t first = 0;
  for (Node& node : nodes_) {
    node.first_child = first;
    first += node.child_count;
  }
  children_.resize(first);
  std::vector<std::uint32_t> next(nodes_.size());
  for (std::size_t i = 0; i < nodes_.size(); ++i) next[i] = nodes_[i].first_child;
  for (const Edge& edge : edges_) {
    if (edge.child == kNone) continue;
    Child& child = children_[next[edge.parent]++];
    nodes_[edge.parent].first_characters |= std::uint64_t{1} << (names_[edge.name_begin] & 63);
    const std::size_t head_size = std::min<std::size_t>(edge.name_size + 1, kHeadSize);
    child = {
        0,         ~std::uint64_t{0} >> (8 * (kHeadSize - head_size)), 0, edge.name_begin, edge.name_size,
        edge.child};
    if (edge.name_size >= kHeadSize) {
      std::memcpy(&child.tail, names_.data() + edge.name_begin + edge.name_size + 1 - kHeadSize, kHeadSize);
    }
    // A name that is always written with escapes is no plain key: nothing equals its head.
    if (name_of(edge).find_first_of("\"\\") != std::string_view::npos) {
      child.head_mask = 0;
      child.head = 1;
    } else {
      std::memcpy(&child.head, names_.data() + edge.name_begin, head_size);
    }
  }
}

}  // namespace ebagent::pattern
