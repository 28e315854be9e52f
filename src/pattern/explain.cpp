#include <algorithm>
#include <optional>
#include <span>
#include <string>

#include "core/json.hpp"
#include "ebagent/pattern.hpp"
#include "pattern/program.hpp"
#include "pattern/single.hpp"
#include "pattern/workspace.hpp"

namespace ebagent::pattern {
namespace {

constexpr std::size_t kMaxValuesTold = 5;    // in a sentence; FieldExplanation::has lists all
constexpr std::size_t kMaxValueBytes = 120;  // of one value in a sentence

std::string shortened(std::string_view text) {
  if (text.size() <= kMaxValueBytes) return std::string(text);
  std::size_t size = kMaxValueBytes;
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) --size;
  return std::string(text.substr(0, size)) + "...";
}

// What stands at `path` when it is no leaf: "an object", "an empty array"; nothing when nothing is there.
std::optional<std::string_view> container_at(const std::vector<TapeNode>& nodes, std::uint32_t index,
                                             std::string_view path) {
  for (std::uint32_t member = index + 1; member < nodes[index].end; member = nodes[member].end) {
    const TapeNode& node = nodes[member];
    const bool in_array = nodes[index].type == Token::BeginArray;
    const bool is_container = node.type == Token::BeginObject || node.type == Token::BeginArray;
    if (!is_container) continue;
    if (in_array) {
      if (const auto found = container_at(nodes, member, path)) return found;
      continue;
    }
    if (!path.starts_with(node.key)) continue;
    if (path.size() == node.key.size()) {
      if (node.type == Token::BeginObject) return "an object";
      return node.end == member + 1 ? "an empty array" : "an array of objects";
    }
    if (path[node.key.size()] != '.') continue;
    if (const auto found = container_at(nodes, member, path.substr(node.key.size() + 1))) return found;
  }
  return std::nullopt;
}

std::string told_values(const std::vector<Value>& values) {
  if (values.size() == 1) return "is " + shortened(values.front().raw());
  std::string out = "has the values ";
  for (std::size_t i = 0; i < std::min(values.size(), kMaxValuesTold); ++i) {
    out += (i == 0 ? "" : ", ") + shortened(values[i].raw());
  }
  if (values.size() > kMaxValuesTold)
    out += " and " + std::to_string(values.size() - kMaxValuesTold) + " more";
  return out;
}

bool is_accepted(std::span<const Predicate> any_of, const Value& value) {
  return std::any_of(any_of.begin(), any_of.end(), [&](const Predicate& one) { return one.accepts(value); });
}

FieldExplanation explain_field(const Program& program, const Condition& condition,
                               const std::vector<Value>& values, const EventTape& tape,
                               bool alternative_matches) {
  FieldExplanation out;
  out.path = condition.path;
  out.wants = std::string(condition.wants);
  for (const Value& value : values) out.has.emplace_back(value.raw());
  const std::string wanted = std::string("; the pattern wants ") + (condition.members == 1 ? "" : "one of ") +
                             shortened(condition.wants);
  const bool accepted = std::any_of(values.begin(), values.end(), [&](const Value& value) {
    return is_accepted(program.any_of(condition), value);
  });
  if (values.empty()) {
    out.satisfied = condition.accepts_absence;
    const auto container = container_at(tape.nodes(), 0, condition.path);
    out.reason =
        condition.path + (container ? " is " + std::string(*container) + " and so has no value of its own"
                                    : std::string(" is absent"));
    out.reason += condition.accepts_absence ? ", which the pattern accepts" : wanted;
  } else if (!accepted && alternative_matches) {
    out.satisfied = true;
    out.reason = condition.path +
                 " is absent from the array elements that the other fields select, which the pattern accepts";
  } else {
    out.satisfied = accepted;
    out.reason = condition.path + " " + told_values(values) + wanted;
  }
  return out;
}

std::string reason_of(const AlternativeExplanation& alternative) {
  if (alternative.matches) return "Every field is satisfied.";
  std::string missing;
  for (const FieldExplanation& field : alternative.fields) {
    if (!field.satisfied) missing += (missing.empty() ? "" : ", ") + field.path;
  }
  if (!missing.empty()) return "Not satisfied: " + missing + ".";
  return "Each field is satisfied by itself, but only by different elements of one array; fields of "
         "different elements are not "
         "combined.";
}

const char* mark(bool good) {
  return good ? "yes" : "no ";
}

void append_field(std::string& out, const FieldExplanation& field) {
  out += R"({"path":)";
  core::append_json_string(out, field.path);
  out +=
      std::string(R"(,"satisfied":)") + (field.satisfied ? "true" : "false") + R"(,"wants":)" + field.wants;
  out += R"(,"has":[)";
  for (std::size_t i = 0; i < field.has.size(); ++i) out += (i == 0 ? "" : ",") + field.has[i];
  out += R"(],"reason":)";
  core::append_json_string(out, field.reason);
  out += '}';
}

}  // namespace

Result<Explanation> explain(const Pattern& pattern, std::string_view event_json) {
  Scratch scratch;
  BOOST_OUTCOME_TRY(const auto event, CheckedEvent::check(event_json, scratch));
  Scratch::Workspace& workspace = scratch.workspace();
  BOOST_OUTCOME_TRY(workspace.tape.read(event_json));
  const Program& program = pattern.program();
  const SinglePattern single(program);
  single.read(event, workspace);
  Explanation out;
  bool any_too_hard = false;
  for (std::size_t i = 0; i < program.alternative_count; ++i) {
    const Verdict verdict = single.decide(i, workspace);
    any_too_hard = any_too_hard || verdict == Verdict::TooHard;
    AlternativeExplanation told;
    told.matches = verdict == Verdict::Yes;
    for (const std::uint32_t condition : program.alternative(i)) {
      told.fields.push_back(explain_field(program, program.conditions[condition],
                                          workspace.fields.values(single.path(condition)), workspace.tape,
                                          told.matches));
    }
    told.reason = reason_of(told);
    out.matches = out.matches || told.matches;
    out.alternatives.push_back(std::move(told));
  }
  if (any_too_hard && !out.matches) return fail(too_hard());
  return out;
}

std::string to_text(const Explanation& explanation) {
  std::string out =
      explanation.matches ? "The event matches the pattern.\n" : "The event does not match the pattern.\n";
  const std::size_t count = explanation.alternatives.size();
  for (std::size_t i = 0; i < count; ++i) {
    const AlternativeExplanation& alternative = explanation.alternatives[i];
    if (count > 1) {
      out += "Alternative " + std::to_string(i + 1) + " of " + std::to_string(count) + ": " +
             (alternative.matches ? "matches" : "does not match") + "\n";
    }
    for (const FieldExplanation& field : alternative.fields) {
      out += std::string("  ") + mark(field.satisfied) + "  " + field.reason + "\n";
    }
    out += "  " + alternative.reason + "\n";
  }
  return out;
}

std::string to_json(const Explanation& explanation) {
  std::string out =
      std::string(R"({"matches":)") + (explanation.matches ? "true" : "false") + R"(,"alternatives":[)";
  for (std::size_t i = 0; i < explanation.alternatives.size(); ++i) {
    const AlternativeExplanation& alternative = explanation.alternatives[i];
    if (i > 0) out += ',';
    out += std::string(R"({"matches":)") + (alternative.matches ? "true" : "false") + R"(,"reason":)";
    core::append_json_string(out, alternative.reason);
    out += R"(,"fields":[)";
    for (std::size_t f = 0; f < alternative.fields.size(); ++f) {
      if (f > 0) out += ',';
      append_field(out, alternative.fields[f]);
    }
    out += "]}";
  }
  return out + "]}";
}

}  // namespace ebagent::pattern
