#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "pattern/event_tape.hpp"
#include "pattern/path_trie.hpp"
#include "pattern/predicate.hpp"

namespace ebagent::pattern {

// An element of an array that holds objects or arrays. Element 0 stands for "in no array".
struct Element {
  std::uint32_t parent = 0;  // the element in which the array itself stands
  std::uint32_t array = 0;   // arrays count up from 0 over the whole event
};

// The leaves of one event at the paths of one trie. Buffers are reused from event to event.
class Fields {
 public:
  // Walks the tape once; whatever the trie does not name is left out.
  void collect(const EventTape& tape, const PathTrie& trie);

  [[nodiscard]] const std::vector<Value>& values(std::uint32_t path) const { return values_[path]; }
  // The paths that have values, each once.
  [[nodiscard]] const std::vector<std::uint32_t>& touched() const { return touched_; }
  [[nodiscard]] const std::vector<Element>& elements() const { return elements_; }
  [[nodiscard]] std::uint32_t array_count() const { return array_count_; }

 private:
  struct Place {
    std::uint32_t trie_node;
    std::uint32_t element;
  };

  void collect_object(const std::vector<TapeNode>& nodes, std::uint32_t index, Place place);
  void collect_value(const std::vector<TapeNode>& nodes, std::uint32_t index, Place place);
  void add_leaf(const TapeNode& node, Place place);

  const PathTrie* trie_ = nullptr;  // set while collecting
  std::vector<std::vector<Value>> values_;
  std::vector<std::uint32_t> touched_;
  std::vector<Element> elements_;
  std::uint32_t array_count_ = 0;
};

}  // namespace ebagent::pattern
