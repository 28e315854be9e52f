#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "pattern/checks.hpp"
#include "pattern/fields.hpp"

namespace ebagent::pattern {

enum class Verdict : std::uint8_t { No, Yes, TooHard };

// Decides whether the leaves of an event satisfy one alternative of a pattern with one consistent selection
// of array elements: at most one element of each array, fields only from selected elements. Keeps buffers
// between calls.
class Selection {
 public:
  // Begins another event: what deciding its alternatives may cost is counted anew. Past it, those that need a search
  // are too hard.
  void begin_event() { steps_ = 0; }

  // `checks` are those of the alternative, of `table`; their paths are of the trie that `fields` was collected with.
  [[nodiscard]] Verdict decide(std::span<const Check> checks, const Checks& table, const Fields& fields);

 private:
  // A check with leaves at its path that is not satisfied by one outside all arrays.
  struct Choice {
    const std::vector<Value>* values = nullptr;  // all leaves at its path
    std::uint32_t first = 0;                     // its elements in candidates_
    std::uint32_t last = 0;
    bool accepts_absence = false;
    std::uint16_t order = 0;  // of the field, by path
  };

  [[nodiscard]] Verdict decide_in_arrays(std::span<const Check> checks, const Checks& table,
                                         const Fields& fields, bool needs_all);
  [[nodiscard]] bool add_choice(const Check& check, const Checks& table, const std::vector<Value>& values,
                                bool keep_all);
  [[nodiscard]] bool search(std::size_t index);
  [[nodiscard]] bool is_consistent(std::uint32_t element) const;
  [[nodiscard]] bool is_absent(const Choice& choice);
  void select(std::uint32_t element);
  void undo(std::size_t trail_size);

  const Fields* fields_ = nullptr;  // of the event being decided
  std::vector<Choice> choices_;
  std::vector<std::uint32_t> candidates_;
  std::vector<std::uint32_t> selected_;  // per array its selected element, 0 for none
  std::vector<std::uint32_t> trail_;     // arrays with a selection, in order
  std::size_t steps_ = 0;                // spent on this event
};

}  // namespace ebagent::pattern
