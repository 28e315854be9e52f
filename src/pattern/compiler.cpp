#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <span>
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

// The fields of one alternative, each with the index of what is asked of it; setting a path again replaces what
// it asked, as EventBridge does.
using FieldMap = std::map<std::string, std::uint32_t, std::less<>>;

// What reading a pattern gives.
struct Parsed {
  std::vector<FieldMap> alternatives;
  std::vector<Condition> conditions;
  std::vector<Predicate> predicates;
};

Result<void> too_many_fields(const Limits& limits) {
  return fail(ErrorCode::LimitExceeded,
              "Size of rule exceeds max value of " + std::to_string(limits.max_fields));
}

class Compiler {
 public:
  Compiler(Program& program, const Limits& limits, OrReading or_reading)
      : json_(program.json),
        limits_(limits),
        or_reading_(or_reading),
        reader_(program.json, kMaxDepth, program.decoded) {}

  Result<Parsed> run() {
    if (reader_.next() != Token::BeginObject) return refuse(reader_, "Filter is not an object");
    BOOST_OUTCOME_TRY(parse_object(false));
    if (reader_.next() != Token::End) return refuse(reader_, "There is text after the end of the pattern");
    return Parsed{std::move(alternatives_), std::move(conditions_), std::move(predicates_)};
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
    Condition condition;
    condition.path = path_;
    condition.first_predicate = std::uint32_t(predicates_.size());
    std::size_t member_begin = 0;
    std::size_t member_end = 0;
    Token token = reader_.next();
    for (; token != Token::EndArray; token = reader_.next()) {
      member_begin = reader_.token_begin();
      BOOST_OUTCOME_TRY(parse_alternative_value(reader_, token, predicates_));
      member_end = reader_.position();
      ++condition.members;
    }
    condition.predicate_count = std::uint32_t(predicates_.size()) - condition.first_predicate;
    if (condition.members == 0) return refuse(reader_, "Empty arrays are not allowed");
    const bool is_single = condition.members == 1;
    if (is_single) begin = member_begin;
    condition.wants = json_.substr(begin, (is_single ? member_end : reader_.position()) - begin);
    condition.accepts_absence =
        std::any_of(predicates_.begin() + condition.first_predicate, predicates_.end(),
                    [](const Predicate& p) { return p.kind() == PredicateKind::Absent; });
    const auto index = std::uint32_t(conditions_.size());
    conditions_.push_back(std::move(condition));
    if (alternatives_.empty()) alternatives_.emplace_back();
    for (FieldMap& fields : alternatives_) fields[path_] = index;
    // Found out at the end as well, but many alternatives would take much memory until then.
    constexpr std::size_t kManyAlternatives = 64;
    if (alternatives_.size() > kManyAlternatives && alternatives_.front().size() > limits_.max_fields) {
      return too_many_fields(limits_);
    }
    return success();
  }

  std::string_view json_;
  const Limits& limits_;
  OrReading or_reading_;
  JsonReader reader_;
  std::string path_;
  std::size_t depth_ = 0;
  std::vector<FieldMap> alternatives_;
  std::vector<Condition> conditions_;
  std::vector<Predicate> predicates_;
};

Result<Parsed> parse(Program& program, const Limits& limits) {
  auto parsed = Compiler(program, limits, OrReading::Relationship).run();
  if (parsed) return parsed;
  // A $or that cannot be a relationship is a field of that name, for the sake of rules older than $or.
  auto plain = Compiler(program, limits, OrReading::FieldName).run();
  if (plain) return plain;
  return parsed;
}

void collect_wildcards(std::span<const Predicate> predicates, std::vector<const Wildcard*>& out) {
  for (const Predicate& predicate : predicates) {
    if (predicate.kind() == PredicateKind::Wildcard) out.push_back(&predicate.wildcard());
    if (predicate.kind() == PredicateKind::AnythingBut) collect_wildcards(predicate.excluded(), out);
  }
}

bool is_too_complex(const std::vector<const Wildcard*>& wildcards, const Limits& limits) {
  if (wildcards.empty() || limits.max_wildcard_complexity == kUnlimited) return false;
  return exceeds_complexity(wildcards, limits.max_wildcard_complexity);
}

}  // namespace

Limits Limits::generous() {
  constexpr std::size_t kGenerousCombinations = 100'000;
  return {.max_characters = kUnlimited,
          .max_fields = 256,
          .max_wildcard_complexity = kUnlimited,
          .max_or_combinations = kGenerousCombinations};
}

std::string_view Pattern::text() const {
  return program_->json;
}
bool Pattern::has_wildcard() const {
  return program_->has_wildcard;
}

Result<Pattern> compile(std::string_view json, const Limits& limits) {
  if (!core::is_utf8(json)) return fail(ErrorCode::Malformed, "The pattern is not valid UTF-8");
  if (json.size() > limits.max_characters && core::character_count(json) > limits.max_characters) {
    return fail(ErrorCode::LimitExceeded,
                "The pattern is longer than " + std::to_string(limits.max_characters) + " characters");
  }
  auto program = std::make_shared<Program>();
  program->json = std::string(json);
  BOOST_OUTCOME_TRY(Parsed parsed, parse(*program, limits));
  program->predicates = std::move(parsed.predicates);
  program->predicates.shrink_to_fit();
  std::vector<std::vector<std::uint32_t>> alternatives;
  std::vector<std::uint32_t> kept(parsed.conditions.size(), kNone);  // where each condition went
  for (const FieldMap& fields : parsed.alternatives) {
    if (fields.size() > limits.max_fields) {
      return fail(too_many_fields(limits).error());
    }
    std::vector<std::uint32_t>& alternative = alternatives.emplace_back();
    alternative.reserve(fields.size());
    for (const auto& [path, index] : fields) {
      if (kept[index] == kNone) {
        Condition& condition = parsed.conditions[index];
        std::vector<const Wildcard*> wildcards;
        collect_wildcards(program->any_of(condition), wildcards);
        program->has_wildcard = program->has_wildcard || !wildcards.empty();
        if (is_too_complex(wildcards, limits))
          return fail(ErrorCode::LimitExceeded, std::string(kTooComplex));
        kept[index] = std::uint32_t(program->conditions.size());
        program->conditions.push_back(std::move(condition));
      }
      alternative.push_back(kept[index]);
    }
  }
  program->set_alternatives(alternatives);
  program->conditions.shrink_to_fit();
  return Pattern(std::move(program));
}

}  // namespace ebagent::pattern
