#include "server/aws_api/constraints.hpp"

#include <optional>
#include <vector>

#include "core/json.hpp"

namespace ebagent::server::aws_api {
namespace {

namespace json = boost::json;
using Type = Shape::Type;

// A refused value is quoted up to here: enough to recognise it, and no megabytes sent back.
constexpr std::size_t kMaxQuoted = 512;
// Violations named in one answer.
constexpr std::size_t kMaxViolations = 20;

// Where a value stands, in both forms that messages use.
struct Place {
  std::string member;  // "targets.1.member.id", as validation errors spell it
  std::string source;  // "Targets[0].Id", as the caller wrote it
};

Place below(const Place& parent, std::string_view name) {
  std::string member{name};
  if (member[0] >= 'A' && member[0] <= 'Z') member[0] = static_cast<char>(member[0] + ('a' - 'A'));
  if (parent.member.empty()) return {member, std::string{name}};
  return {parent.member + "." + member, parent.source + "." + std::string{name}};
}

Place element_of(const Place& parent, std::size_t index) {
  return {parent.member + "." + std::to_string(index + 1) + ".member",
          parent.source + "[" + std::to_string(index) + "]"};
}

std::string_view wanted(Type type) {
  switch (type) {
    case Type::String:
      return "a string";
    case Type::Integer:
      return "an integer";
    case Type::Boolean:
      return "a boolean";
    case Type::Timestamp:
      return "a number of seconds since 1970";
    case Type::List:
      return "a list";
    case Type::Map:
    case Type::Structure:
      return "an object";
  }
  return "";
}

std::string_view found(const json::value& value) {
  switch (value.kind()) {
    case json::kind::null:
      return "null";
    case json::kind::bool_:
      return "a boolean";
    case json::kind::int64:
    case json::kind::uint64:
      return "a number";
    case json::kind::double_:
      return "a number";
    case json::kind::string:
      return "a string";
    case json::kind::array:
      return "a list";
    case json::kind::object:
      return "an object";
  }
  return "";
}

bool has_type(const json::value& value, Type type) {
  switch (type) {
    case Type::String:
      return value.is_string();
    case Type::Integer:
      return value.is_int64();
    case Type::Boolean:
      return value.is_bool();
    case Type::Timestamp:
      return value.is_number();
    case Type::List:
      return value.is_array();
    case Type::Map:
    case Type::Structure:
      return value.is_object();
  }
  return false;
}

std::string quoted(const json::value& value, const Shape& shape) {
  if (shape.is_sensitive) return "'***'";
  std::string text = value.is_string() ? std::string{value.get_string().c_str(), value.get_string().size()}
                                       : core::write_json(value);
  if (text.size() > kMaxQuoted) {
    std::size_t end = kMaxQuoted;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80)
      --end;  // not inside a character
    text.resize(end);
    text += "...";
  }
  return "'" + text + "'";
}

class Checker {
 public:
  Result<void> structure(const json::object& input, std::span<const Member> members, const Place& place) {
    for (const Member& member : members) {
      const json::value* value = input.if_contains(json::string_view{member.name.data(), member.name.size()});
      const Place where = below(place, member.name);
      if (value == nullptr || value->is_null()) {
        if (member.required) violated("null", where.member, "Member must not be null");
        continue;
      }
      BOOST_OUTCOME_TRY(check_value(*value, *member.shape, where));
    }
    return success();
  }

  Result<void> verdict() const {
    if (violations_.empty()) return success();
    std::string message = std::to_string(violations_.size());
    message += violations_.size() == 1 ? " validation error detected: " : " validation errors detected: ";
    for (std::size_t i = 0; i < violations_.size(); ++i) {
      if (i != 0) message += "; ";
      message += violations_[i];
    }
    return fail(ErrorCode::InvalidArgument, std::move(message));
  }

 private:
  Result<void> check_value(const json::value& value, const Shape& shape, const Place& place) {
    if (!has_type(value, shape.type)) {
      const std::string_view is =
          value.is_uint64() && shape.type == Type::Integer ? "one that large" : found(value);
      return fail(ErrorCode::Malformed, place.source + " must be " + std::string{wanted(shape.type)} +
                                            ", not " + std::string{is} + ".");
    }
    switch (shape.type) {
      case Type::String:
        check_string(value, shape, place);
        return success();
      case Type::Integer:
        check_bounds(value, value.get_int64(), "value", shape, place);
        return success();
      case Type::Boolean:
      case Type::Timestamp:
        return success();
      case Type::List:
        return check_list(value, shape, place);
      case Type::Map:
        return check_map(value, shape, place);
      case Type::Structure:
        return structure(value.get_object(), shape.members, place);
    }
    return success();
  }

  void check_string(const json::value& value, const Shape& shape, const Place& place) {
    const std::string_view text{value.get_string().data(), value.get_string().size()};
    check_bounds(value, static_cast<std::int64_t>(core::character_count(text)), "length", shape, place);
    if (shape.satisfies != nullptr && !shape.satisfies(text)) {
      violated(quoted(value, shape), place.member,
               "Member must satisfy regular expression pattern: " + std::string{shape.pattern});
    }
    if (!shape.values.empty() &&
        std::find(shape.values.begin(), shape.values.end(), text) == shape.values.end()) {
      violated(quoted(value, shape), place.member,
               "Member must satisfy enum value set: " + list_of(shape.values));
    }
  }

  Result<void> check_list(const json::value& value, const Shape& shape, const Place& place) {
    const json::array& list = value.get_array();
    check_bounds(value, static_cast<std::int64_t>(list.size()), "length", shape, place);
    for (std::size_t i = 0; i < list.size(); ++i) {
      BOOST_OUTCOME_TRY(check_value(list[i], *shape.element, element_of(place, i)));
    }
    return success();
  }

  Result<void> check_map(const json::value& value, const Shape& shape, const Place& place) {
    const json::object& map = value.get_object();
    check_bounds(value, static_cast<std::int64_t>(map.size()), "length", shape, place);
    for (const auto& [key, element] : map) {
      const std::string name{key.data(), key.size()};
      check_string(json::value(json::string_view{name}), *shape.key, {place.member + ".key", {}});
      BOOST_OUTCOME_TRY(check_value(element, *shape.element,
                                    {place.member + "." + name + ".member", place.source + "." + name}));
    }
    return success();
  }

  void check_bounds(const json::value& value, std::int64_t size, std::string_view what, const Shape& shape,
                    const Place& place) {
    const std::string member_must = "Member must have " + std::string{what};
    if (size < shape.min) {
      violated(quoted(value, shape), place.member,
               member_must + " greater than or equal to " + std::to_string(shape.min));
    }
    if (size > shape.max) {
      violated(quoted(value, shape), place.member,
               member_must + " less than or equal to " + std::to_string(shape.max));
    }
  }

  static std::string list_of(std::span<const std::string_view> values) {
    std::string out = "[";
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (i != 0) out += ", ";
      out += values[i];
    }
    return out + "]";
  }

  void violated(const std::string& value, const std::string& where, const std::string& constraint) {
    if (violations_.size() == kMaxViolations) return;
    violations_.push_back("Value " + value + " at '" + where +
                          "' failed to satisfy constraint: " + constraint);
  }

  std::vector<std::string> violations_;
};

}  // namespace

Result<void> check(const json::object& input, const Shape& shape) {
  Checker checker;
  BOOST_OUTCOME_TRY(checker.structure(input, shape.members, {}));
  return checker.verdict();
}

}  // namespace ebagent::server::aws_api
