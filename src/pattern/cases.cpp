#include "pattern/cases.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.hpp"
#include "ebagent/pattern.hpp"
#include "pattern/program.hpp"

namespace ebagent::pattern {
namespace {

namespace json = boost::json;
using Names = std::set<std::string>;

constexpr std::string_view kInvalidPattern = "Event pattern is not valid. Reason: ";
constexpr std::string_view kInvalidEvent = "Parameter Event is not valid.";
// What an event must have to be an envelope at all.
constexpr std::string_view kEnvelope =
    R"({"id":[{"exists":true}],"source":[{"exists":true}],"detail-type":[{"exists":true}],"account":[{"exists":true}],)"
    R"("time":[{"exists":true}],"region":[{"exists":true}]})";

std::string text_of(const json::value& value) {
  return std::string(value.as_string().c_str(), value.as_string().size());
}

std::string message_of(const json::value& error) {
  return error.is_string() ? text_of(error) : text_of(error.as_object().at("message"));
}

// A message without the place in the text and without the name of the rule, which compile() does not know.
std::string comparable(std::string message, std::string_view name) {
  if (const auto place = message.find(" at [Source"); place != std::string::npos) message.resize(place);
  while (!message.empty() && (message.back() == '\n' || message.back() == ' ')) message.pop_back();
  const std::string quoted = "'" + std::string(name) + "' ";
  if (const auto at = message.find(quoted); at != std::string::npos) message.erase(at, quoted.size());
  return message;
}

std::string list(const Names& names) {
  std::string out = "[";
  for (const std::string& name : names) out += (out.size() > 1 ? ", " : "") + name;
  return out + "]";
}

// One case of the first two forms: rules under names, an event, the names that match.
class RuleCase {
 public:
  // What differs from the expected answer; empty when nothing does.
  std::vector<std::string> run(const json::object& test) {
    if (const json::value* errors = test.if_contains("errors")) {
      for (const auto& [name, error] : errors->as_object())
        expected_errors_[std::string(name)] = message_of(error);
    }
    if (const json::value* ops = test.if_contains("ops")) {
      for (const json::value& op : ops->as_array()) apply(op.as_object());
    } else {
      for (const json::value& rule : test.at("patterns").as_array()) {
        add(text_of(rule.as_object().at("name")), text_of(rule.as_object().at("pattern")));
      }
    }
    for (const auto& [name, message] : expected_errors_) {
      if (!refused_.contains(name)) differences_.push_back(name + " should be refused: " + message);
    }
    compare_match(test);
    return differences_;
  }

 private:
  void add(const std::string& name, const std::string& text) {
    const auto pattern = compile(text, Limits::generous());
    if (pattern) {
      live_.emplace_back(name, pattern.value());
      return;
    }
    refused_.insert(name);
    const auto expected = expected_errors_.find(name);
    if (expected == expected_errors_.end()) {
      differences_.push_back(name + " is refused: " + pattern.error().message);
    } else if (comparable(expected->second, name) != comparable(pattern.error().message, name)) {
      differences_.push_back(name + " says: " + pattern.error().message +
                             "\n      should say: " + expected->second);
    }
  }

  // A rule is deleted by its name and what it asks. The reference may write the same pattern differently, and
  // may delete part of a rule: the values that the deletion names are taken out of the rule's fields.
  void apply(const json::object& op) {
    const std::string name = text_of(op.at("name"));
    const std::string text = text_of(op.at("pattern"));
    if (op.at("op").as_string() == "add") return add(name, text);
    erase(name, text);
  }

  void erase(const std::string& name, const std::string& text);

  void compare_match(const json::object& test) {
    const std::string event = text_of(test.at("event"));
    RuleSet rules;
    std::vector<std::pair<RuleId, Pattern>> added;
    std::vector<std::string> names;
    for (const auto& [name, pattern] : live_) {
      const auto known = std::find(names.begin(), names.end(), name);
      added.emplace_back(RuleId(known - names.begin()), pattern);
      if (known == names.end()) names.push_back(name);
    }
    rules.add_all(added);
    Scratch scratch;
    const auto found = rules.match(event, scratch);
    if (test.contains("event_error")) {
      if (found) differences_.push_back("the event should be refused: " + text_of(test.at("event_error")));
      return;
    }
    if (!found) {
      differences_.push_back("the event is refused: " + found.error().message);
      return;
    }
    Names matched;
    for (const RuleId id : found.value()) matched.insert(names[id]);
    Names alone;
    for (const auto& [name, pattern] : live_) {
      const auto one = matches(pattern, event);
      if (one && one.value()) alone.insert(name);
    }
    Names expected;
    for (const json::value& name : test.at("matched").as_array()) expected.insert(text_of(name));
    if (matched != expected)
      differences_.push_back("matches " + list(matched) + ", should match " + list(expected));
    if (matched != alone) differences_.push_back("together " + list(matched) + ", one by one " + list(alone));
  }

  std::vector<std::pair<std::string, Pattern>> live_;
  std::map<std::string, std::string> expected_errors_;
  Names refused_;
  std::vector<std::string> differences_;
};

// One field of an alternative with its own predicates.
struct Field {
  Condition condition;
  std::vector<Predicate> any_of;
};

// What is left of a field when the predicates of `deleted` are taken out; nothing when none of them was there.
std::optional<Field> without(const Field& field, const Field& deleted) {
  Field out = field;
  std::erase_if(out.any_of, [&deleted](const Predicate& predicate) {
    return std::any_of(deleted.any_of.begin(), deleted.any_of.end(),
                       [&predicate](const Predicate& other) { return predicate.is_same(other); });
  });
  if (out.any_of.size() == field.any_of.size()) return std::nullopt;
  out.condition.accepts_absence = std::any_of(out.any_of.begin(), out.any_of.end(), [](const Predicate& p) {
    return p.kind() == PredicateKind::Absent;
  });
  return out;
}

using Fields = std::vector<Field>;  // of one alternative

std::vector<Fields> fields_of(const Program& program) {
  std::vector<Fields> out(program.alternative_count);
  for (std::size_t i = 0; i < out.size(); ++i) {
    for (const std::uint32_t index : program.alternative(i)) {
      const Condition& condition = program.conditions[index];
      const auto any_of = program.any_of(condition);
      out[i].push_back({condition, {any_of.begin(), any_of.end()}});
    }
  }
  return out;
}

enum class Deletion { Untouched, Reduced, Gone };

Deletion delete_from(Fields& fields, const Fields& deleted) {
  if (fields.size() != deleted.size()) return Deletion::Untouched;
  Fields reduced;
  bool is_gone = false;
  for (std::size_t i = 0; i < deleted.size(); ++i) {
    if (fields[i].condition.path != deleted[i].condition.path) return Deletion::Untouched;
    auto rest = without(fields[i], deleted[i]);
    if (!rest) return Deletion::Untouched;
    is_gone = is_gone || rest->any_of.empty();
    reduced.push_back(std::move(*rest));
  }
  fields = std::move(reduced);
  return is_gone ? Deletion::Gone : Deletion::Reduced;
}

Pattern pattern_with(const Pattern& pattern, std::vector<Fields> alternatives) {
  auto out = std::make_shared<Program>();
  out->source = pattern.shared_program();
  out->has_wildcard = pattern.has_wildcard();
  std::vector<std::vector<std::uint32_t>> conditions_of;
  for (Fields& fields : alternatives) {
    conditions_of.emplace_back();
    for (Field& field : fields) {
      field.condition.first_predicate = std::uint32_t(out->predicates.size());
      field.condition.predicate_count = std::uint32_t(field.any_of.size());
      conditions_of.back().push_back(std::uint32_t(out->conditions.size()));
      out->conditions.push_back(std::move(field.condition));
      std::move(field.any_of.begin(), field.any_of.end(), std::back_inserter(out->predicates));
    }
  }
  out->set_alternatives(conditions_of);
  return Pattern(std::move(out));
}

void RuleCase::erase(const std::string& name, const std::string& text) {
  const auto deleted = compile(text, Limits::generous());
  if (!deleted) return;
  const std::vector<Fields> others = fields_of(deleted.value().program());
  for (auto& [live_name, pattern] : live_) {
    if (live_name != name) continue;
    std::vector<Fields> alternatives = fields_of(pattern.program());
    std::erase_if(alternatives, [&](Fields& fields) {
      return std::any_of(others.begin(), others.end(),
                         [&](const Fields& other) { return delete_from(fields, other) == Deletion::Gone; });
    });
    pattern = pattern_with(pattern, std::move(alternatives));
  }
  std::erase_if(live_, [](const auto& rule) { return rule.second.program().alternative_count == 0; });
}

std::optional<std::string> run_recorded(const json::object& test) {
  const std::string expect = text_of(test.at("expect"));
  const std::string event = text_of(test.at("event"));
  std::string answer;
  const auto pattern = compile(text_of(test.at("pattern")));
  const auto envelope = matches(compile(kEnvelope).value(), event);
  if (!pattern) {
    answer = "exception " + comparable(std::string(kInvalidPattern) + pattern.error().message, "");
  } else if (!envelope || !envelope.value()) {
    answer = "event-exception " + std::string(kInvalidEvent);
  } else {
    answer = matches(pattern.value(), event).value() ? "match" : "no-match";
  }
  std::string expected = expect;
  if (const json::value* error = test.if_contains("error")) {
    expected += " " + comparable(text_of(error->as_object().at("message")), "");
  }
  if (answer == expected) return std::nullopt;
  return "answers " + answer + "\n      should answer " + expected;
}

}  // namespace

std::size_t run_cases(std::istream& in, std::ostream& out) {
  std::size_t agree = 0;
  std::size_t disagree = 0;
  std::string line;
  for (std::size_t number = 1; std::getline(in, line); ++number) {
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    std::vector<std::string> differences;
    std::string id = "line " + std::to_string(number);
    try {
      const json::value parsed = json::parse(line);
      const json::object& test = parsed.as_object();
      if (test.contains("id")) id = text_of(test.at("id"));
      if (test.contains("expect")) {
        if (auto difference = run_recorded(test)) differences.push_back(std::move(*difference));
      } else {
        differences = RuleCase().run(test);
      }
    } catch (const std::exception& problem) {
      differences.push_back(std::string("is no case: ") + problem.what());
    }
    ++(differences.empty() ? agree : disagree);
    for (const std::string& difference : differences) out << id << ": " << difference << '\n';
  }
  out << agree << " agree, " << disagree << " disagree\n";
  return disagree;
}

}  // namespace ebagent::pattern
