#include "fuzz/tape_leaves.hpp"

#include <cstddef>
#include <cstdint>

namespace ebagent::pattern {
namespace {

bool is_container(const TapeNode& node) {
  return node.type == Token::BeginObject || node.type == Token::BeginArray;
}

ValueType type_of(const TapeNode& node) {
  if (node.type == Token::String) return ValueType::String;
  return node.type == Token::Number ? ValueType::Number : ValueType::Word;
}

// Paths are joined and looked up whole, unlike in the walks, which go down the trie name by name. As deep as the
// event, which checking bounds.
void collect(const std::vector<TapeNode>& nodes, std::uint32_t container, std::string& path,
             const PathTrie& trie, std::vector<std::vector<FoundLeaf>>& out) {
  for (std::uint32_t i = container + 1; i < nodes[container].end; i = nodes[i].end) {
    const std::size_t outer_size = path.size();
    if (nodes[container].type == Token::BeginObject)
      path.append(container == 0 ? "" : ".").append(nodes[i].key);
    if (is_container(nodes[i])) {
      collect(nodes, i, path, trie, out);
    } else if (const std::uint32_t id = trie.find(path); id != kNone) {
      out[id].push_back({type_of(nodes[i]), nodes[i].text, nodes[i].raw});
    }
    path.resize(outer_size);
  }
}

}  // namespace

std::vector<std::vector<FoundLeaf>> tape_leaves(const EventTape& tape, const PathTrie& trie) {
  std::vector<std::vector<FoundLeaf>> out(trie.path_count());
  std::string path;
  collect(tape.nodes(), 0, path, trie, out);
  return out;
}

}  // namespace ebagent::pattern
