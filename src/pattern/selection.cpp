#include "pattern/selection.hpp"

#include <algorithm>

namespace ebagent::pattern {
namespace {

// Consistency checks spent on one alternative and one event; about a tenth of a second. Only events made to
// be hard (the same path through many arrays) come near it.
constexpr std::size_t kMaxSteps = 10'000'000;

enum class Where { Nowhere, InArrays, Outside };

// Where the leaves stand that satisfy a condition; Outside (of all arrays) when any such leaf does.
Where satisfied_where(const Condition& condition, const std::vector<Value>& values) {
  Where where = Where::Nowhere;
  for (const Value& value : values) {
    if (where == Where::InArrays && value.element() != 0) continue;
    if (!accepts(condition, value)) continue;
    if (value.element() == 0) return Where::Outside;
    where = Where::InArrays;
  }
  return where;
}

}  // namespace

bool accepts(const Condition& condition, const Value& value) {
  return std::any_of(condition.any_of.begin(), condition.any_of.end(),
                     [&value](const Predicate& predicate) { return predicate.accepts(value); });
}

Verdict Selection::decide(const Program& program, Alternative alternative,
                          std::span<const std::uint32_t> paths, const Fields& fields) {
  std::size_t in_arrays = 0;  // conditions that only leaves inside arrays satisfy
  bool needs_all = false;
  for (std::size_t i = 0; i < alternative.size(); ++i) {
    const Condition& condition = program.conditions[alternative[i]];
    const std::vector<Value>& values = fields.values(paths[i]);
    if (values.empty()) {
      if (!condition.accepts_absence) return Verdict::No;
      continue;
    }
    const Where where = satisfied_where(condition, values);
    if (where == Where::Outside) continue;
    const bool may_be_absent = condition.accepts_absence && fields.has_elements();
    if (where == Where::Nowhere && !may_be_absent) return Verdict::No;
    needs_all = needs_all || may_be_absent;
    ++in_arrays;
  }
  if (in_arrays == 0 || (in_arrays == 1 && !needs_all)) return Verdict::Yes;
  return decide_in_arrays(program, alternative, paths, fields, needs_all);
}

Verdict Selection::decide_in_arrays(const Program& program, Alternative alternative,
                                    std::span<const std::uint32_t> paths, const Fields& fields,
                                    bool needs_all) {
  choices_.clear();
  candidates_.clear();
  fields_ = &fields;
  // Absence looks at what the fields before it in the order of paths selected, as EventBridge does; then no
  // choice may be left out and the order counts.
  for (std::size_t i = 0; i < alternative.size(); ++i) {
    if (!add_choice(program.conditions[alternative[i]], fields.values(paths[i]), needs_all)) return Verdict::No;
  }
  if (choices_.empty()) return Verdict::Yes;
  if (!needs_all) {
    std::sort(choices_.begin(), choices_.end(),
              [](const Choice& a, const Choice& b) { return a.last - a.first < b.last - b.first; });
  }
  selected_.assign(fields.array_count(), 0);
  trail_.clear();
  steps_ = 0;
  if (search(0)) return Verdict::Yes;
  return steps_ > kMaxSteps ? Verdict::TooHard : Verdict::No;
}

// False when nothing can satisfy the condition.
bool Selection::add_choice(const Condition& condition, const std::vector<Value>& values, bool keep_all) {
  if (values.empty()) return condition.accepts_absence;
  Choice choice{&values, std::uint32_t(candidates_.size()), 0, condition.accepts_absence};
  for (const Value& value : values) {
    const bool known = candidates_.size() > choice.first && candidates_.back() == value.element();
    if (known || !accepts(condition, value)) continue;
    if (value.element() == 0 && !keep_all) {
      candidates_.resize(choice.first);
      return true;
    }
    candidates_.push_back(value.element());
  }
  choice.last = std::uint32_t(candidates_.size());
  if (choice.first == choice.last && !choice.accepts_absence) return false;
  choices_.push_back(choice);
  return true;
}

bool Selection::search(std::size_t index) {
  if (index == choices_.size()) return true;
  const Choice& choice = choices_[index];
  for (std::uint32_t i = choice.first; i < choice.last; ++i) {
    if (++steps_ > kMaxSteps) return false;
    if (!is_consistent(candidates_[i])) continue;
    const std::size_t trail_size = trail_.size();
    select(candidates_[i]);
    if (search(index + 1)) return true;
    undo(trail_size);
  }
  return choice.accepts_absence && is_absent(choice) && search(index + 1);
}

bool Selection::is_consistent(std::uint32_t element) const {
  const std::vector<Element>& elements = fields_->elements();
  for (; element != 0; element = elements[element].parent) {
    const std::uint32_t selected = selected_[elements[element].array];
    if (selected != 0) return selected == element;  // an element is selected together with all around it
  }
  return true;
}

bool Selection::is_absent(const Choice& choice) {
  steps_ += choice.values->size();
  return std::none_of(choice.values->begin(), choice.values->end(),
                      [this](const Value& value) { return is_consistent(value.element()); });
}

void Selection::select(std::uint32_t element) {
  const std::vector<Element>& elements = fields_->elements();
  for (; element != 0; element = elements[element].parent) {
    if (selected_[elements[element].array] == element) return;
    selected_[elements[element].array] = element;
    trail_.push_back(elements[element].array);
  }
}

void Selection::undo(std::size_t trail_size) {
  for (; trail_.size() > trail_size; trail_.pop_back()) selected_[trail_.back()] = 0;
}

}  // namespace ebagent::pattern
