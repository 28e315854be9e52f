#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <set>
#include <utility>

#include "core/json.hpp"
#include "ebagent/pattern.hpp"
#include "pattern/json_reader.hpp"
#include "pattern/operators.hpp"
#include "pattern/program.hpp"

namespace ebagent::pattern {
namespace {

constexpr std::size_t kMaxDepth = 512;  // nesting of a pattern; compiling recurses once a level
constexpr std::string_view kOr = "$or";
constexpr std::size_t kUnlimited = std::numeric_limits<std::size_t>::max();
constexpr std::string_view kTooComplex =
    "Rule is too complex - try using fewer wildcard characters or fewer repeating character sequences after "
    "a "
    "wildcard character";

// Names that EventBridge keeps for operators, present and future, and so refuses inside $or.
// clang-format off
constexpr std::array<std::string_view, 24> kReservedInsideOr = {
    "exactly", "equals-ignore-case", "prefix", "suffix", "anything-but", "exists", "wildcard", "numeric", "cidr",
    "=", "<", "<=", ">", ">=", "regex", "not-wildcard", "not-equals-ignore-case",
    "date-after", "date-on-or-after", "date-before", "date-on-or-before", "in-date-range",
    "ip-address-in-range", "ip-address-not-in-range"};
// clang-format on

bool is_reserved_inside_or(std::string_view name) {
  return std::find(kReservedInsideOr.begin(), kReservedInsideOr.end(), name) != kReservedInsideOr.end();
}

enum class OrReading { Relationship, FieldName };

// The fields of one alternative; setting a path again replaces what it asked, as EventBridge does.
using FieldMap = std::map<std::string, std::shared_ptr<const Condition>, std::less<>>;

class Compiler {
 public:
  Compiler(std::string_view json, const Limits& limits, OrReading or_reading)
      : json_(json), limits_(limits), or_reading_(or_reading), reader_(json, kMaxDepth, arena_) {}

  Result<std::vector<FieldMap>> run() {
    if (reader_.next() != Token::BeginObject) return refuse(reader_, "Filter is not an object");
    BOOST_OUTCOME_TRY(parse_object(false));
    if (reader_.next() != Token::End) return refuse(reader_, "There is text after the end of the pattern");
    return std::move(alternatives_);
  }

 private:
  Result<void> parse_object(bool inside_or) {
    bool is_empty = true;
    Token token = reader_.next();
    for (; token == Token::Name; token = reader_.next()) {
      is_empty = false;
      BOOST_OUTCOME_TRY(parse_member(std::string(reader_.text()), inside_or));
    }
    if (token != Token::EndObject) return refuse(reader_, "Filter is not an object");
    if (is_empty) return refuse(reader_, "Empty objects are not allowed");
    return success();
  }

  Result<void> parse_member(std::string name, bool inside_or) {
    if (name == kOr && or_reading_ == OrReading::Relationship) return parse_or();
    if (inside_or && is_reserved_inside_or(name)) {
      return refuse(reader_, name + " is Ruler reserved fieldName which cannot be used inside $or.");
    }
    const std::size_t outer_size = path_.size();
    const Token token = reader_.next();
    // EventBridge puts no dot between an empty outermost name and the name of a field.
    if (token == Token::BeginObject ? depth_ > 0 : !path_.empty()) path_ += '.';
    path_ += name;
    ++depth_;
    if (token == Token::BeginObject) {
      BOOST_OUTCOME_TRY(parse_object(inside_or));
    } else if (token == Token::BeginArray) {
      BOOST_OUTCOME_TRY(parse_condition());
    } else {
      return refuse(reader_, "\"" + name + "\" must be an object or an array");
    }
    --depth_;
    path_.resize(outer_size);
    return success();
  }

  // Every alternative so far is continued once by each object of the array.
  Result<void> parse_or() {
    std::vector<FieldMap> before = std::exchange(alternatives_, {});
    if (before.empty()) before.emplace_back();
    if (reader_.next() != Token::BeginArray) return refuse(reader_, "It must be an Array followed with $or.");
    std::vector<FieldMap> all;
    std::size_t objects = 0;
    Token token = reader_.next();
    for (; token != Token::EndArray; token = reader_.next()) {
      if (token != Token::BeginObject) {
        return refuse(reader_, "Only JSON object is allowed in array of $or relationship.");
      }
      ++objects;
      alternatives_ = before;
      BOOST_OUTCOME_TRY(parse_object(true));
      if (all.size() + alternatives_.size() > limits_.max_or_combinations) return refuse_combinations();
      std::move(alternatives_.begin(), alternatives_.end(), std::back_inserter(all));
    }
    if (objects < 2) return refuse(reader_, "There must have at least 2 Objects in $or relationship.");
    alternatives_ = std::move(all);
    return success();
  }

  Result<void> refuse_combinations() {
    return fail(ErrorCode::LimitExceeded, "The $or relationships combine to more than " +
                                              std::to_string(limits_.max_or_combinations) + " alternatives");
  }

  Result<void> parse_condition() {
    std::size_t begin = reader_.token_begin();
    auto condition = std::make_shared<Condition>();
    condition->path = path_;
    std::size_t member_begin = 0;
    std::size_t member_end = 0;
    Token token = reader_.next();
    for (; token != Token::EndArray; token = reader_.next()) {
      member_begin = reader_.token_begin();
      BOOST_OUTCOME_TRY(parse_alternative_value(reader_, token, condition->any_of));
      member_end = reader_.position();
      ++condition->members;
    }
    if (condition->any_of.empty()) return refuse(reader_, "Empty arrays are not allowed");
    const bool is_single = condition->members == 1;
    if (is_single) begin = member_begin;
    condition->wants =
        std::string(json_.substr(begin, (is_single ? member_end : reader_.position()) - begin));
    condition->accepts_absence =
        std::any_of(condition->any_of.begin(), condition->any_of.end(),
                    [](const Predicate& p) { return p.kind == PredicateKind::Absent; });
    if (alternatives_.empty()) alternatives_.emplace_back();
    for (FieldMap& fields : alternatives_) fields[path_] = condition;
    return success();
  }

  std::string_view json_;
  const Limits& limits_;
  OrReading or_reading_;
  std::string arena_;
  JsonReader reader_;
  std::string path_;
  std::size_t depth_ = 0;
  std::vector<FieldMap> alternatives_;
};

Result<std::vector<FieldMap>> parse(std::string_view json, const Limits& limits) {
  auto fields = Compiler(json, limits, OrReading::Relationship).run();
  if (fields) return fields;
  // A $or that cannot be a relationship is a field of that name, for the sake of rules older than $or.
  auto plain = Compiler(json, limits, OrReading::FieldName).run();
  if (plain) return plain;
  return fields;
}

void collect_wildcards(const std::vector<Predicate>& predicates, std::vector<const Wildcard*>& out) {
  for (const Predicate& predicate : predicates) {
    if (predicate.kind == PredicateKind::Wildcard) out.push_back(&predicate.wildcard);
    if (predicate.kind == PredicateKind::AnythingBut) collect_wildcards(predicate.excluded, out);
  }
}

bool is_too_complex(const std::vector<const Wildcard*>& wildcards, const Limits& limits) {
  if (wildcards.empty() || limits.max_wildcard_complexity == kUnlimited) return false;
  return exceeds_complexity(wildcards, limits.max_wildcard_complexity);
}

}  // namespace

Limits Limits::generous() {
  constexpr std::size_t kGenerousCombinations = 100'000;
  return {
      .max_fields = 256, .max_wildcard_complexity = kUnlimited, .max_or_combinations = kGenerousCombinations};
}

std::string_view Pattern::text() const {
  return program_->text;
}
bool Pattern::has_wildcard() const {
  return program_->has_wildcard;
}

Result<Pattern> compile(std::string_view json, const Limits& limits) {
  if (!core::is_utf8(json)) return fail(ErrorCode::Malformed, "The pattern is not valid UTF-8");
  BOOST_OUTCOME_TRY(std::vector<FieldMap> alternatives, parse(json, limits));
  auto program = std::make_shared<Program>();
  program->text = std::string(json);
  std::set<const Condition*> checked;  // alternatives share conditions
  for (const FieldMap& fields : alternatives) {
    if (fields.size() > limits.max_fields) {
      return fail(ErrorCode::LimitExceeded,
                  "Size of rule exceeds max value of " + std::to_string(limits.max_fields));
    }
    Alternative alternative;
    for (const auto& [path, condition] : fields) {
      if (checked.insert(condition.get()).second) {
        std::vector<const Wildcard*> wildcards;
        collect_wildcards(condition->any_of, wildcards);
        program->has_wildcard = program->has_wildcard || !wildcards.empty();
        if (is_too_complex(wildcards, limits))
          return fail(ErrorCode::LimitExceeded, std::string(kTooComplex));
      }
      alternative.conditions.push_back(condition);
      alternative.paths.push_back(program->trie.intern(path));
    }
    program->alternatives.push_back(std::move(alternative));
  }
  return Pattern(std::move(program));
}

}  // namespace ebagent::pattern
