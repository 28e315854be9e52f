#include "pattern/checks.hpp"

namespace ebagent::pattern {
namespace {

template <class T>
std::uint32_t append(std::vector<T>& all, T one) {
  all.push_back(std::move(one));
  return static_cast<std::uint32_t>(all.size() - 1);
}

}  // namespace

std::uint32_t Checks::add(const Program& program, Alternative alternative,
                          std::span<const std::uint32_t> paths, std::size_t last) {
  const std::uint32_t begin = end();
  const auto append_check = [&](std::size_t i) {
    Check check = check_of(program, program.conditions[alternative[i]]);
    check.path = paths[i];
    check.order = static_cast<std::uint16_t>(i);
    checks_.push_back(check);
  };
  for (std::size_t i = 0; i < alternative.size(); ++i) {
    if (i != last) append_check(i);
  }
  if (last < alternative.size()) append_check(last);
  return begin;
}

Check Checks::check_of(const Program& program, const Condition& condition) {
  Check out;
  out.accepts_absence = condition.accepts_absence;
  const auto any_of = program.any_of(condition);
  const auto with_text = [&](CheckKind kind, std::string_view text) {
    out.kind = kind;
    out.operand = place_of(text);
    out.size = static_cast<std::uint32_t>(text.size());
    return out;
  };
  const auto with = [&out](CheckKind kind, std::uint32_t operand) {
    out.kind = kind;
    out.operand = operand;
    return out;
  };
  if (any_of.size() != 1) return with(CheckKind::AnyPredicate, append(any_of_, any_of));
  const Predicate& only = any_of.front();
  switch (only.kind()) {
    case PredicateKind::Text:
      return with_text(CheckKind::Text, only.text());
    case PredicateKind::Prefix:
      return with_text(CheckKind::Prefix, only.text());
    case PredicateKind::Suffix:
      return with_text(CheckKind::Suffix, only.text());
    case PredicateKind::Wildcard:
      return with_text(CheckKind::Wildcard, only.wildcard().encoded());
    case PredicateKind::Number:
      return with(CheckKind::Number, append(numbers_, only.number()));
    case PredicateKind::Range:
      return with(CheckKind::Range, append(ranges_, only.range()));
    case PredicateKind::AnythingBut:
      if (only.excluded().size() == 1 && only.excluded().front().kind() == PredicateKind::Text) {
        return with_text(CheckKind::OtherThanText, only.excluded().front().text());
      }
      [[fallthrough]];
    default:
      return with(CheckKind::OnePredicate, append(predicates_, &only));
  }
}

// A text that many rules ask for is kept once.
std::uint32_t Checks::place_of(std::string_view text) {
  const auto [known, is_new] = known_texts_.try_emplace(text, static_cast<std::uint32_t>(texts_.size()));
  if (is_new) texts_.append(text);
  return known->second;
}

void Checks::finish() {
  known_texts_ = {};
  checks_.shrink_to_fit();
  texts_.shrink_to_fit();
  numbers_.shrink_to_fit();
  ranges_.shrink_to_fit();
}

}  // namespace ebagent::pattern
