#include <boost/json.hpp>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "core/json.hpp"
#include "fuzz/disagreement.hpp"
#include "transform/path.hpp"
#include "transform/template.hpp"

// Lines: an event, an InputPath, an InputPathsMap, and then a template of any number of lines. What is compiled is applied
// to the event and gives JSON or a reason; a path's own text gives it again.
namespace ebagent::transform {
namespace {

namespace json = boost::json;
using ebagent::pattern::disagree;

constexpr std::string_view kEventJson = R"({"id":"1"})";

std::string_view take_line(std::string_view& text) {
  const std::string_view line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(line.size() + 1, text.size()));
  return line;
}

void check_path(std::string_view text, const json::value& event) {
  const auto path = Path::parse(text);
  if (!path) {
    if (path.error().message.empty()) disagree("refused without a reason", {{"path", std::string{text}}});
    return;
  }
  const std::string selected = select_input(path.value(), event);
  const auto again = Path::parse(path.value().text());
  const auto read = path.value().read(event);
  if (!core::parse_json(selected) || !again || select_input(again.value(), event) != selected ||
      (!path.value().has_wildcard() && (path.value().find(event) != nullptr) != read.has_value())) {
    disagree("a path",
             {{"path", std::string{text}}, {"event", core::write_json(event)}, {"selected", selected}});
  }
}

std::map<std::string, std::string> input_paths(std::string_view text) {
  std::map<std::string, std::string> paths;
  const auto parsed = core::parse_json(text);
  if (!parsed || !parsed.value().is_object()) return paths;
  for (const auto& [name, path] : parsed.value().get_object()) {
    if (path.is_string()) paths.emplace(std::string{name}, std::string{path.get_string()});
  }
  return paths;
}

// A result is one JSON value, or lines that are a JSON string each.
void check_result(const Result<std::string>& result, std::string_view text, const json::value& event) {
  if (!result) {
    if (result.error().message.empty())
      disagree("not delivered without a reason", {{"template", std::string{text}}});
    return;
  }
  if (core::parse_json(result.value())) return;
  std::string_view lines = result.value();
  while (!lines.empty()) {
    const std::string_view line = take_line(lines);
    const bool is_blank = line.find_first_not_of(" \t\r") == std::string_view::npos;
    const auto value = core::parse_json(line);
    if (is_blank || (value && value.value().is_string())) continue;
    disagree(
        "a result that is no JSON",
        {{"template", std::string{text}}, {"event", core::write_json(event)}, {"result", result.value()}});
  }
}

void check_template(const Result<Template>& compiled, std::string_view text, const json::value& event) {
  if (!compiled) {
    if (compiled.error().message.empty())
      disagree("refused without a reason", {{"template", std::string{text}}});
    return;
  }
  check_result(compiled.value().apply(event, {.rule_arn = "arn:aws:events:us-east-1:123456789012:rule/r",
                                              .rule_name = "r",
                                              .ingestion_time = TimePoint{},
                                              .event_json = kEventJson}),
               text, event);
  const auto applied = compiled.value().apply(event);
  const auto value = compiled.value().evaluate(event);
  check_result(applied, text, event);
  if (applied.has_value() != value.has_value()) {
    disagree("applying and evaluating", {{"template", std::string{text}},
                                         {"event", core::write_json(event)},
                                         {"applied", applied ? applied.value() : applied.error().message},
                                         {"evaluated", value ? "a value" : value.error().message}});
  }
}

}  // namespace
}  // namespace ebagent::transform

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ebagent::transform;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto event = ebagent::core::parse_json(take_line(text));
  if (!event) return 0;
  check_path(take_line(text), event.value());
  const auto paths = input_paths(take_line(text));
  check_template(Template::compile("1", paths, text), text, event.value());
  check_template(Template::compile_inline(text), text, event.value());
  return 0;
}
