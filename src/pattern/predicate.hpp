#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <variant>
#include <vector>

#include "pattern/address.hpp"
#include "pattern/ignore_case.hpp"
#include "pattern/number.hpp"
#include "pattern/wildcard.hpp"

namespace ebagent::pattern {

enum class ValueType : std::uint8_t { String, Number, Word };  // a Word is true, false or null

// One leaf of an event. What only some predicates ask for, such as the number that a text stands for, is found
// out when first asked and remembered. Thread safety: one thread at a time, readers included.
class Value {
 public:
  Value(ValueType type, std::string_view text, std::string_view raw, std::uint32_t element)
      : text_(text),
        raw_(raw.data()),
        raw_size_(static_cast<std::uint32_t>(raw.size())),
        element_(element),
        type_(type) {}

  [[nodiscard]] ValueType type() const { return type_; }
  [[nodiscard]] bool is_string() const { return type_ == ValueType::String; }
  // Strings decoded, everything else as it stands.
  [[nodiscard]] std::string_view text() const { return text_; }
  // The JSON text.
  [[nodiscard]] std::string_view raw() const { return {raw_, raw_size_}; }
  // The array element that the leaf belongs to, 0 for none (see Fields).
  [[nodiscard]] std::uint32_t element() const { return element_; }

  // The value of a Number, whether or not it takes part in numeric matching; else null.
  [[nodiscard]] const Number* number() const {
    if (number_state_ == Known::NotYet) find_number();
    return number_state_ == Known::Yes ? &number_ : nullptr;
  }
  // Whether a value with a number() takes part in numeric matching.
  [[nodiscard]] bool is_comparable() const {
    if (comparable_ == Known::NotYet)
      comparable_ = pattern::is_comparable(text_, number_) ? Known::Yes : Known::No;
    return comparable_ == Known::Yes;
  }
  // The address that a String is the literal of; else null.
  [[nodiscard]] const Address* address() const {
    if (address_state_ == Known::NotYet) find_address();
    return address_state_ == Known::Yes ? &address_ : nullptr;
  }

 private:
  enum class Known : std::uint8_t { NotYet, Yes, No };

  void find_number() const;
  void find_address() const;

  std::string_view text_;
  const char* raw_;
  std::uint32_t raw_size_;
  std::uint32_t element_;
  ValueType type_;
  mutable Known number_state_ = Known::NotYet;
  mutable Known comparable_ = Known::NotYet;
  mutable Known address_state_ = Known::NotYet;
  mutable Number number_;
  mutable Address address_;
};

enum class PredicateKind : std::uint8_t {
  Text,          // a string equal to the text
  Literal,       // a word, or a number that does not take part in numeric matching, with this JSON text
  Number,        // a number equal to the number
  AddressBlock,  // an address inside the block
  Prefix,        // a string that begins with the text
  Suffix,        // a string that ends with the text
  Caseless,      // the same three without regard to case
  CaselessPrefix,
  CaselessSuffix,
  Wildcard,
  Range,        // a number in the range
  Present,      // any leaf
  Absent,       // no leaf at all; the one predicate that no value satisfies
  AnythingBut,  // any leaf that none of the excluded predicates is satisfied by
};

// The numbers from `low` to `high`, both included; a bound that is excluded is moved to its neighbour.
struct NumberRange {
  Number low = kLowestNumber;
  Number high = kHighestNumber;

  [[nodiscard]] bool contains(const Number& number) const { return low <= number && number <= high; }
  bool operator==(const NumberRange&) const = default;
};

// One thing that a pattern accepts for a field. Texts are views into what the Program keeps.
class Predicate {
 public:
  using Excluded = std::vector<Predicate>;

  explicit Predicate(PredicateKind kind) : kind_(kind) {}
  Predicate(PredicateKind kind, std::string_view text) : kind_(kind), operand_(text) {}
  explicit Predicate(const Number& number)
      : kind_(PredicateKind::Number), operand_(NumberRange{number, number}) {}
  explicit Predicate(const NumberRange& range) : kind_(PredicateKind::Range), operand_(range) {}
  explicit Predicate(const AddressBlock& block) : kind_(PredicateKind::AddressBlock), operand_(block) {}
  Predicate(PredicateKind kind, CaselessText text)
      : kind_(kind), operand_(std::make_shared<const CaselessText>(std::move(text))) {}
  explicit Predicate(Wildcard wildcard)
      : kind_(PredicateKind::Wildcard), operand_(std::make_shared<const Wildcard>(std::move(wildcard))) {}
  explicit Predicate(Excluded excluded)
      : kind_(PredicateKind::AnythingBut), operand_(std::make_shared<const Excluded>(std::move(excluded))) {}

  [[nodiscard]] PredicateKind kind() const { return kind_; }
  // Of Text, Literal, Prefix, Suffix.
  [[nodiscard]] std::string_view text() const { return *std::get_if<std::string_view>(&operand_); }
  [[nodiscard]] const Number& number() const { return range().low; }
  [[nodiscard]] const NumberRange& range() const { return *std::get_if<NumberRange>(&operand_); }
  [[nodiscard]] const AddressBlock& block() const { return *std::get_if<AddressBlock>(&operand_); }
  [[nodiscard]] const CaselessText& caseless() const {
    return **std::get_if<std::shared_ptr<const CaselessText>>(&operand_);
  }
  [[nodiscard]] const pattern::Wildcard& wildcard() const {
    return **std::get_if<std::shared_ptr<const pattern::Wildcard>>(&operand_);
  }
  [[nodiscard]] const Excluded& excluded() const {
    return **std::get_if<std::shared_ptr<const Excluded>>(&operand_);
  }

  // Whether a value satisfies it. Absent is satisfied by no value.
  [[nodiscard]] bool accepts(const Value& value) const;
  // Whether both ask the same; the order of excluded values does not count.
  [[nodiscard]] bool is_same(const Predicate& other) const;

 private:
  PredicateKind kind_;
  std::variant<std::string_view, NumberRange, AddressBlock, std::shared_ptr<const CaselessText>,
               std::shared_ptr<const pattern::Wildcard>, std::shared_ptr<const Excluded>>
      operand_;
};

}  // namespace ebagent::pattern
