#include "schema/json_schema.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>
#include <sstream>
#include <string>
#include <string_view>

#include "core/json.hpp"
#include "schema/equality.hpp"
#include "schema/node.hpp"

namespace ebagent::schema {
namespace {

namespace json = boost::json;
using detail::Problems;
using Place = Node::Place;

constexpr std::size_t kMaxShownAlternatives = 3;
constexpr std::size_t kMaxShownValues = 20;

bool is_whole(const json::value& number) {
  return !number.is_double() || std::trunc(number.get_double()) == number.get_double();
}

unsigned kinds_of(const json::value& value) {
  switch (value.kind()) {
    case json::kind::null:
      return Null;
    case json::kind::bool_:
      return Boolean;
    case json::kind::object:
      return Object;
    case json::kind::array:
      return Array;
    case json::kind::string:
      return Text;
    default:
      return is_whole(value) ? Number | Integer : Number;
  }
}

// "a string or null"
std::string names_of(unsigned kinds) {
  struct Name {
    unsigned kind;
    const char* text;
  };
  constexpr Name kNames[] = {
      {Text, "a string"},    {Number, "a number"}, {Integer, "an integer"}, {Boolean, "true or false"},
      {Object, "an object"}, {Array, "an array"},  {Null, "null"}};
  if ((kinds & Number) != 0) kinds &= ~unsigned{Integer};
  std::string text;
  for (const Name& name : kNames) {
    if ((kinds & name.kind) != 0) text += (text.empty() ? "" : " or ") + std::string(name.text);
  }
  return text;
}

std::string written(long double number) {
  std::ostringstream out;
  out.precision(17);
  out << number;
  return out.str();
}

// One check of one value.
class Check {
 public:
  explicit Check(const std::vector<Node>& nodes) : nodes_(nodes) {}

  void run(Place place, const json::value& value, Problems& problems, int depth) {
    if (++steps_ > Schema::kMaxSteps || depth > Schema::kMaxDepth) {
      is_given_up_ = true;
      return problems.refuse("takes too much work to check: less nesting is needed");
    }
    const Node& node = nodes_[place];
    if (node.is_never) return problems.refuse("is not allowed");
    const unsigned kinds = kinds_of(value);
    if (node.kinds != 0 && (node.kinds & kinds) == 0) return problems.expected(names_of(node.kinds), value);
    check_allowed(node, value, problems);
    if ((kinds & Number) != 0) check_number(node, value, problems);
    if (kinds == Text) check_text(node, value, problems);
    if (kinds == Array) check_array(node, value.get_array(), value, problems, depth);
    if (kinds == Object) check_object(node, value.get_object(), value, problems, depth);
    check_combinations(node, value, problems, depth);
  }

  // True when a bound was reached: what `not` and alternatives made of it means nothing then.
  [[nodiscard]] bool is_given_up() const { return is_given_up_; }

 private:
  bool holds(Place place, const json::value& value, int depth) {
    Problems problems;
    run(place, value, problems, depth + 1);
    return problems.empty();
  }

  void check_allowed(const Node& node, const json::value& value, Problems& problems) {
    if (!node.allowed) return;
    std::string names;
    std::size_t shown = 0;
    for (const json::value& allowed : *node.allowed) {
      if (are_equal(allowed, value, steps_)) return;
      if (++shown <= kMaxShownValues) names += (names.empty() ? "" : ", ") + core::write_json(allowed);
    }
    problems.expected((node.allowed->size() == 1 ? "" : "one of ") + names, value);
  }

  static void check_number(const Node& node, const json::value& value, Problems& problems) {
    const long double number = number_of(value);
    const auto refuse = [&](const char* what, long double bound) {
      problems.expected(what + written(bound), value);
    };
    if (node.minimum && number < *node.minimum) refuse("a number of at least ", *node.minimum);
    if (node.maximum && number > *node.maximum) refuse("a number of at most ", *node.maximum);
    if (node.above && number <= *node.above) refuse("a number greater than ", *node.above);
    if (node.below && number >= *node.below) refuse("a number less than ", *node.below);
    if (node.multiple_of) {
      // 0.3 is a multiple of 0.1 to people, though not to the last bit.
      const long double times = number / *node.multiple_of;
      if (std::abs(times - std::round(times)) > 1e-9L * std::max(1.0L, std::abs(times))) {
        refuse("a multiple of ", *node.multiple_of);
      }
    }
  }

  static void check_count(const Count& count, std::size_t found, const char* what, Problems& problems) {
    if (found < count.least) {
      problems.refuse("must have at least " + std::to_string(count.least) + " " + what + ", has " +
                      std::to_string(found));
    } else if (count.most && found > *count.most) {
      problems.refuse("must have at most " + std::to_string(*count.most) + " " + what + ", has " +
                      std::to_string(found));
    }
  }

  static void check_text(const Node& node, const json::value& value, Problems& problems) {
    const std::string_view text = value.get_string();
    check_count(node.length, core::character_count(text), "characters", problems);
    if (node.pattern && !node.pattern->is_found_in(text)) {
      problems.expected("a text that matches " + std::string(node.pattern->text()), value);
    }
  }

  void check_array(const Node& node, const json::array& array, const json::value& value, Problems& problems,
                   int depth) {
    check_count(node.items, array.size(), "elements", problems);
    std::size_t contained = 0;
    for (std::size_t i = 0; i < array.size(); ++i) {
      problems.enter(i);
      if (i < node.first_items.size()) {
        run(node.first_items[i], array[i], problems, depth + 1);
      } else if (node.other_items) {
        run(*node.other_items, array[i], problems, depth + 1);
      }
      problems.leave();
      if (node.contains && holds(*node.contains, array[i], depth)) ++contained;
    }
    if (node.contains) check_count(node.contained, contained, "elements of the kind asked for", problems);
    if (node.is_unique && !is_unique(array)) problems.expected("elements that differ from each other", value);
  }

  bool is_unique(const json::array& array) {
    for (std::size_t i = 0; i < array.size(); ++i) {
      for (std::size_t j = i + 1; j < array.size(); ++j) {
        if (are_equal(array[i], array[j], steps_)) return false;
        if (steps_ <= Schema::kMaxSteps) continue;
        is_given_up_ = true;
        return false;
      }
    }
    return true;
  }

  void check_object(const Node& node, const json::object& object, const json::value& value,
                    Problems& problems, int depth) {
    check_count(node.members, object.size(), "members", problems);
    for (const std::string& name : node.required) {
      if (!object.contains(name)) problems.missing(name);
    }
    for (const auto& [key, member] : object) {
      check_member(node, std::string_view(key.data(), key.size()), member, problems, depth);
    }
    for (const auto& [name, needed] : node.dependent_required) {
      if (!object.contains(name)) continue;
      for (const std::string& other : needed) {
        if (!object.contains(other)) problems.missing(other);
      }
    }
    for (const auto& [name, schema] : node.dependent_schemas) {
      if (object.contains(name)) run(schema, value, problems, depth + 1);
    }
  }

  void check_member(const Node& node, std::string_view name, const json::value& member, Problems& problems,
                    int depth) {
    ++steps_;
    if (node.property_names && !holds(*node.property_names, json::value(name), depth)) {
      problems.enter(name);
      problems.refuse("is no name that a member may have");
      problems.leave();
    }
    bool is_known = false;
    problems.enter(name);
    if (const auto property = node.properties.find(name); property != node.properties.end()) {
      is_known = true;
      run(property->second, member, problems, depth + 1);
    }
    for (const auto& [pattern, schema] : node.pattern_properties) {
      if (!pattern.is_found_in(name)) continue;
      is_known = true;
      run(schema, member, problems, depth + 1);
    }
    const bool is_other = !is_known && node.other_properties.has_value();
    const bool is_closed = is_other && nodes_[*node.other_properties].is_never;
    if (is_other && !is_closed) run(*node.other_properties, member, problems, depth + 1);
    problems.leave();
    if (is_closed) problems.unknown(name, keys_of(node.properties));
  }

  static std::vector<std::string_view> keys_of(const std::map<std::string, Place, std::less<>>& properties) {
    std::vector<std::string_view> names;
    names.reserve(properties.size());
    for (const auto& [name, place] : properties) names.emplace_back(name);
    return names;
  }

  void check_combinations(const Node& node, const json::value& value, Problems& problems, int depth) {
    if (node.reference) run(*node.reference, value, problems, depth + 1);
    for (const Place place : node.all) run(place, value, problems, depth + 1);
    if (!node.any.empty()) check_alternatives(node.any, value, problems, depth);
    if (!node.one.empty() && check_alternatives(node.one, value, problems, depth) > 1) {
      problems.refuse("fits more than one of the forms of which it may have only one");
    }
    if (node.never && holds(*node.never, value, depth)) problems.refuse("has a form that is ruled out");
    if (!node.condition) return;
    const std::optional<Place>& next = holds(*node.condition, value, depth) ? node.then : node.otherwise;
    if (next) run(*next, value, problems, depth + 1);
  }

  // How many of the forms the value has; none is a problem that says what is wrong with it in each.
  std::size_t check_alternatives(const std::vector<Place>& forms, const json::value& value,
                                 Problems& problems, int depth) {
    std::size_t fitting = 0;
    std::string why;
    for (std::size_t i = 0; i < forms.size(); ++i) {
      Problems of_form;
      run(forms[i], value, of_form, depth + 1);
      if (of_form.empty()) {
        ++fitting;
      } else if (i < kMaxShownAlternatives) {
        why += (why.empty() ? "" : " | ") + of_form.text();
      }
    }
    if (fitting == 0) {
      problems.refuse("has none of the " + std::to_string(forms.size()) + " forms that it may have (" + why +
                      ")");
    }
    return fitting;
  }

  const std::vector<Node>& nodes_;
  std::size_t steps_ = 0;
  bool is_given_up_ = false;
};

}  // namespace

void Schema::check(const boost::json::value& value, Problems& problems) const {
  Check check(*nodes_);
  check.run(0, value, problems, 0);
  if (check.is_given_up() && problems.empty()) {
    problems.refuse("takes too much work to check: less nesting is needed");
  }
}

Result<void> Schema::check(const boost::json::value& value) const {
  Problems problems;
  check(value, problems);
  if (!problems.empty()) return fail(ErrorCode::InvalidArgument, problems.text());
  return success();
}

}  // namespace ebagent::schema
