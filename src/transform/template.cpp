#include "transform/template.hpp"

#include <algorithm>
#include <array>

#include "core/json.hpp"
#include "core/time_format.hpp"

namespace ebagent::transform {
namespace {

namespace json = boost::json;

json::string to_string(std::string_view text) {
  return json::string(text.data(), text.size());
}

// The event as <aws.events.event> shows it: without detail, in this order, detail-type under another name.
// [rec]
json::value event_without_detail(const json::value& event) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 8> kMembers{
      {{"id", "id"},
       {"account", "account"},
       {"detail-type", "detailType"},
       {"time", "time"},
       {"source", "source"},
       {"region", "region"},
       {"resources", "resources"},
       {"version", "version"}}};
  json::object out;
  const auto* object = event.if_object();
  if (object == nullptr) return out;
  for (const auto& [name, shown_as] : kMembers) {
    if (const auto* member = object->if_contains(name)) out.emplace(shown_as, *member);
  }
  return out;
}

// `value` as text inside of a quoted string: JSON with every quotation mark taken away.
void append_text(std::string& out, const json::value& value) {
  if (const auto* text = value.if_string()) {
    out.append(text->data(), text->size());
  } else if (const auto* array = value.if_array()) {
    out.push_back('[');
    for (const auto& element : *array) {
      if (&element != array->data()) out.push_back(',');
      append_text(out, element);
    }
    out.push_back(']');
  } else if (const auto* object = value.if_object()) {
    out.push_back('{');
    for (const auto& member : *object) {
      if (&member != object->begin()) out.push_back(',');
      out.append(member.key().data(), member.key().size());
      out.push_back(':');
      append_text(out, member.value());
    }
    out.push_back('}');
  } else {
    out += core::write_json(value);
  }
}

bool needs_escaping(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return c == '"' || c == '\\' || (c >= 0 && c < ' '); });
}

std::string escape(std::string_view text) {
  std::string quoted;
  core::append_json_string(quoted, text);
  return quoted.substr(1, quoted.size() - 2);
}

}  // namespace

Result<void> Template::append(std::string& out, const Placeholder& placeholder, const json::value& event,
                              const Context& context) const {
  json::value made;  // what a reserved variable or a wildcard stands for
  const json::value* value = &made;
  switch (placeholder.variable.source) {
    case Source::Path: {
      const Path& path = *placeholder.variable.path;
      value = path.has_wildcard() ? nullptr : path.find(event);
      if (value == nullptr) {
        made = path.read(event).value_or(json::string{});
        value = &made;
      }
      break;
    }
    case Source::RuleArn:
      made = to_string(context.rule_arn);
      break;
    case Source::RuleName:
      made = to_string(context.rule_name);
      break;
    case Source::IngestionTime:
      made = to_string(core::format_utc_seconds(context.ingestion_time));
      break;
    case Source::Event:
      made = event_without_detail(event);
      break;
    case Source::EventJson:
      value = &event;
      break;
  }
  if (placeholder.place == Place::Value) {
    const bool has_text = placeholder.variable.source == Source::EventJson && !context.event_json.empty();
    out += has_text ? std::string{context.event_json} : core::write_json(*value);
    return success();
  }
  std::string text;
  append_text(text, *value);
  if (!needs_escaping(text)) {
    out += text;
  } else if (escaping_ == Escaping::Done) {
    out += escape(text);
  } else {
    return fail(ErrorCode::Malformed, "The value of <" + placeholder.name +
                                          "> has a quotation mark, a backslash or a control character such "
                                          "as a line break, which EventBridge "
                                          "does not escape inside of quotes: the result would be no valid "
                                          "JSON. Leave the quotes around the "
                                          "placeholder away.");
  }
  return success();
}

Result<std::string> Template::fill(const json::value& event, const Context& context) const {
  std::string out;
  const auto too_large = [&] { return out.size() > kMaxResultBytes; };
  for (const Placeholder& placeholder : placeholders_) {
    out += placeholder.before;
    BOOST_OUTCOME_TRYV(append(out, placeholder, event, context));
    if (too_large()) break;
  }
  out += tail_;
  if (too_large()) {
    return fail(ErrorCode::LimitExceeded, "The result of the input template is larger than " +
                                              std::to_string(kMaxResultBytes) + " bytes.");
  }
  return out;
}

Result<json::value> Template::parse_lines(std::string_view text) {
  json::string joined;
  bool has_line = false;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    BOOST_OUTCOME_TRY(auto value, core::parse_json(line));
    if (!value.is_string()) return fail(ErrorCode::Malformed, "A line of the template is no JSON string.");
    if (has_line) joined.push_back('\n');
    joined.append(value.get_string());
    has_line = true;
  }
  if (!has_line) return fail(ErrorCode::Malformed, "The template is empty.");
  return json::value(std::move(joined));
}

Result<json::value> Template::parse_result(std::string_view result) const {
  auto parsed = shape_ == Shape::Lines ? parse_lines(result) : core::parse_json(result);
  if (parsed) return parsed;
  return fail(ErrorCode::Malformed,
              "The result of the input template is no valid JSON: " + parsed.error().message);
}

Result<std::string> Template::apply(const json::value& event, const Context& context) const {
  BOOST_OUTCOME_TRY(auto result, fill(event, context));
  BOOST_OUTCOME_TRYV(parse_result(result));
  return result;
}

Result<json::value> Template::evaluate(const json::value& root) const {
  BOOST_OUTCOME_TRY(auto result, fill(root, Context{}));
  return parse_result(result);
}

}  // namespace ebagent::transform
