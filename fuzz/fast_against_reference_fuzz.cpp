#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/json.hpp"
#include "ebagent/pattern.hpp"
#include "fuzz/choices.hpp"
#include "fuzz/disagreement.hpp"
#include "fuzz/draw.hpp"
#include "fuzz/reference_form.hpp"
#include "fuzz/spelling.hpp"
#include "pattern/reference_matcher.hpp"

// The bytes of the input choose patterns and events, and what happens to two rule sets; the engine must give the
// answers of the slow matcher that the unit tests have.
namespace ebagent::pattern {
namespace {

namespace json = boost::json;

struct DrawnEvent {
  json::object json;
  std::string text;
};

struct DrawnPattern {
  std::string text;
  Pattern compiled;
  std::vector<bool> matches;  // per event, as the slow matcher says
};

Pattern compiled(const std::string& text) {
  auto pattern = compile(text, Limits::generous());
  if (!pattern)
    disagree("a valid pattern is refused", {{"pattern", text}, {"error", pattern.error().message}});
  return std::move(pattern).value();
}

std::string spelled_by_choice(const json::object& value, Choices& choices) {
  const std::size_t high = choices.below(256);
  return spelled(value, std::uint32_t(high * 256 + choices.below(256)));
}

std::string list(const std::vector<RuleId>& ids) {
  std::string out;
  for (const RuleId id : ids) out += std::to_string(id) + " ";
  return "[ " + out + "]";
}

// A rule set and what is in it.
class ModelledSet {
 public:
  void add(RuleId id, const DrawnPattern& pattern) {
    rules_.add(id, pattern.compiled);
    held_.emplace(id, &pattern);
  }

  void add_all(RuleId first, std::size_t count, const DrawnPattern& pattern) {
    std::vector<std::pair<RuleId, Pattern>> added;
    for (RuleId id = first; id < first + count; ++id) {
      added.emplace_back(id, pattern.compiled);
      held_.emplace(id, &pattern);
    }
    rules_.add_all(added);
  }

  void remove(RuleId id) {
    const std::size_t removed = rules_.remove(id);
    const std::size_t expected = held_.erase(id);
    if (removed == expected && rules_.size() == held_.size()) return;
    disagree("how many patterns were removed",
             {{"engine", std::to_string(removed)}, {"expected", std::to_string(expected)}});
  }

  void compare(const DrawnEvent& event, std::size_t index, Scratch& scratch, bool checks_first) const {
    std::vector<RuleId> expected;
    for (const auto& [id, pattern] : held_) {
      if (pattern->matches[index] && (expected.empty() || expected.back() != id)) expected.push_back(id);
    }
    const auto found = checks_first ? match_checked(event, scratch) : rules_.match(event.text, scratch);
    if (found && std::vector<RuleId>(found.value().begin(), found.value().end()) == expected) return;
    disagree("a rule set and the slow matcher",
             {{"event", event.text},
              {"engine", found ? list({found.value().begin(), found.value().end()}) : found.error().message},
              {"reference", list(expected)},
              {"patterns", told_rules()}});
  }

 private:
  Result<std::span<const RuleId>> match_checked(const DrawnEvent& event, Scratch& scratch) const {
    BOOST_OUTCOME_TRY(const auto checked, CheckedEvent::check(event.text, scratch));
    return rules_.match(checked, scratch);
  }

  [[nodiscard]] std::string told_rules() const {
    std::string out;
    for (const auto& [id, pattern] : held_) out += "\n    " + std::to_string(id) + " " + pattern->text;
    return out;
  }

  RuleSet rules_;
  std::multimap<RuleId, const DrawnPattern*> held_;
};

std::vector<DrawnEvent> draw_events(Choices& choices, Draw& draw) {
  std::vector<DrawnEvent> out;
  for (std::size_t i = 1 + choices.below(3); i > 0; --i) {
    json::object event = draw.event();
    std::string text = spelled_by_choice(event, choices);
    out.push_back({std::move(event), std::move(text)});
  }
  return out;
}

std::vector<DrawnPattern> draw_patterns(Choices& choices, Draw& draw, const std::vector<DrawnEvent>& events) {
  std::set<std::string> texts;
  for (const DrawnEvent& event : events) collect_texts(event.json, texts);
  std::vector<DrawnPattern> out;
  for (std::size_t i = 1 + choices.below(8); i > 0; --i) {
    const json::object pattern = draw.pattern();
    const json::object reference = reference_form(pattern, texts);
    std::string text = spelled_by_choice(pattern, choices);
    Pattern fast = compiled(text);
    out.push_back({std::move(text), std::move(fast), {}});
    for (const DrawnEvent& event : events)
      out.back().matches.push_back(reference_matches(reference, event.json));
  }
  return out;
}

void compare_alone(const DrawnPattern& pattern, const std::vector<DrawnEvent>& events) {
  for (std::size_t i = 0; i < events.size(); ++i) {
    const auto matched = matches(pattern.compiled, events[i].text);
    if (matched && matched.value() == pattern.matches[i]) continue;
    disagree("a pattern and the slow matcher",
             {{"pattern", pattern.text},
              {"event", events[i].text},
              {"engine", matched ? (matched.value() ? "match" : "no match") : matched.error().message},
              {"reference", pattern.matches[i] ? "match" : "no match"}});
  }
}

// Few ids, so that some get several patterns and some lose what they had.
constexpr RuleId kIds = 8;
// Enough removed rules to make a rule set build its index anew.
constexpr std::size_t kCrowd = 70;

void change(ModelledSet& rules, Choices& choices, const std::vector<DrawnPattern>& patterns) {
  const DrawnPattern& pattern = patterns[choices.below(patterns.size())];
  const RuleId id = choices.below(kIds);
  const std::size_t kind = choices.below(64);
  if (kind == 63) {
    rules.add_all(kIds, kCrowd, pattern);
    for (RuleId one = kIds; one < kIds + kCrowd; ++one) rules.remove(one);
  } else if (kind >= 48) {
    rules.add_all(id, 1 + choices.below(kIds), pattern);
  } else if (kind >= 32) {
    rules.remove(id);
  } else {
    rules.add(id, pattern);
  }
}

void compare_sets(Choices& choices, const std::vector<DrawnPattern>& patterns,
                  const std::vector<DrawnEvent>& events) {
  ModelledSet sets[2];
  Scratch scratch;  // of both, so that what one leaves behind meets the other
  for (const DrawnPattern& pattern : patterns) sets[0].add(choices.below(kIds), pattern);
  for (std::size_t i = choices.below(24); i > 0; --i) {
    ModelledSet& rules = sets[choices.below(2)];
    change(rules, choices, patterns);
    const std::size_t event = choices.below(events.size());
    rules.compare(events[event], event, scratch, choices.once_in(2));
  }
  for (std::size_t event = 0; event < events.size(); ++event) {
    for (const ModelledSet& rules : sets) rules.compare(events[event], event, scratch, false);
  }
}

}  // namespace
}  // namespace ebagent::pattern

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ebagent::pattern;
  Choices choices(data, size);
  Draw draw(choices);
  const std::vector<DrawnEvent> events = draw_events(choices, draw);
  const std::vector<DrawnPattern> patterns = draw_patterns(choices, draw, events);
  for (const DrawnPattern& pattern : patterns) compare_alone(pattern, events);
  compare_sets(choices, patterns, events);
  return 0;
}
