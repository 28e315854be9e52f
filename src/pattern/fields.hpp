#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "pattern/path_trie.hpp"
#include "pattern/predicate.hpp"

namespace ebagent::pattern {

// An element of an array that holds objects or arrays. Element 0 stands for "in no array".
struct Element {
  std::uint32_t parent = 0;  // the element in which the array itself stands
  std::uint32_t array = 0;   // arrays count up from 0 over the whole event
};

// The leaves of one event at the paths of one trie, and the arrays they stand in. Buffers are reused from event
// to event.
class Fields {
 public:
  // Forgets the event before; room for the paths of `trie`.
  void reset(const PathTrie& trie) {
    for (const std::uint32_t path : touched_) values_[path].clear();
    touched_.clear();
    elements_.resize(1);
    array_count_ = 0;
    if (values_.size() < trie.path_count()) values_.resize(trie.path_count());
  }

  void add(std::uint32_t path, ValueType type, std::string_view text, std::string_view raw,
           std::uint32_t element) {
    std::vector<Value>& values = values_[path];
    if (values.empty()) touched_.push_back(path);
    values.emplace_back(type, text, raw, element);
  }
  std::uint32_t add_array() { return array_count_++; }
  std::uint32_t add_element(const Element& element) {
    elements_.push_back(element);
    return static_cast<std::uint32_t>(elements_.size() - 1);
  }

  [[nodiscard]] const std::vector<Value>& values(std::uint32_t path) const { return values_[path]; }
  // The paths that have values, each once.
  [[nodiscard]] const std::vector<std::uint32_t>& touched() const { return touched_; }
  [[nodiscard]] const std::vector<Element>& elements() const { return elements_; }
  [[nodiscard]] bool has_elements() const { return elements_.size() > 1; }
  [[nodiscard]] std::uint32_t array_count() const { return array_count_; }

 private:
  std::vector<std::vector<Value>> values_;
  std::vector<std::uint32_t> touched_;
  std::vector<Element> elements_{1};
  std::uint32_t array_count_ = 0;
};

}  // namespace ebagent::pattern
