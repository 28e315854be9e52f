#include "pattern/operators.hpp"

#include <algorithm>
#include <limits>
#include <string_view>

#include "pattern/number.hpp"

namespace ebagent::pattern {
namespace {

constexpr std::string_view kOneKey = "Only one key allowed in match expression";
constexpr std::string_view kTooManyElements = "Too many elements in numeric expression";
constexpr std::string_view kIgnoreCase = "equals-ignore-case";

Predicate caseless_predicate(PredicateKind kind, std::string_view text) {
  return {kind, CaselessText(text)};
}

Result<Number> read_number(const JsonReader& reader, std::string_view text) {
  if (const auto number = comparable_number(text)) return *number;
  return refuse(reader, "Cannot compare number : " + std::string(text));
}

Result<void> expect_end(JsonReader& reader, std::string_view message) {
  if (reader.next() != Token::EndObject) return refuse(reader, std::string(message));
  return success();
}

Result<std::string_view> read_string(JsonReader& reader, std::string_view message) {
  if (reader.next() != Token::String) return refuse(reader, std::string(message));
  const std::string_view text = reader.text();
  if (reader.has_failed()) return refuse(reader, "");
  return text;
}

Result<Predicate> parse_exactly(JsonReader& reader) {
  BOOST_OUTCOME_TRY(auto text, read_string(reader, "exact match pattern must be a string"));
  BOOST_OUTCOME_TRY(expect_end(reader, kOneKey));
  return Predicate(PredicateKind::Text, text);
}

Result<Predicate> parse_ignore_case(JsonReader& reader) {
  BOOST_OUTCOME_TRY(auto text, read_string(reader, "equals-ignore-case match pattern must be a string"));
  BOOST_OUTCOME_TRY(expect_end(reader, kOneKey));
  return caseless_predicate(PredicateKind::Caseless, text);
}

// prefix and suffix differ in their words only.
struct EndWords {
  PredicateKind kind;
  PredicateKind caseless_kind;
  std::string_view not_text;
  std::string_view no_name;
  std::string_view unsupported;
};

Result<Predicate> parse_end(JsonReader& reader, const EndWords& words) {
  const Token token = reader.next();
  if (token == Token::BeginObject) {
    if (reader.next() != Token::Name) return refuse(reader, std::string(words.no_name));
    if (reader.text() != kIgnoreCase) {
      return refuse(reader, std::string(words.unsupported) + std::string(reader.text()));
    }
    BOOST_OUTCOME_TRY(auto text, read_string(reader, "equals-ignore-case match pattern must be a string"));
    BOOST_OUTCOME_TRY(expect_end(reader, kOneKey));
    BOOST_OUTCOME_TRY(expect_end(reader, kOneKey));
    return caseless_predicate(words.caseless_kind, text);
  }
  if (token != Token::String) return refuse(reader, std::string(words.not_text));
  const std::string_view text = reader.text();
  BOOST_OUTCOME_TRY(expect_end(reader, kOneKey));
  return Predicate(words.kind, text);
}

Result<Predicate> parse_prefix(JsonReader& reader) {
  return parse_end(
      reader, {PredicateKind::Prefix, PredicateKind::CaselessPrefix, "prefix match pattern must be a string",
               "Prefix expression name not found", "Unsupported prefix pattern: "});
}

Result<Predicate> parse_suffix(JsonReader& reader) {
  return parse_end(
      reader, {PredicateKind::Suffix, PredicateKind::CaselessSuffix, "suffix match pattern must be a string",
               "Suffix expression name not found", "Unsupported suffix pattern: "});
}

Result<Predicate> wildcard_predicate(const JsonReader& reader, std::string_view text) {
  auto wildcard = Wildcard::parse(text);
  if (!wildcard) return refuse(reader, wildcard.error().message);
  return Predicate(std::move(wildcard).value());
}

Result<Predicate> parse_wildcard(JsonReader& reader) {
  BOOST_OUTCOME_TRY(auto text, read_string(reader, "wildcard match pattern must be a string"));
  BOOST_OUTCOME_TRY(auto predicate, wildcard_predicate(reader, text));
  BOOST_OUTCOME_TRY(expect_end(reader, kOneKey));
  return predicate;
}

Result<Predicate> parse_exists(JsonReader& reader) {
  const Token token = reader.next();
  if (token != Token::True && token != Token::False) {
    return refuse(reader, "exists match pattern must be either true or false.");
  }
  BOOST_OUTCOME_TRY(expect_end(reader, kOneKey));
  return Predicate(token == Token::True ? PredicateKind::Present : PredicateKind::Absent);
}

Result<Predicate> parse_cidr(JsonReader& reader) {
  BOOST_OUTCOME_TRY(auto text, read_string(reader, "prefix match pattern must be a string"));
  BOOST_OUTCOME_TRY(auto block, parse_address_block(text));
  BOOST_OUTCOME_TRY(expect_end(reader, kOneKey));
  return Predicate(block);
}

Result<Predicate> finish_between(JsonReader& reader, std::string_view bottom_operation,
                                 std::string_view bottom_text) {
  const std::string operation(reader.text());
  if (reader.has_failed()) return refuse(reader, "");
  if (operation != "<" && operation != "<=")
    return refuse(reader, "Bad numeric range operator: " + operation);
  if (reader.next() != Token::Number) return refuse(reader, "Value of " + operation + " must be numeric");
  const std::string_view top_text = reader.text();
  if (reader.next() != Token::EndArray) return refuse(reader, "Too many terms in numeric range expression");
  BOOST_OUTCOME_TRY(const Number bottom, read_number(reader, bottom_text));
  BOOST_OUTCOME_TRY(const Number top, read_number(reader, top_text));
  if (bottom >= top) return refuse(reader, "Bottom must be less than top");
  return Predicate(NumberRange{bottom_operation == ">" ? just_above(bottom) : bottom,
                               operation == "<" ? just_below(top) : top});
}

Result<Predicate> parse_numeric_terms(JsonReader& reader) {
  if (reader.next() != Token::String) {
    const std::string text(reader.text());
    return refuse(reader, "Invalid member in numeric match: " + text);
  }
  const std::string operation(reader.text());
  const Token operand = reader.next();
  constexpr std::string_view kOperations[] = {"=", ">=", ">", "<=", "<"};
  if (std::find(std::begin(kOperations), std::end(kOperations), operation) == std::end(kOperations)) {
    return refuse(reader, "Unrecognized numeric range operator: " + operation);
  }
  if (operand != Token::Number) {
    return refuse(reader, "Value of " + (operation == "=" ? "equals" : operation) + " must be numeric");
  }
  const std::string_view text = reader.text();
  const Token after = reader.next();
  if (operation[0] == '>') {
    if (after != Token::EndArray) {
      if (after != Token::String) {
        return refuse(reader, "Bad value in numeric range: " + std::string(reader.text()));
      }
      return finish_between(reader, operation, text);
    }
    BOOST_OUTCOME_TRY(const Number number, read_number(reader, text));
    return Predicate(NumberRange{.low = operation == ">" ? just_above(number) : number});
  }
  if (after != Token::EndArray) return refuse(reader, std::string(kTooManyElements));
  BOOST_OUTCOME_TRY(const Number number, read_number(reader, text));
  if (operation == "=") return Predicate(number);
  return Predicate(NumberRange{.high = operation == "<" ? just_below(number) : number});
}

Result<Predicate> parse_numeric(JsonReader& reader) {
  if (reader.next() != Token::BeginArray) return refuse(reader, "Value of numeric must be an array.");
  BOOST_OUTCOME_TRY(auto predicate, parse_numeric_terms(reader));
  BOOST_OUTCOME_TRY(expect_end(reader, kTooManyElements));
  return predicate;
}

// What anything-but excludes: plain values, or texts of one kind.
enum class Excluded { Values, IgnoreCase, Prefix, Suffix, Wildcard };

Result<Predicate> parse_excluded_value(JsonReader& reader, Token token, std::string_view refusal_message) {
  if (token == Token::String) {
    const std::string_view text = reader.text();
    if (reader.has_failed()) return refuse(reader, "");
    return Predicate(PredicateKind::Text, text);
  }
  if (token != Token::Number) return refuse(reader, std::string(refusal_message));
  BOOST_OUTCOME_TRY(const Number number, read_number(reader, reader.text()));
  return Predicate(number);
}

Result<Predicate> parse_excluded_text(JsonReader& reader, Token token, Excluded kind) {
  if (token != Token::String) {
    if (kind == Excluded::IgnoreCase) {
      return refuse(
          reader, "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported.");
    }
    return refuse(reader, kind == Excluded::Wildcard ? "wildcard match pattern must be a string"
                                                     : "prefix/suffix match pattern must be a string");
  }
  const std::string_view text = reader.text();
  if (reader.has_failed()) return refuse(reader, "");
  if (kind == Excluded::IgnoreCase) return caseless_predicate(PredicateKind::Caseless, text);
  if (kind == Excluded::Wildcard) return Predicate(PredicateKind::Wildcard, text);
  if (text.empty()) return refuse(reader, "Null prefix/suffix not allowed");
  return Predicate(kind == Excluded::Prefix ? PredicateKind::Prefix : PredicateKind::Suffix, text);
}

Result<Excluded> parse_excluded_kind(JsonReader& reader) {
  if (reader.next() != Token::Name) return refuse(reader, "Anything-But expression name not found");
  const std::string_view name = reader.text();
  if (name == kIgnoreCase) return Excluded::IgnoreCase;
  if (name == "prefix") return Excluded::Prefix;
  if (name == "suffix") return Excluded::Suffix;
  if (name == "wildcard") return Excluded::Wildcard;
  return refuse(reader, "Unsupported anything-but pattern: " + std::string(name));
}

Result<void> parse_excluded_list(JsonReader& reader, Excluded kind, std::vector<Predicate>& out) {
  for (Token token = reader.next(); token != Token::EndArray; token = reader.next()) {
    if (kind == Excluded::Values) {
      BOOST_OUTCOME_TRY(
          auto value, parse_excluded_value(reader, token,
                                           "Inside anything but list, start|null|boolean is not supported."));
      out.push_back(std::move(value));
    } else {
      BOOST_OUTCOME_TRY(auto text, parse_excluded_text(reader, token, kind));
      out.push_back(std::move(text));
    }
  }
  if (kind != Excluded::Values) return success();
  const auto numbers = std::count_if(out.begin(), out.end(),
                                     [](const Predicate& p) { return p.kind() == PredicateKind::Number; });
  if (out.empty() || (numbers != 0 && std::size_t(numbers) != out.size())) {
    return refuse(
        reader,
        "Inside anything but list, either all values are number or string, mixed type is not supported");
  }
  return success();
}

Result<Predicate> parse_anything_but(JsonReader& reader) {
  Excluded kind = Excluded::Values;
  Token token = reader.next();
  if (token == Token::BeginObject) {
    BOOST_OUTCOME_TRY(kind, parse_excluded_kind(reader));
    token = reader.next();
  }
  Predicate::Excluded excluded;
  if (token == Token::BeginArray) {
    BOOST_OUTCOME_TRY(parse_excluded_list(reader, kind, excluded));
  } else if (token != Token::String && token != Token::Number) {
    return refuse(reader, "Value of anything-but must be an array or single string/number value.");
  } else if (kind == Excluded::Values) {
    BOOST_OUTCOME_TRY(auto value, parse_excluded_value(reader, token, ""));
    excluded.push_back(std::move(value));
  } else {
    BOOST_OUTCOME_TRY(auto text, parse_excluded_text(reader, token, kind));
    excluded.push_back(std::move(text));
  }
  // The syntax of wildcards is looked at only when the whole list was read.
  if (kind == Excluded::Wildcard) {
    for (Predicate& predicate : excluded) {
      BOOST_OUTCOME_TRY(predicate, wildcard_predicate(reader, predicate.text()));
    }
  }
  BOOST_OUTCOME_TRY(expect_end(reader, kTooManyElements));
  if (kind != Excluded::Values) {
    BOOST_OUTCOME_TRY(expect_end(reader, kTooManyElements));
  }
  return Predicate(std::move(excluded));
}

struct Operator {
  std::string_view name;
  Result<Predicate> (*parse)(JsonReader&);
};

constexpr Operator kOperators[] = {
    {"exactly", parse_exactly},   {"prefix", parse_prefix},
    {"suffix", parse_suffix},     {"numeric", parse_numeric},
    {"exists", parse_exists},     {"anything-but", parse_anything_but},
    {"cidr", parse_cidr},         {"equals-ignore-case", parse_ignore_case},
    {"wildcard", parse_wildcard},
};

Result<Predicate> parse_operator(JsonReader& reader) {
  if (reader.next() != Token::Name) return refuse(reader, "Match expression name not found");
  const std::string_view name = reader.text();
  for (const Operator& operation : kOperators) {
    if (operation.name == name) return operation.parse(reader);
  }
  return refuse(reader, "Unrecognized match type " + std::string(name));
}

Predicate literal_text(std::string_view text) {
  const auto address = parse_address(text);
  if (!address) return Predicate(PredicateKind::Text, text);
  return Predicate(AddressBlock{*address, address->is_v4 ? 32u : 128u});
}

}  // namespace

Error refusal(const JsonReader& reader, std::string message) {
  if (reader.is_too_deep()) return {ErrorCode::LimitExceeded, reader.error()};
  if (reader.has_failed()) return {ErrorCode::Malformed, reader.error()};
  return {ErrorCode::InvalidArgument, std::move(message)};
}

Result<void> parse_alternative_value(JsonReader& reader, Token token, std::vector<Predicate>& out) {
  switch (token) {
    case Token::BeginObject: {
      BOOST_OUTCOME_TRY(auto predicate, parse_operator(reader));
      out.push_back(std::move(predicate));
      return success();
    }
    case Token::String: {
      const std::string_view text = reader.text();
      if (reader.has_failed()) return refuse(reader, "");
      out.push_back(literal_text(text));
      return success();
    }
    case Token::Number:
      if (const auto number = comparable_number(reader.text())) {
        out.emplace_back(*number);
      } else {
        out.emplace_back(PredicateKind::Literal, reader.text());
      }
      return success();
    case Token::True:
    case Token::False:
    case Token::Null:
      out.emplace_back(PredicateKind::Literal, reader.text());
      return success();
    default:
      return refuse(reader, "Match value must be String, number, true, false, or null");
  }
}

}  // namespace ebagent::pattern
