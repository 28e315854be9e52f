#include "pattern/fields.hpp"

#include "pattern/number.hpp"

namespace ebagent::pattern {

void Fields::collect(const EventTape& tape, const PathTrie& trie) {
  for (const std::uint32_t path : touched_) values_[path].clear();
  touched_.clear();
  elements_.assign(1, {});
  array_count_ = 0;
  if (values_.size() < trie.path_count()) values_.resize(trie.path_count());
  trie_ = &trie;
  collect_object(tape.nodes(), 0, {PathTrie::kRoot, 0});
}

// Recursion is as deep as the event, which the tape bounds.
void Fields::collect_object(const std::vector<TapeNode>& nodes, std::uint32_t index, Place place) {
  const std::uint32_t end = nodes[index].end;
  for (std::uint32_t member = index + 1; member < end; member = nodes[member].end) {
    const std::uint32_t below = trie_->descend(place.trie_node, nodes[member].key);
    if (below != kNone) collect_value(nodes, member, {below, place.element});
  }
}

void Fields::collect_value(const std::vector<TapeNode>& nodes, std::uint32_t index, Place place) {
  const TapeNode& node = nodes[index];
  if (node.type == Token::BeginObject) return collect_object(nodes, index, place);
  if (node.type != Token::BeginArray) return add_leaf(node, place);
  const std::uint32_t array = array_count_++;
  for (std::uint32_t member = index + 1; member < node.end; member = nodes[member].end) {
    const Token type = nodes[member].type;
    if (type != Token::BeginObject && type != Token::BeginArray) {
      add_leaf(nodes[member], place);
      continue;
    }
    elements_.push_back({place.element, array});
    collect_value(nodes, member, {place.trie_node, std::uint32_t(elements_.size() - 1)});
  }
}

void Fields::add_leaf(const TapeNode& node, Place place) {
  const std::uint32_t path = trie_->path_at(place.trie_node);
  if (path == kNone) return;
  Value value;
  value.text = node.text;
  value.raw = node.raw;
  value.element = place.element;
  if (node.type == Token::String) {
    value.type = ValueType::String;
    value.address = parse_address(node.text);
  } else if (node.type == Token::Number) {
    value.type = ValueType::Number;
    value.number = comparable_number(node.text);
  }
  std::vector<Value>& values = values_[path];
  if (values.empty()) touched_.push_back(path);
  values.push_back(value);
}

}  // namespace ebagent::pattern
