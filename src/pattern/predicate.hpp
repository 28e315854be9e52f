#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pattern/address.hpp"
#include "pattern/ignore_case.hpp"
#include "pattern/wildcard.hpp"

namespace ebagent::pattern {

enum class ValueType : std::uint8_t { String, Number, Word };  // a Word is true, false or null

// One leaf of an event.
struct Value {
  ValueType type = ValueType::Word;
  std::string_view text;           // strings decoded, everything else as it stands
  std::string_view raw;            // the JSON text
  std::uint32_t element = 0;       // the array element it belongs to, 0 for none (see Elements)
  std::optional<double> number;    // of a Number that takes part in numeric matching
  std::optional<Address> address;  // of a String that is an address literal
};

enum class PredicateKind : std::uint8_t {
  Text,          // a string equal to text
  Literal,       // a number or word whose JSON text is text
  Number,        // a number equal to low
  AddressBlock,  // an address inside the block
  Prefix,        // a string that begins with text
  Suffix,        // a string that ends with text
  Caseless,      // the same three without regard to case
  CaselessPrefix,
  CaselessSuffix,
  Wildcard,
  Range,        // a number between low and high
  Present,      // any leaf
  Absent,       // no leaf at all; the one predicate that no value satisfies
  AnythingBut,  // any leaf that none of `excluded` is satisfied by
};

// One thing that a pattern accepts for a field.
struct Predicate {
  PredicateKind kind = PredicateKind::Present;
  std::string text;
  double low = 0;
  double high = 0;
  bool low_open = false;
  bool high_open = false;
  pattern::AddressBlock block;
  CaselessText caseless;
  pattern::Wildcard wildcard;
  std::vector<Predicate> excluded;

  // Whether a value satisfies it. Absent is satisfied by no value.
  [[nodiscard]] bool accepts(const Value& value) const;
};

}  // namespace ebagent::pattern
