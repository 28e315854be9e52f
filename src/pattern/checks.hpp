#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "pattern/predicate.hpp"
#include "pattern/program.hpp"

namespace ebagent::pattern {

enum class CheckKind : std::uint8_t {
  Text,
  OtherThanText,
  Prefix,
  Suffix,
  Wildcard,
  Number,
  Range,
  OnePredicate,
  AnyPredicate
};

// What a rule asks of one field: 16 bytes that lead to the operand in Checks.
struct Check {
  std::uint32_t path = 0;
  CheckKind kind = CheckKind::AnyPredicate;
  bool accepts_absence = false;
  std::uint16_t order = 0;  // of the field among those of its alternative, by path
  std::uint32_t operand = 0;
  std::uint32_t size = 0;  // of a text or encoded wildcard
};

// The checks of many alternatives close together, so that verifying a candidate touches little memory. The programs
// they were made of must outlive them.
class Checks {
 public:
  // Appends the checks of an alternative, that of condition `last` behind the others, and returns where they begin.
  // `paths` are the path ids of its conditions.
  std::uint32_t add(const Program& program, Alternative alternative, std::span<const std::uint32_t> paths,
                    std::size_t last);
  // To be called after the last add().
  void finish();

  [[nodiscard]] std::span<const Check> range(std::uint32_t begin, std::uint32_t end) const {
    return std::span(checks_).subspan(begin, end - begin);
  }
  [[nodiscard]] std::uint32_t end() const { return static_cast<std::uint32_t>(checks_.size()); }

  // Asks for the memory of the checks that begin at `begin`.
  void prefetch(std::uint32_t begin) const { __builtin_prefetch(checks_.data() + begin); }

  // Whether a leaf satisfies a check.
  [[nodiscard]] bool accepts(const Check& check, const Value& value) const {
    switch (check.kind) {
      case CheckKind::Text:
        return value.is_string() && value.text() == text_of(check);
      case CheckKind::OtherThanText:
        return !value.is_string() || value.text() != text_of(check);
      case CheckKind::Prefix:
        return value.is_string() && value.text().starts_with(text_of(check));
      case CheckKind::Suffix:
        return value.is_string() && value.text().ends_with(text_of(check));
      case CheckKind::Wildcard:
        return value.is_string() && Wildcard::matches(text_of(check), value.text());
      case CheckKind::Number:
        return value.number() != nullptr && *value.number() == numbers_[check.operand];
      case CheckKind::Range:
        return value.number() != nullptr && ranges_[check.operand].contains(*value.number()) &&
               value.is_comparable();
      case CheckKind::OnePredicate:
        return predicates_[check.operand]->accepts(value);
      case CheckKind::AnyPredicate:
        break;
    }
    for (const Predicate& predicate : any_of_[check.operand]) {
      if (predicate.accepts(value)) return true;
    }
    return false;
  }

 private:
  [[nodiscard]] Check check_of(const Program& program, const Condition& condition);
  [[nodiscard]] std::uint32_t place_of(std::string_view text);
  [[nodiscard]] std::string_view text_of(const Check& check) const {
    return {texts_.data() + check.operand, check.size};
  }

  std::vector<Check> checks_;
  std::string texts_;
  std::vector<Number> numbers_;
  std::vector<NumberRange> ranges_;
  std::vector<const Predicate*> predicates_;
  std::vector<std::span<const Predicate>> any_of_;
  std::unordered_map<std::string_view, std::uint32_t> known_texts_;  // until finish()
};

}  // namespace ebagent::pattern
