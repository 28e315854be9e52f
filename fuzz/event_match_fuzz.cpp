#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ebagent/pattern.hpp"
#include "fuzz/disagreement.hpp"
#include "fuzz/tape_leaves.hpp"
#include "pattern/event_tape.hpp"
#include "pattern/event_walk.hpp"
#include "pattern/path_trie.hpp"
#include "pattern/program.hpp"

// A pattern and, behind the first line break, an event: every way of matching them gives the same answer, and every
// walk of the event finds the same leaves.
namespace ebagent::pattern {
namespace {

struct Input {
  std::string_view pattern;
  std::string_view event;
};

std::string told(const Result<bool>& answer) {
  if (!answer) return "error: " + answer.error().message;
  return answer.value() ? "match" : "no match";
}

Result<bool> is_matched(const Result<std::span<const RuleId>>& ids) {
  if (!ids) return fail(ids.error());
  return !ids.value().empty();
}

Result<bool> match_checked(const RuleSet& rules, std::string_view json, Scratch& scratch) {
  BOOST_OUTCOME_TRY(const auto event, CheckedEvent::check(json, scratch));
  return is_matched(rules.match(event, scratch));
}

Result<bool> match_explained(const Pattern& pattern, std::string_view json) {
  BOOST_OUTCOME_TRY(const auto explanation, explain(pattern, json));
  Scratch scratch;
  if (to_text(explanation).empty() || !CheckedEvent::check(to_json(explanation), scratch)) {
    disagree("an explanation cannot be told", {{"pattern", std::string(pattern.text())},
                                               {"event", std::string(json)},
                                               {"text", to_text(explanation)},
                                               {"json", to_json(explanation)}});
  }
  return explanation.matches;
}

void compare_answers(const Pattern& pattern, const Input& input) {
  RuleSet rules;
  rules.add(1, pattern);
  Scratch scratch;
  const std::string alone = told(matches(pattern, input.event));
  const std::string in_set = told(is_matched(rules.match(input.event, scratch)));
  const std::string checked = told(match_checked(rules, input.event, scratch));
  const std::string explained = told(match_explained(pattern, input.event));
  if (alone == in_set && alone == checked && alone == explained) return;
  disagree("the ways of matching", {{"pattern", std::string(input.pattern)},
                                    {"event", std::string(input.event)},
                                    {"matches()", alone},
                                    {"RuleSet::match(text)", in_set},
                                    {"RuleSet::match(CheckedEvent)", checked},
                                    {"explain()", explained}});
}

// What one walk found. The leaves view into the event and into `decoded`.
struct Walked {
  Fields fields;
  std::string decoded;

  Walked(EventWalk walk, const CheckedEvent& event, const PathTrie& trie) {
    fields.reset(trie);
    decoded.reserve(event.text().size());
    walk(event, trie, fields, decoded);
  }
};

bool is_same(const Value& a, const Value& b) {
  return a.type() == b.type() && a.text() == b.text() && a.raw().data() == b.raw().data() &&
         a.raw().size() == b.raw().size() && a.element() == b.element();
}

bool is_same(const Fields& a, const Fields& b, const PathTrie& trie) {
  for (std::uint32_t path = 0; path < trie.path_count(); ++path) {
    if (!std::equal(a.values(path).begin(), a.values(path).end(), b.values(path).begin(),
                    b.values(path).end(), [](const Value& x, const Value& y) { return is_same(x, y); })) {
      return false;
    }
  }
  return a.array_count() == b.array_count() &&
         std::equal(
             a.elements().begin(), a.elements().end(), b.elements().begin(), b.elements().end(),
             [](const Element& x, const Element& y) { return x.parent == y.parent && x.array == y.array; });
}

bool is_same(const Fields& fields, const std::vector<std::vector<FoundLeaf>>& expected) {
  for (std::uint32_t path = 0; path < expected.size(); ++path) {
    std::vector<FoundLeaf> found;
    for (const Value& value : fields.values(path)) found.push_back({value.type(), value.text(), value.raw()});
    if (found != expected[path]) return false;
  }
  return true;
}

std::string told(const Fields& fields, const PathTrie& trie) {
  std::string out;
  for (std::uint32_t path = 0; path < trie.path_count(); ++path) {
    out += "path " + std::to_string(path) + ":";
    for (const Value& value : fields.values(path)) {
      out += " " + std::string(value.raw()) + "@" + std::to_string(value.element());
    }
    out += "; ";
  }
  return out;
}

void compare_walks(const Pattern& pattern, const Input& input) {
  Scratch scratch;
  EventTape tape;
  const auto event = CheckedEvent::check(input.event, scratch);
  const auto read = tape.read(input.event);
  if (event.has_value() != read.has_value()) {
    disagree("whether the event is well-formed", {{"event", std::string(input.event)},
                                                  {"check()", event ? "yes" : event.error().message},
                                                  {"EventTape", read ? "yes" : read.error().message}});
  }
  if (!event) return;
  PathTrie trie;
  for (const Condition& condition : pattern.program().conditions) trie.intern(condition.path);
  trie.finish();
  const Walked portable(event_walk_portable(), event.value(), trie);
  const auto compare = [&](std::string_view name, EventWalk walk) {
    if (walk == nullptr) return;
    const Walked other(walk, event.value(), trie);
    if (is_same(other.fields, portable.fields, trie)) return;
    disagree("the walks", {{"pattern", std::string(input.pattern)},
                           {"event", std::string(input.event)},
                           {"portable", told(portable.fields, trie)},
                           {name, told(other.fields, trie)}});
  };
  compare("avx2", event_walk_avx2());
  compare("avx512", event_walk_avx512());
  if (!is_same(portable.fields, tape_leaves(tape, trie))) {
    disagree("a walk and reading strictly", {{"pattern", std::string(input.pattern)},
                                             {"event", std::string(input.event)},
                                             {"walk", told(portable.fields, trie)}});
  }
}

// Wildcards of any kind, but few alternatives: many of them only make each run slow.
Limits limits_of_the_target() {
  Limits limits = Limits::generous();
  limits.max_or_combinations = 64;
  return limits;
}

}  // namespace
}  // namespace ebagent::pattern

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ebagent::pattern;
  static const Limits limits = limits_of_the_target();
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t line_end = text.find('\n');
  if (line_end == std::string_view::npos) return 0;
  const Input input{text.substr(0, line_end), text.substr(line_end + 1)};
  const auto pattern = compile(input.pattern, limits);
  if (!pattern) return 0;
  compare_answers(pattern.value(), input);
  compare_walks(pattern.value(), input);
  return 0;
}
