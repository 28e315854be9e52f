#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ebagent/pattern.hpp"
#include "pattern/path_trie.hpp"
#include "pattern/predicate.hpp"

namespace ebagent::pattern {

// What a pattern asks of one field: any of its predicates.
struct Condition {
  std::string path;                   // names joined with '.'
  std::string_view wants;             // the array as written, or its only member
  std::uint32_t members = 0;          // of that array
  std::uint32_t first_predicate = 0;  // in Program::predicates
  std::uint32_t predicate_count = 0;
  bool accepts_absence = false;  // one of the predicates is {"exists": false}
};

// The conditions of one alternative, all of which must hold: indexes into Program::conditions, by path.
using Alternative = std::span<const std::uint32_t>;

// A compiled pattern. Alternatives share conditions. Conditions and predicates view into the texts, so it is neither
// copied nor moved.
struct Program {
  Program() = default;
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  std::string json;                       // as given
  std::string decoded;                    // its strings that have escapes
  std::shared_ptr<const Program> source;  // whose texts are viewed into, when not its own
  std::vector<Condition> conditions;
  std::vector<Predicate> predicates;
  // Where in this vector each alternative ends, then the conditions of one alternative after the other.
  std::vector<std::uint32_t> alternatives;
  std::uint32_t alternative_count = 0;  // at least one
  bool has_wildcard = false;

  [[nodiscard]] Alternative alternative(std::size_t index) const {
    const std::size_t begin = index == 0 ? alternative_count : alternatives[index - 1];
    return std::span(alternatives).subspan(begin, alternatives[index] - begin);
  }
  // `conditions_of` has the conditions of each alternative.
  void set_alternatives(const std::vector<std::vector<std::uint32_t>>& conditions_of) {
    alternative_count = static_cast<std::uint32_t>(conditions_of.size());
    alternatives.resize(alternative_count);
    for (std::size_t i = 0; i < conditions_of.size(); ++i) {
      alternatives.insert(alternatives.end(), conditions_of[i].begin(), conditions_of[i].end());
      alternatives[i] = static_cast<std::uint32_t>(alternatives.size());
    }
    alternatives.shrink_to_fit();
  }
  [[nodiscard]] std::span<const Predicate> any_of(const Condition& condition) const {
    return std::span(predicates).subspan(condition.first_predicate, condition.predicate_count);
  }
};

}  // namespace ebagent::pattern
