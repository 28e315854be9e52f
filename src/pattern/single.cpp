#include "pattern/single.hpp"

#include "pattern/event_walk.hpp"

namespace ebagent::pattern {

SinglePattern::SinglePattern(const Program& program) {
  paths_.reserve(program.conditions.size());
  for (const Condition& condition : program.conditions) paths_.push_back(trie_.intern(condition.path));
  trie_.finish();
  std::vector<std::uint32_t> own;
  for (std::size_t i = 0; i < program.alternative_count; ++i) {
    const Alternative alternative = program.alternative(i);
    own.clear();
    for (const std::uint32_t condition : alternative) own.push_back(paths_[condition]);
    (void)checks_.add(program, alternative, own, alternative.size());
    ends_.push_back(checks_.end());
  }
  checks_.finish();
}

void SinglePattern::read(const CheckedEvent& event, Scratch::Workspace& workspace) const {
  walk_event(event, trie_, workspace.fields, workspace.decoded);
  workspace.selection.begin_event();
}

Verdict SinglePattern::decide(std::size_t alternative, Scratch::Workspace& workspace) const {
  const std::uint32_t begin = alternative == 0 ? 0 : ends_[alternative - 1];
  return workspace.selection.decide(checks_.range(begin, ends_[alternative]), checks_, workspace.fields);
}

Result<bool> matches(const Pattern& pattern, std::string_view event_json) {
  Scratch scratch;
  BOOST_OUTCOME_TRY(const auto event, CheckedEvent::check(event_json, scratch));
  const SinglePattern single(pattern.program());
  single.read(event, scratch.workspace());
  bool any_too_hard = false;
  for (std::size_t i = 0; i < pattern.program().alternative_count; ++i) {
    const Verdict verdict = single.decide(i, scratch.workspace());
    if (verdict == Verdict::Yes) return true;
    any_too_hard = any_too_hard || verdict == Verdict::TooHard;
  }
  if (any_too_hard) return fail(too_hard());
  return false;
}

}  // namespace ebagent::pattern
