#include "tools/declared_arguments.hpp"

#include <boost/json.hpp>

#include "schema/json_schema.hpp"

namespace ebagent::tools {
namespace {

namespace json = boost::json;

constexpr int kMaxDepth = 16;  // of arguments within arguments

struct Keyword {
  const char* key;
  const char* keyword;
};
constexpr Keyword kCounts[] = {{"min_length", "minLength"},
                               {"max_length", "maxLength"},
                               {"min_items", "minItems"},
                               {"max_items", "maxItems"}};

class ArgumentReader {
 public:
  explicit ArgumentReader(const agent::YamlReader& yaml) : yaml_(yaml) {}

  Result<json::object> object(const YAML::Node& node, int depth) const {
    if (!node.IsMap())
      return fail(yaml_.error_at(node, "\"arguments\" must be a mapping of names to what they are."));
    if (depth > kMaxDepth) return fail(yaml_.error_at(node, "Arguments are nested too deeply."));
    json::object properties;
    json::array required;
    for (const auto& entry : node) {
      BOOST_OUTCOME_TRY(auto name, yaml_.text(entry.first, "arguments"));
      if (properties.contains(name))
        return fail(yaml_.error_at(entry.first, "\"" + name + "\" is given twice."));
      bool is_required = true;
      BOOST_OUTCOME_TRY(auto schema, argument(entry.second, depth + 1, is_required));
      if (is_required) required.emplace_back(name);
      properties[name] = std::move(schema);
    }
    return json::object{{"type", "object"},
                        {"properties", std::move(properties)},
                        {"required", std::move(required)},
                        {"additionalProperties", false}};
  }

 private:
  Result<json::object> argument(const YAML::Node& node, int depth, bool& is_required) const {
    json::object schema;
    if (node.IsScalar()) {
      schema["type"] = node.Scalar();
    } else {
      BOOST_OUTCOME_TRYV(yaml_.check_keys(
          node, "an argument",
          {"type", "description", "required", "default", "enum", "pattern", "min_length", "max_length",
           "minimum", "maximum", "items", "min_items", "max_items", "properties"}));
      BOOST_OUTCOME_TRY(auto type, yaml_.required_text(node, "type", "an argument"));
      schema["type"] = type;
      BOOST_OUTCOME_TRYV(keywords(node, schema, depth));
      if (node["required"]) {
        BOOST_OUTCOME_TRY(is_required, yaml_.boolean(node["required"], "required"));
      }
      if (node["default"]) is_required = false;
    }
    return checked(node, std::move(schema));
  }

  Result<void> keywords(const YAML::Node& node, json::object& schema, int depth) const {
    for (const char* key : {"description", "pattern"}) {
      if (!node[key]) continue;
      BOOST_OUTCOME_TRY(auto text, yaml_.text(node[key], key));
      schema[key] = text;
    }
    for (const Keyword& count : kCounts) {
      if (!node[count.key]) continue;
      BOOST_OUTCOME_TRY(schema[count.keyword], yaml_.whole_number(node[count.key], count.key));
    }
    for (const char* key : {"minimum", "maximum", "enum", "default"}) {
      if (!node[key]) continue;
      BOOST_OUTCOME_TRY(schema[key], yaml_.json_value(node[key], key));
    }
    if (node["items"]) {
      bool is_required = true;
      BOOST_OUTCOME_TRY(schema["items"], argument(node["items"], depth + 1, is_required));
    }
    if (node["properties"]) {
      BOOST_OUTCOME_TRY(auto nested, object(node["properties"], depth + 1));
      for (auto& [key, value] : nested) schema[key] = value;
    }
    return success();
  }

  // Compiled by itself, so that an error is reported at its line; the default must be what the argument may be.
  Result<json::object> checked(const YAML::Node& node, json::object schema) const {
    auto compiled = schema::Schema::compile(schema);
    if (!compiled) return fail(yaml_.error_at(node, compiled.error().message));
    if (const json::value* fallback = schema.if_contains("default")) {
      if (auto fits = compiled.value().check(*fallback); !fits) {
        return fail(yaml_.error_at(node["default"], "The default " + fits.error().message + "."));
      }
    }
    return schema;
  }

  const agent::YamlReader& yaml_;
};

const json::object* properties_of(const json::value& schema) {
  const auto* object = schema.if_object();
  const json::value* properties = object == nullptr ? nullptr : object->if_contains("properties");
  return properties == nullptr ? nullptr : properties->if_object();
}

}  // namespace

Result<boost::json::object> read_arguments(const YAML::Node& node, const agent::YamlReader& yaml) {
  return ArgumentReader(yaml).object(node, 0);
}

std::vector<std::string> argument_names(const boost::json::value& schema) {
  std::vector<std::string> names;
  if (const auto* properties = properties_of(schema)) {
    for (const auto& [name, property] : *properties) names.emplace_back(name);
  }
  return names;
}

boost::json::value with_defaults(boost::json::value arguments, const boost::json::value& schema) {
  auto* given = arguments.if_object();
  const auto* properties = properties_of(schema);
  if (given == nullptr || properties == nullptr) return arguments;
  for (const auto& [name, property] : *properties) {
    const auto* described = property.if_object();
    const json::value* fallback = described == nullptr ? nullptr : described->if_contains("default");
    if (fallback != nullptr && !given->contains(name)) (*given)[name] = *fallback;
  }
  return arguments;
}

}  // namespace ebagent::tools
