#include "agent/tool_use.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <utility>

#include "agent/near_names.hpp"
#include "core/json.hpp"
#include "ebagent/detail/decode.hpp"

namespace ebagent::agent {
namespace {

namespace json = boost::json;

constexpr std::string_view kEnvelope[] = {"version", "id",     "detail-type", "source", "account",
                                          "time",    "region", "resources",   "detail", "replay-name"};

const json::object* properties_of(const Tool& tool) {
  const auto* schema = tool.input_schema().if_object();
  const json::value* properties = schema == nullptr ? nullptr : schema->if_contains("properties");
  return properties == nullptr ? nullptr : properties->if_object();
}

std::vector<std::string> arguments_of(const Tool& tool) {
  std::vector<std::string> names;
  if (const auto* properties = properties_of(tool)) {
    for (const auto& [name, schema] : *properties) names.emplace_back(name);
  }
  return names;
}

auto refuse(const Tool& tool, const std::string& argument, const std::string& why) {
  return fail(ErrorCode::InvalidArgument,
              "Argument \"" + argument + "\" of tool \"" + tool.name() + "\" " + why);
}

// Tools of others may take arguments that their schema does not list; then nothing can be said about a name.
Result<void> check_name(const Tool& tool, const std::string& argument) {
  const auto* properties = properties_of(tool);
  if (properties == nullptr || properties->contains(argument)) return success();
  return refuse(tool, argument, "does not exist." + hint_for(argument, arguments_of(tool)));
}

// The first step of a path, as far as it is a plain name.
std::string_view first_step(std::string_view path) {
  if (!path.starts_with("$.")) return {};
  path.remove_prefix(2);
  return path.substr(0, path.find_first_of(".["));
}

Result<transform::Path> binding_path(const std::string& text) {
  const std::string_view first = first_step(text);
  if (first == "event" || first == "input") return transform::Path::parse(text);
  if (std::find(std::begin(kEnvelope), std::end(kEnvelope), first) != std::end(kEnvelope)) {
    return transform::Path::parse("$.event" + text.substr(1));
  }
  return fail(ErrorCode::InvalidArgument,
              "\"" + text +
                  "\" leads nowhere: a binding's path begins with $.event, $.input, or a "
                  "member of the event such as $.detail.");
}

std::string text_of(const json::value& value) {
  if (const auto* text = value.if_string()) return {text->data(), text->size()};
  return core::write_json(value);
}

std::string joined(const std::vector<std::string>& texts) {
  std::string all;
  for (const std::string& text : texts) all += (all.empty() ? "" : ", ") + text;
  return all;
}

void check(const Constraint& constraint, const std::optional<schema::Regex>& pattern, const std::string& text,
           const json::value& found, detail::Problems& problems) {
  if (!constraint.prefix.empty() && !text.starts_with(constraint.prefix)) {
    problems.expected("a text that begins with " + constraint.prefix, found);
  }
  if (pattern && !pattern->matches_all_of(text)) {
    problems.expected("a text that is wholly of the form " + constraint.pattern, found);
  }
  const auto& allowed = constraint.allowed;
  if (!allowed.empty() && std::find(allowed.begin(), allowed.end(), text) == allowed.end()) {
    problems.expected("one of " + joined(allowed), found);
  }
}

// Texts can be constrained in words of the schema; of other types only people's words say it.
void describe(const Constraint& constraint, json::object& property) {
  std::string said;
  if (!constraint.prefix.empty()) said += " Begins with " + constraint.prefix + ".";
  if (!constraint.pattern.empty()) said += " Is wholly of the form " + constraint.pattern + ".";
  if (!constraint.allowed.empty()) said += " Is one of " + joined(constraint.allowed) + ".";
  const json::value* description = property.if_contains("description");
  std::string text =
      description != nullptr && description->is_string() ? std::string(description->get_string()) : "";
  if (!text.empty() && text.find_last_of(".!?") != text.size() - 1) text += ".";
  text += text.empty() ? said.substr(1) : said;
  property["description"] = text;
  const json::value* type = property.if_contains("type");
  if (type == nullptr || *type != "string") return;
  if (!constraint.allowed.empty())
    property["enum"] = json::array(constraint.allowed.begin(), constraint.allowed.end());
  if (!constraint.pattern.empty() && !property.contains("pattern")) {
    property["pattern"] = "^(?:" + constraint.pattern + ")$";
  }
}

}  // namespace

boost::json::value binding_scope(const Event& event, std::string_view input) {
  auto envelope = core::parse_json(to_json(event));
  auto given = core::parse_json(input);
  return json::object{{"event", envelope ? std::move(envelope).value() : json::value(nullptr)},
                      {"input", given ? std::move(given).value()
                                      : json::value(json::string_view(input.data(), input.size()))}};
}

Result<CompiledUse> CompiledUse::compile(const Tool& tool, const ToolUse& use) {
  CompiledUse compiled(tool);
  for (const auto& [argument, binding] : use.bind) {
    BOOST_OUTCOME_TRYV(check_name(tool, argument));
    BOOST_OUTCOME_TRYV(compiled.add_binding(argument, binding));
  }
  for (const auto& [argument, constraint] : use.constraints) {
    BOOST_OUTCOME_TRYV(check_name(tool, argument));
    if (use.bind.contains(argument)) {
      return refuse(tool, argument,
                    "is both bound and constrained; what is bound is not the model's to choose.");
    }
    BOOST_OUTCOME_TRYV(compiled.add_constraint(argument, constraint));
  }
  compiled.approval_ = use.approval.value_or(tool.options().approval);
  compiled.timeout_ = use.timeout.value_or(tool.options().timeout);
  if (compiled.timeout_ < std::chrono::milliseconds(0) || (use.timeout && use.timeout->count() == 0)) {
    return fail(ErrorCode::InvalidArgument,
                "The timeout of tool \"" + tool.name() + "\" must be longer than nothing.");
  }
  if (compiled.timeout_.count() == 0) compiled.timeout_ = kDefaultToolTimeout;
  return compiled;
}

Result<void> CompiledUse::add_binding(const std::string& argument, const Binding& binding) {
  if (binding.from.empty() == binding.value.is_null()) {
    return refuse(tool_, argument,
                  "is bound to " + std::string(binding.from.empty() ? "nothing" : "both a path and a value") +
                      "; give either from or value.");
  }
  Bound bound{.argument = argument, .path = std::nullopt, .value = binding.value};
  if (!binding.from.empty()) {
    auto path = binding_path(binding.from);
    if (!path) return refuse(tool_, argument, "is bound to a path that is none: " + path.error().message);
    bound.path = std::move(path).value();
  }
  bound_.push_back(std::move(bound));
  return success();
}

Result<void> CompiledUse::add_constraint(const std::string& argument, const Constraint& constraint) {
  if (constraint.prefix.empty() && constraint.pattern.empty() && constraint.allowed.empty()) {
    return refuse(tool_, argument,
                  "has a constraint that says nothing; give a prefix, a pattern or the values allowed.");
  }
  Constrained entry{.argument = argument, .constraint = constraint, .pattern = std::nullopt};
  if (!constraint.pattern.empty()) {
    auto pattern = schema::Regex::compile(constraint.pattern);
    if (!pattern) return refuse(tool_, argument, "is constrained by no pattern: " + pattern.error().message);
    entry.pattern = std::move(pattern).value();
  }
  constrained_.push_back(std::move(entry));
  return success();
}

bool CompiledUse::is_bound(std::string_view argument) const {
  return std::any_of(bound_.begin(), bound_.end(),
                     [&](const Bound& bound) { return bound.argument == argument; });
}

ToolView CompiledUse::view() const {
  ToolView view{
      .name = tool_.name(), .description = tool_.description(), .input_schema = tool_.input_schema()};
  json::object* schema = view.input_schema.if_object();
  if (schema == nullptr || (bound_.empty() && constrained_.empty())) return view;
  json::value* properties = schema->if_contains("properties");
  if (properties != nullptr && properties->is_object()) {
    for (const Bound& bound : bound_) properties->get_object().erase(bound.argument);
    for (const Constrained& entry : constrained_) {
      json::value* property = properties->get_object().if_contains(entry.argument);
      if (property == nullptr || !property->is_object()) continue;
      describe(entry.constraint, property->get_object());
    }
  }
  if (json::value* required = schema->if_contains("required"); required != nullptr && required->is_array()) {
    json::array still;
    for (const json::value& name : required->get_array()) {
      if (!name.is_string() || !is_bound(std::string_view(name.get_string()))) still.push_back(name);
    }
    *required = std::move(still);
  }
  return view;
}

Result<boost::json::value> CompiledUse::arguments(const boost::json::value& from_model,
                                                  const boost::json::value& scope) const {
  if (bound_.empty() && constrained_.empty()) return from_model;
  const json::object* given = from_model.if_object();
  detail::Problems problems;
  if (given == nullptr) {
    problems.expected("an object of arguments", from_model);
    return fail(ErrorCode::InvalidArgument, problems.text());
  }
  json::object arguments = *given;
  const std::vector<std::string> all = arguments_of(tool_);
  std::vector<std::string_view> visible;
  for (const std::string& name : all) {
    if (!is_bound(name)) visible.emplace_back(name);
  }
  for (const Constrained& entry : constrained_) {
    const json::value* value = arguments.if_contains(entry.argument);
    if (value == nullptr) continue;
    problems.enter(entry.argument);
    check(entry.constraint, entry.pattern, text_of(*value), *value, problems);
    problems.leave();
  }
  for (const Bound& bound : bound_) {
    if (arguments.contains(bound.argument)) problems.unknown(bound.argument, visible);
    auto value = bound.path ? bound.path->read(scope) : std::optional<json::value>(bound.value);
    if (value && !value->is_null()) {
      arguments[bound.argument] = *std::move(value);
      continue;
    }
    problems.enter(bound.argument);
    problems.refuse("is bound to " + bound.path->text() + ", and there is nothing in this event");
    problems.leave();
  }
  if (!problems.empty()) return fail(ErrorCode::InvalidArgument, problems.text());
  return arguments;
}

}  // namespace ebagent::agent
