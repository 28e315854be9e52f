#include "pattern/predicate.hpp"

#include <algorithm>

namespace ebagent::pattern {

bool Predicate::accepts(const Value& value) const {
  const bool is_string = value.type == ValueType::String;
  switch (kind) {
    case PredicateKind::Text:
      return is_string && value.text == text;
    case PredicateKind::Literal:
      return !is_string && value.text == text;
    case PredicateKind::Number:
      return value.number && *value.number == low;
    case PredicateKind::AddressBlock:
      return value.address && block.contains(*value.address);
    case PredicateKind::Prefix:
      return is_string && value.text.starts_with(text);
    case PredicateKind::Suffix:
      return is_string && value.text.ends_with(text);
    case PredicateKind::Caseless:
      return is_string && caseless.equals(value.text);
    case PredicateKind::CaselessPrefix:
      return is_string && caseless.is_prefix_of(value.text);
    case PredicateKind::CaselessSuffix:
      return is_string && caseless.is_suffix_of(value.text);
    case PredicateKind::Wildcard:
      return is_string && wildcard.matches(value.text);
    case PredicateKind::Range:
      return value.number && (low_open ? *value.number > low : *value.number >= low) &&
             (high_open ? *value.number < high : *value.number <= high);
    case PredicateKind::Present:
      return true;
    case PredicateKind::Absent:
      return false;
    case PredicateKind::AnythingBut:
      return std::none_of(excluded.begin(), excluded.end(),
                          [&value](const Predicate& predicate) { return predicate.accepts(value); });
  }
  return false;
}

}  // namespace ebagent::pattern
