#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cmath>
#include <cstdint>
#include <string>
#include <utility>

#include "core/json.hpp"
#include "ebagent/testing.hpp"
#include "schema/json_schema.hpp"

namespace ebagent::testing {
namespace {

namespace json = boost::json;

constexpr int kMaxDepth = 32;
constexpr std::int64_t kMostItems = 1'000;      // of an array or a text that a schema asks for
constexpr std::size_t kMostReferences = 1'000;  // followed in all

// Texts of formats, each an example that every checker accepts.
std::string text_of_format(const json::object& schema) {
  const std::string format = core::text_member(schema, "format");
  if (format == "date-time") return "2026-01-26T16:00:00Z";
  if (format == "date") return "2026-01-26";
  if (format == "time") return "16:00:00Z";
  if (format == "email") return "someone@example.com";
  if (format == "uri" || format == "uri-reference") return "https://example.com/";
  if (format == "uuid") return "00000000-0000-4000-8000-000000000000";
  if (format == "ipv4") return "192.0.2.1";
  return "text";
}

// Builds a value along a schema.
class Builder {
 public:
  explicit Builder(const json::value& root) : root_(root) {}

  json::value build(const json::value& schema, int depth) {
    const json::object* object = schema.if_object();
    if (object == nullptr || depth > kMaxDepth) return json::object{};
    for (const char* given : {"const", "default"}) {
      if (const json::value* value = object->if_contains(given)) return *value;
    }
    for (const char* several : {"enum", "examples"}) {
      const json::value* values = object->if_contains(several);
      if (values != nullptr && values->is_array() && !values->get_array().empty())
        return values->get_array()[0];
    }
    if (const json::value* reference = object->if_contains("$ref")) return follow(*reference, depth);
    for (const char* choice : {"anyOf", "oneOf", "allOf"}) {
      const json::value* values = object->if_contains(choice);
      const bool has_own = object->contains("properties");
      if (values != nullptr && values->is_array() && !values->get_array().empty() && !has_own) {
        return build(values->get_array()[0], depth + 1);
      }
    }
    return build_type(*object, depth);
  }

 private:
  json::value follow(const json::value& reference, int depth) {
    if (!reference.is_string() || ++references_ > kMostReferences) return nullptr;
    std::string pointer(reference.get_string());
    if (pointer.empty() || pointer[0] != '#') return nullptr;
    boost::system::error_code error;
    const json::value* found = root_.find_pointer(pointer.substr(1), error);
    return found == nullptr ? json::value(nullptr) : build(*found, depth + 1);
  }

  json::value build_type(const json::object& schema, int depth) {
    std::string type = core::text_member(schema, "type");
    if (const json::value* types = schema.if_contains("type"); types != nullptr && types->is_array() &&
                                                               !types->get_array().empty() &&
                                                               types->get_array()[0].is_string()) {
      type = std::string(types->get_array()[0].get_string());
    }
    if (type == "string") return text(schema);
    if (type == "integer" || type == "number") return number(schema, type == "integer");
    if (type == "boolean") return true;
    if (type == "null") return nullptr;
    if (type == "array") return array(schema, depth);
    return object(schema, depth);
  }

  static json::value text(const json::object& schema) {
    std::string made = text_of_format(schema);
    const auto least = std::min(core::integer_member(schema, "minLength").value_or(0), kMostItems);
    const auto most = core::integer_member(schema, "maxLength").value_or(kMostItems);
    if (least > 0 && made.size() < static_cast<std::size_t>(least))
      made.append(static_cast<std::size_t>(least) - made.size(), 'x');
    if (most >= 0 && made.size() > static_cast<std::size_t>(most))
      made.resize(static_cast<std::size_t>(most));
    return json::value(made);
  }

  static double bound(const json::object& schema, const char* name, double otherwise) {
    const json::value* value = schema.if_contains(name);
    if (value == nullptr || !value->is_number()) return otherwise;
    return value->to_number<double>();
  }

  static json::value number(const json::object& schema, bool is_whole) {
    double made = 1;
    made = std::max(made, bound(schema, "minimum", made));
    made = std::max(made, bound(schema, "exclusiveMinimum", made - 1) + 1);
    if (const double most = bound(schema, "maximum", made); made > most) made = most;
    if (const double most = bound(schema, "exclusiveMaximum", made + 1); made >= most)
      made = is_whole ? std::ceil(most) - 1 : most - 1;
    if (const double step = bound(schema, "multipleOf", 0); step > 0) made = std::ceil(made / step) * step;
    constexpr double kMostExact = 9e15;  // whole numbers that a double holds
    if (std::abs(made) < kMostExact && made == std::floor(made)) return static_cast<std::int64_t>(made);
    return made;
  }

  json::value array(const json::object& schema, int depth) {
    json::array made;
    const auto least = std::min(core::integer_member(schema, "minItems").value_or(0), kMostItems);
    const json::value* items = schema.if_contains("items");
    for (std::int64_t i = 0; i < least; ++i)
      made.push_back(items == nullptr ? json::value(i) : build(*items, depth + 1));
    return made;
  }

  json::value object(const json::object& schema, int depth) {
    json::object made;
    const json::value* properties = schema.if_contains("properties");
    const json::value* required = schema.if_contains("required");
    if (required == nullptr || !required->is_array()) return made;
    for (const json::value& name : required->get_array()) {
      if (!name.is_string()) continue;
      const json::value* property = properties != nullptr && properties->is_object()
                                        ? properties->get_object().if_contains(name.get_string())
                                        : nullptr;
      made[name.get_string()] = property == nullptr ? json::value("text") : build(*property, depth + 1);
    }
    return made;
  }

  const json::value& root_;
  std::size_t references_ = 0;
};

}  // namespace

Result<json::value> valid_value(const json::value& schema) {
  BOOST_OUTCOME_TRY(const auto compiled, schema::Schema::compile(schema));
  json::value made = Builder{schema}.build(schema, 0);
  if (auto valid = compiled.check(made); !valid) {
    return ebagent::fail(ErrorCode::InvalidArgument,
                         "No value could be made that satisfies its schema; the nearest was " +
                             core::write_json(made) + ": " + valid.error().message);
  }
  return made;
}

}  // namespace ebagent::testing
