#include "pattern/predicate.hpp"

#include <algorithm>

namespace ebagent::pattern {

void Value::find_number() const {
  number_state_ = Known::No;
  if (type_ != ValueType::Number) return;
  if (const auto number = number_of(text_)) {
    number_ = *number;
    number_state_ = Known::Yes;
  }
}

void Value::find_address() const {
  address_state_ = Known::No;
  if (type_ != ValueType::String) return;
  if (const auto address = parse_address(text_)) {
    address_ = *address;
    address_state_ = Known::Yes;
  }
}

bool Predicate::accepts(const Value& value) const {
  const std::string_view text = value.text();
  switch (kind_) {
    case PredicateKind::Text:
      return value.is_string() && text == this->text();
    case PredicateKind::Literal:
      return !value.is_string() && text == this->text();
    case PredicateKind::Number:
      // What a pattern says takes part in numeric matching, so an equal number does as well.
      return value.number() != nullptr && *value.number() == number();
    case PredicateKind::AddressBlock:
      return value.address() != nullptr && block().contains(*value.address());
    case PredicateKind::Prefix:
      return value.is_string() && text.starts_with(this->text());
    case PredicateKind::Suffix:
      return value.is_string() && text.ends_with(this->text());
    case PredicateKind::Caseless:
      return value.is_string() && caseless().equals(text);
    case PredicateKind::CaselessPrefix:
      return value.is_string() && caseless().is_prefix_of(text);
    case PredicateKind::CaselessSuffix:
      return value.is_string() && caseless().is_suffix_of(text);
    case PredicateKind::Wildcard:
      return value.is_string() && wildcard().matches(text);
    case PredicateKind::Range:
      return value.number() != nullptr && range().contains(*value.number()) && value.is_comparable();
    case PredicateKind::Present:
      return true;
    case PredicateKind::Absent:
      return false;
    case PredicateKind::AnythingBut:
      return std::none_of(excluded().begin(), excluded().end(),
                          [&value](const Predicate& predicate) { return predicate.accepts(value); });
  }
  return false;
}

bool Predicate::is_same(const Predicate& other) const {
  if (kind_ != other.kind_) return false;
  switch (kind_) {
    case PredicateKind::Present:
    case PredicateKind::Absent:
      return true;
    case PredicateKind::Caseless:
    case PredicateKind::CaselessPrefix:
    case PredicateKind::CaselessSuffix:
      return caseless() == other.caseless();
    case PredicateKind::Wildcard:
      return wildcard() == other.wildcard();
    case PredicateKind::AnythingBut:
      return std::is_permutation(excluded().begin(), excluded().end(), other.excluded().begin(),
                                 other.excluded().end(),
                                 [](const Predicate& a, const Predicate& b) { return a.is_same(b); });
    default:
      return operand_ == other.operand_;
  }
}

}  // namespace ebagent::pattern
