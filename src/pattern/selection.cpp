#include "pattern/selection.hpp"

#include <algorithm>

namespace ebagent::pattern {
namespace {

// Consistency checks spent on one event; about a tenth of a second. Only events made to
// be hard (the same path through many arrays) come near it.
constexpr std::size_t kMaxSteps = 10'000'000;

enum class Where { Nowhere, InArrays, Outside };

// Where the leaves stand that satisfy a check; Outside (of all arrays) when any such leaf does.
Where satisfied_where(const Check& check, const Checks& table, const std::vector<Value>& values) {
  Where where = Where::Nowhere;
  for (const Value& value : values) {
    if (where == Where::InArrays && value.element() != 0) continue;
    if (!table.accepts(check, value)) continue;
    if (value.element() == 0) return Where::Outside;
    where = Where::InArrays;
  }
  return where;
}

}  // namespace

Verdict Selection::decide(std::span<const Check> checks, const Checks& table, const Fields& fields) {
  std::size_t in_arrays = 0;  // checks that only leaves inside arrays satisfy
  bool needs_all = false;
  for (const Check& check : checks) {
    const std::vector<Value>& values = fields.values(check.path);
    if (values.empty()) {
      if (!check.accepts_absence) return Verdict::No;
      continue;
    }
    const Where where = satisfied_where(check, table, values);
    if (where == Where::Outside) continue;
    const bool may_be_absent = check.accepts_absence && fields.has_elements();
    if (where == Where::Nowhere && !may_be_absent) return Verdict::No;
    needs_all = needs_all || may_be_absent;
    ++in_arrays;
  }
  if (in_arrays == 0 || (in_arrays == 1 && !needs_all)) return Verdict::Yes;
  return decide_in_arrays(checks, table, fields, needs_all);
}

Verdict Selection::decide_in_arrays(std::span<const Check> checks, const Checks& table, const Fields& fields,
                                    bool needs_all) {
  choices_.clear();
  candidates_.clear();
  fields_ = &fields;
  for (const Check& check : checks) {
    if (!add_choice(check, table, fields.values(check.path), needs_all)) return Verdict::No;
  }
  if (choices_.empty()) return Verdict::Yes;
  // Absence looks at what the fields before it in the order of paths selected, as EventBridge does; then no
  // choice may be left out and the order counts. Else those with the fewest candidates come first.
  std::sort(choices_.begin(), choices_.end(), [needs_all](const Choice& a, const Choice& b) {
    return needs_all ? a.order < b.order : a.last - a.first < b.last - b.first;
  });
  selected_.assign(fields.array_count(), 0);
  trail_.clear();
  if (search(0)) return Verdict::Yes;
  return steps_ > kMaxSteps ? Verdict::TooHard : Verdict::No;
}

// False when nothing can satisfy the check.
bool Selection::add_choice(const Check& check, const Checks& table, const std::vector<Value>& values,
                           bool keep_all) {
  if (values.empty()) return check.accepts_absence;
  Choice choice{&values, std::uint32_t(candidates_.size()), 0, check.accepts_absence, check.order};
  for (const Value& value : values) {
    const bool known = candidates_.size() > choice.first && candidates_.back() == value.element();
    if (known || !table.accepts(check, value)) continue;
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
