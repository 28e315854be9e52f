#include <boost/json.hpp>
#include <string>
#include <string_view>

#include "core/percent.hpp"
#include "schema/json_schema.hpp"
#include "schema/node.hpp"

namespace ebagent::schema {
namespace {

namespace json = boost::json;
using Place = Node::Place;

struct KindName {
  std::string_view name;
  unsigned kinds;
};
constexpr KindName kKindNames[] = {
    {"null", Null},   {"boolean", Boolean}, {"object", Object},          {"array", Array},
    {"string", Text}, {"integer", Integer}, {"number", Number | Integer}};

// Turns a schema's JSON into nodes. `at` is always the JSON pointer of what is being read.
class Compiler {
 public:
  Compiler(const json::value& root, Unchecked unchecked) : root_(root), unchecked_(unchecked) {}

  Result<std::vector<Node>> compile() {
    BOOST_OUTCOME_TRY(add(root_, "", 0));
    return std::move(nodes_);
  }

 private:
  Result<Place> add(const json::value& schema, const std::string& at, int depth) {
    if (const auto known = places_.find(at); known != places_.end()) return known->second;
    if (nodes_.size() == Schema::kMaxNodes || depth > Schema::kMaxDepth) {
      return fail(ErrorCode::LimitExceeded,
                  "The schema is too large or nested too deeply at \"" + at + "\".");
    }
    const Place place = nodes_.size();
    nodes_.emplace_back();
    places_.emplace(at, place);
    if (const bool* is_any = schema.if_bool()) {
      nodes_[place].is_never = !*is_any;
      return place;
    }
    if (!schema.is_object()) return refuse(at, "must be a schema: an object, true or false");
    Node node;  // not in place: adding others moves the nodes
    for (const auto& [keyword, value] : schema.get_object()) {
      const std::string_view name(keyword.data(), keyword.size());
      BOOST_OUTCOME_TRYV(read(node, schema.get_object(), name, value, at + "/" + escaped(name), depth + 1));
    }
    nodes_[place] = std::move(node);
    return place;
  }

  using Read = Result<void> (Compiler::*)(Node&, const json::object&, const json::value&, const std::string&,
                                          int);
  struct Keyword {
    std::string_view name;
    Read read;
  };

  Result<void> read(Node& node, const json::object& schema, std::string_view name, const json::value& value,
                    const std::string& at, int depth);

  Result<void> kinds(Node& node, const json::object&, const json::value& value, const std::string& at, int) {
    const auto add_kind = [&](const json::value& entry) {
      for (const KindName& kind : kKindNames) {
        if (entry.is_string() && std::string_view(entry.get_string()) == kind.name) {
          node.kinds |= kind.kinds;
          return true;
        }
      }
      return false;
    };
    bool is_fine = true;
    if (const auto* list = value.if_array()) {
      for (const json::value& entry : *list) is_fine = is_fine && add_kind(entry);
      is_fine = is_fine && !list->empty();
    } else {
      is_fine = add_kind(value);
    }
    if (is_fine) return success();
    return refuse(at, "must be string, number, integer, boolean, object, array or null, or a list of these");
  }

  Result<void> enumeration(Node& node, const json::object&, const json::value& value, const std::string& at,
                           int) {
    const auto* list = value.if_array();
    if (list == nullptr || list->empty()) return refuse(at, "must be a list of values");
    node.allowed.emplace(list->begin(), list->end());
    return success();
  }

  Result<void> constant(Node& node, const json::object&, const json::value& value, const std::string&, int) {
    node.allowed.emplace(1, value);
    return success();
  }

  template <std::optional<long double> Node::*Member>
  Result<void> number(Node& node, const json::object&, const json::value& value, const std::string& at, int) {
    if (!value.is_number()) return refuse(at, "must be a number");
    const long double bound =
        value.is_double() ? static_cast<long double>(value.get_double()) : value.to_number<std::int64_t>();
    if (Member == &Node::multiple_of && bound <= 0) return refuse(at, "must be greater than 0");
    node.*Member = bound;
    return success();
  }

  // A number, or (draft 4) `true` beside the bound that it sharpens.
  template <std::optional<long double> Node::*Member>
  Result<void> exclusive(Node& node, const json::object& schema, const json::value& value,
                         const std::string& at, int depth) {
    if (!value.is_bool()) return number<Member>(node, schema, value, at, depth);
    const json::value* bound = schema.if_contains(Member == &Node::above ? "minimum" : "maximum");
    if (!value.get_bool() || bound == nullptr) return success();
    return number<Member>(node, schema, *bound, at, depth);
  }

  static Result<std::size_t> amount(const json::value& value, const std::string& at) {
    boost::system::error_code error;
    const auto count = value.is_number() ? value.to_number<std::size_t>(error) : 0;
    if (!value.is_number() || error) return refuse(at, "must be a whole number from 0");
    return count;
  }
  template <Count Node::*Member>
  Result<void> least(Node& node, const json::object&, const json::value& value, const std::string& at, int) {
    BOOST_OUTCOME_TRY((node.*Member).least, amount(value, at));
    return success();
  }
  template <Count Node::*Member>
  Result<void> most(Node& node, const json::object&, const json::value& value, const std::string& at, int) {
    BOOST_OUTCOME_TRY(auto count, amount(value, at));
    (node.*Member).most = count;
    return success();
  }

  template <std::optional<Place> Node::*Member>
  Result<void> one_schema(Node& node, const json::object&, const json::value& value, const std::string& at,
                          int depth) {
    BOOST_OUTCOME_TRY(auto place, add(value, at, depth));
    node.*Member = place;
    return success();
  }

  template <std::vector<Place> Node::*Member>
  Result<void> schemas(Node& node, const json::object&, const json::value& value, const std::string& at,
                       int depth) {
    const auto* list = value.if_array();
    if (list == nullptr || list->empty()) return refuse(at, "must be a list of schemas");
    for (std::size_t i = 0; i < list->size(); ++i) {
      BOOST_OUTCOME_TRY(auto place, add((*list)[i], at + "/" + std::to_string(i), depth));
      (node.*Member).push_back(place);
    }
    return success();
  }

  // Of drafts before 2020-12 a list in "items" is what "prefixItems" is now.
  Result<void> items(Node& node, const json::object& schema, const json::value& value, const std::string& at,
                     int depth) {
    if (value.is_array()) return schemas<&Node::first_items>(node, schema, value, at, depth);
    return one_schema<&Node::other_items>(node, schema, value, at, depth);
  }
  Result<void> more_items(Node& node, const json::object& schema, const json::value& value,
                          const std::string& at, int depth) {
    const json::value* first = schema.if_contains("items");
    if (first == nullptr || !first->is_array()) return success();
    return one_schema<&Node::other_items>(node, schema, value, at, depth);
  }

  Result<std::optional<Regex>> regex(std::string_view pattern, const std::string& at) const {
    auto compiled = Regex::compile(pattern);
    if (compiled) return std::optional<Regex>(std::move(compiled).value());
    if (unchecked_ == Unchecked::PassOver) return std::optional<Regex>();
    return fail(ErrorCode::Unsupported, "The schema at " + at + ": " + compiled.error().message);
  }

  Result<void> text_pattern(Node& node, const json::object&, const json::value& value, const std::string& at,
                            int) {
    if (!value.is_string()) return refuse(at, "must be a regular expression");
    BOOST_OUTCOME_TRY(node.pattern, regex(value.get_string(), at));
    return success();
  }

  template <class Each>
  Result<void> each_member(const json::value& value, const std::string& at, Each&& each) {
    const auto* object = value.if_object();
    if (object == nullptr) return refuse(at, "must be an object");
    for (const auto& [key, member] : *object) {
      const std::string name(key);
      BOOST_OUTCOME_TRYV(each(name, member, at + "/" + escaped(name)));
    }
    return success();
  }

  Result<void> properties(Node& node, const json::object&, const json::value& value, const std::string& at,
                          int depth) {
    return each_member(value, at,
                       [&](const auto& name, const auto& member, const auto& here) -> Result<void> {
                         BOOST_OUTCOME_TRY(node.properties[name], add(member, here, depth));
                         return success();
                       });
  }

  Result<void> pattern_properties(Node& node, const json::object&, const json::value& value,
                                  const std::string& at, int depth) {
    return each_member(value, at,
                       [&](const auto& name, const auto& member, const auto& here) -> Result<void> {
                         BOOST_OUTCOME_TRY(auto pattern, regex(name, here));
                         BOOST_OUTCOME_TRY(auto place, add(member, here, depth));
                         if (pattern) node.pattern_properties.emplace_back(*std::move(pattern), place);
                         return success();
                       });
  }

  static Result<std::vector<std::string>> names(const json::value& value, const std::string& at) {
    std::vector<std::string> all;
    const auto* list = value.if_array();
    if (list == nullptr) return refuse(at, "must be a list of names");
    for (const json::value& name : *list) {
      if (!name.is_string()) return refuse(at, "must be a list of names");
      all.emplace_back(name.get_string());
    }
    return all;
  }

  Result<void> required(Node& node, const json::object&, const json::value& value, const std::string& at,
                        int) {
    BOOST_OUTCOME_TRY(node.required, names(value, at));
    return success();
  }

  // dependentRequired, dependentSchemas and, of older drafts, dependencies, which is either.
  Result<void> dependencies(Node& node, const json::object&, const json::value& value, const std::string& at,
                            int depth) {
    return each_member(value, at,
                       [&](const auto& name, const auto& member, const auto& here) -> Result<void> {
                         if (member.is_array()) {
                           BOOST_OUTCOME_TRY(node.dependent_required[name], names(member, here));
                         } else {
                           BOOST_OUTCOME_TRY(node.dependent_schemas[name], add(member, here, depth));
                         }
                         return success();
                       });
  }

  Result<void> unique(Node& node, const json::object&, const json::value& value, const std::string& at, int) {
    if (!value.is_bool()) return refuse(at, "must be true or false");
    node.is_unique = value.get_bool();
    return success();
  }

  Result<void> reference(Node& node, const json::object&, const json::value& value, const std::string& at,
                         int depth) {
    if (!value.is_string()) return refuse(at, "must be a text");
    const std::string_view to = value.get_string();
    if (!to.starts_with('#') || (to.size() > 1 && to[1] != '/')) {
      return fail(ErrorCode::Unsupported,
                  "The schema at " + at + " refers to \"" + std::string(to) +
                      "\"; only references within the schema (#/$defs/NAME) are followed.");
    }
    const std::string pointer = core::percent_decode(to.substr(1));
    boost::system::error_code error;
    const json::value* found = pointer.empty() ? &root_ : root_.find_pointer(pointer, error);
    if (error || found == nullptr) {
      return refuse(at, "refers to \"" + std::string(to) + "\", which is not in the schema");
    }
    BOOST_OUTCOME_TRY(node.reference, add(*found, pointer, depth));
    return success();
  }

  Result<void> cannot_be_checked(Node&, const json::object&, const json::value&, const std::string& at, int) {
    if (unchecked_ == Unchecked::PassOver) return success();
    return fail(ErrorCode::Unsupported, "The schema says " + at + ", which this program cannot check.");
  }

  static boost::outcome_v2::failure_type<Error> refuse(const std::string& at, const std::string& why) {
    return fail(ErrorCode::InvalidArgument,
                "The schema at " + (at.empty() ? "its root" : at) + " " + why + ".");
  }

  static std::string escaped(std::string_view name) {
    std::string token;
    for (const char c : name) c == '~' ? token += "~0" : c == '/' ? token += "~1" : token += c;
    return token;
  }

  static const Keyword kKeywords[];

  const json::value& root_;
  const Unchecked unchecked_;
  std::vector<Node> nodes_;
  std::map<std::string, Place, std::less<>> places_;  // by pointer, so that what refers to itself ends
};

const Compiler::Keyword Compiler::kKeywords[] = {
    {"type", &Compiler::kinds},
    {"enum", &Compiler::enumeration},
    {"const", &Compiler::constant},
    {"minimum", &Compiler::number<&Node::minimum>},
    {"maximum", &Compiler::number<&Node::maximum>},
    {"exclusiveMinimum", &Compiler::exclusive<&Node::above>},
    {"exclusiveMaximum", &Compiler::exclusive<&Node::below>},
    {"multipleOf", &Compiler::number<&Node::multiple_of>},
    {"minLength", &Compiler::least<&Node::length>},
    {"maxLength", &Compiler::most<&Node::length>},
    {"pattern", &Compiler::text_pattern},
    {"properties", &Compiler::properties},
    {"patternProperties", &Compiler::pattern_properties},
    {"additionalProperties", &Compiler::one_schema<&Node::other_properties>},
    {"propertyNames", &Compiler::one_schema<&Node::property_names>},
    {"required", &Compiler::required},
    {"minProperties", &Compiler::least<&Node::members>},
    {"maxProperties", &Compiler::most<&Node::members>},
    {"dependentRequired", &Compiler::dependencies},
    {"dependentSchemas", &Compiler::dependencies},
    {"dependencies", &Compiler::dependencies},
    {"prefixItems", &Compiler::schemas<&Node::first_items>},
    {"items", &Compiler::items},
    {"additionalItems", &Compiler::more_items},
    {"contains", &Compiler::one_schema<&Node::contains>},
    {"minContains", &Compiler::least<&Node::contained>},
    {"maxContains", &Compiler::most<&Node::contained>},
    {"minItems", &Compiler::least<&Node::items>},
    {"maxItems", &Compiler::most<&Node::items>},
    {"uniqueItems", &Compiler::unique},
    {"allOf", &Compiler::schemas<&Node::all>},
    {"anyOf", &Compiler::schemas<&Node::any>},
    {"oneOf", &Compiler::schemas<&Node::one>},
    {"not", &Compiler::one_schema<&Node::never>},
    {"if", &Compiler::one_schema<&Node::condition>},
    {"then", &Compiler::one_schema<&Node::then>},
    {"else", &Compiler::one_schema<&Node::otherwise>},
    {"$ref", &Compiler::reference},
    {"$dynamicRef", &Compiler::cannot_be_checked},
    {"$recursiveRef", &Compiler::cannot_be_checked},
    {"unevaluatedProperties", &Compiler::cannot_be_checked},
    {"unevaluatedItems", &Compiler::cannot_be_checked},
};

Result<void> Compiler::read(Node& node, const json::object& schema, std::string_view name,
                            const json::value& value, const std::string& at, int depth) {
  for (const Keyword& keyword : kKeywords) {
    if (keyword.name == name) return (this->*keyword.read)(node, schema, value, at, depth);
  }
  return success();  // an annotation
}

}  // namespace

Result<Schema> Schema::compile(const boost::json::value& schema, Unchecked unchecked) {
  BOOST_OUTCOME_TRY(auto nodes, Compiler(schema, unchecked).compile());
  return Schema(std::make_shared<const Nodes>(std::move(nodes)));
}

}  // namespace ebagent::schema
