#include "pattern/single.hpp"

#include "pattern/event_walk.hpp"

namespace ebagent::pattern {

std::vector<std::uint32_t> collect_fields(const Program& program, const CheckedEvent& event,
                                          Scratch::Workspace& workspace) {
  PathTrie trie;
  std::vector<std::uint32_t> paths;
  paths.reserve(program.conditions.size());
  for (const Condition& condition : program.conditions) paths.push_back(trie.intern(condition.path));
  trie.finish();
  walk_event(event, trie, workspace.fields, workspace.decoded);
  return paths;
}

Verdict decide(const Program& program, std::size_t alternative, const std::vector<std::uint32_t>& paths,
               Scratch::Workspace& workspace) {
  const Alternative conditions = program.alternative(alternative);
  std::vector<std::uint32_t> own;
  own.reserve(conditions.size());
  for (const std::uint32_t condition : conditions) own.push_back(paths[condition]);
  return workspace.selection.decide(program, conditions, own, workspace.fields);
}

Result<bool> matches(const Pattern& pattern, std::string_view event_json) {
  Scratch scratch;
  BOOST_OUTCOME_TRY(const auto event, CheckedEvent::check(event_json, scratch));
  Scratch::Workspace& workspace = scratch.workspace();
  const Program& program = pattern.program();
  const std::vector<std::uint32_t> paths = collect_fields(program, event, workspace);
  bool any_too_hard = false;
  for (std::size_t i = 0; i < program.alternative_count(); ++i) {
    const Verdict verdict = decide(program, i, paths, workspace);
    if (verdict == Verdict::Yes) return true;
    any_too_hard = any_too_hard || verdict == Verdict::TooHard;
  }
  if (any_too_hard) return fail(too_hard());
  return false;
}

}  // namespace ebagent::pattern
