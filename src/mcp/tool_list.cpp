#include "mcp/tool_list.hpp"

#include <algorithm>
#include <cctype>
#include <map>
#include <set>

#include "agent/near_names.hpp"
#include "core/ids.hpp"
#include "core/json.hpp"
#include "mcp/http_transport.hpp"

namespace ebagent::mcp {
namespace {

namespace json = boost::json;

constexpr int kMaxSchemaDepth = 32;
constexpr std::size_t kMaxErrorText = 4'000;  // of what a tool says about its failure; a model reads it

std::string name_of(const json::value& tool) {
  return core::text_member(tool.get_object(), "name");
}

// With the members of every object in the order of their names.
json::value canonical(const json::value& value) {
  if (const auto* object = value.if_object()) {
    std::map<std::string, const json::value*> sorted;
    for (const auto& [key, member] : *object) sorted.emplace(std::string(key), &member);
    json::object out;
    for (const auto& [key, member] : sorted) out[key] = canonical(*member);
    return out;
  }
  if (const auto* array = value.if_array()) {
    json::array out;
    for (const json::value& element : *array) out.push_back(canonical(element));
    return out;
  }
  return value;
}

bool is_hint(const json::object& tool, const char* hint, bool otherwise) {
  const json::value* annotations = tool.if_contains("annotations");
  if (annotations == nullptr || !annotations->is_object()) return otherwise;
  const json::value* value = annotations->get_object().if_contains(hint);
  return value != nullptr && value->is_bool() ? value->get_bool() : otherwise;
}

bool is_token(std::string_view text) {
  constexpr std::string_view kOthers = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](unsigned char c) {
    return std::isalnum(c) != 0 || kOthers.find(static_cast<char>(c)) != std::string_view::npos;
  });
}

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

// Collects the marked properties that are reached by `properties` alone.
class HeaderReader {
 public:
  Result<void> read(const json::object& schema, int depth) {
    const json::value* properties = schema.if_contains("properties");
    if (properties == nullptr || !properties->is_object() || depth > kMaxSchemaDepth) return success();
    for (const auto& [key, property] : properties->get_object()) {
      if (!property.is_object()) continue;
      path_.emplace_back(key);
      BOOST_OUTCOME_TRYV(take(property.get_object()));
      BOOST_OUTCOME_TRYV(read(property.get_object(), depth + 1));
      path_.pop_back();
    }
    return success();
  }
  std::vector<HeaderParameter> found;

 private:
  Result<void> take(const json::object& property) {
    if (!property.contains("x-mcp-header")) return success();
    const std::string name = core::text_member(property, "x-mcp-header");
    const std::string type = core::text_member(property, "type");
    const bool is_simple = type == "string" || type == "integer" || type == "boolean";
    if (!is_token(name) || !is_simple || !names_.insert(lower(name)).second) {
      return fail(ErrorCode::Malformed,
                  "its argument \"" + path_.back() + "\" has an x-mcp-header that cannot be");
    }
    found.push_back({"Mcp-Param-" + name, path_});
    return success();
  }

  std::vector<std::string> path_;
  std::set<std::string> names_;
};

const json::value* at_path(const json::object& arguments, const std::vector<std::string>& path) {
  const json::object* object = &arguments;
  const json::value* value = nullptr;
  for (const std::string& key : path) {
    value = object == nullptr ? nullptr : object->if_contains(key);
    object = value == nullptr ? nullptr : value->if_object();
  }
  return value;
}

// Blocks of text joined by line feeds.
std::string text_of(const json::array& content) {
  std::string text;
  for (const json::value& block : content) {
    if (!block.is_object() || core::text_member(block.get_object(), "type") != "text") continue;
    text += (text.empty() ? "" : "\n") + core::text_member(block.get_object(), "text");
  }
  return text;
}

bool is_all_text(const json::array& content) {
  return std::all_of(content.begin(), content.end(), [](const json::value& block) {
    return block.is_object() && core::text_member(block.get_object(), "type") == "text";
  });
}

void leave_out_bytes(json::object& object, const char* member) {
  const json::value* bytes = object.if_contains(member);
  if (bytes == nullptr || !bytes->is_string()) return;
  object["omitted_characters"] = bytes->get_string().size();
  object.erase(member);
}

json::array without_bytes(json::array content) {
  for (json::value& block : content) {
    json::object* object = block.if_object();
    if (object == nullptr) continue;
    leave_out_bytes(*object, "data");
    if (json::value* resource = object->if_contains("resource");
        resource != nullptr && resource->is_object()) {
      leave_out_bytes(resource->get_object(), "blob");
    }
  }
  return content;
}

}  // namespace

Result<json::array> offered_tools(const json::array& listed, const ServerSpec& spec) {
  std::map<std::string, const json::value*> by_name;
  std::vector<std::string> names;
  for (const json::value& tool : listed) {
    by_name.emplace(name_of(tool), &tool);
    names.push_back(name_of(tool));
  }
  if (by_name.size() != listed.size()) {
    return fail(ErrorCode::Malformed, "The server lists two tools of one name.");
  }
  json::array offered;
  if (!spec.tools) {
    for (const auto& [name, tool] : by_name) offered.push_back(*tool);
    return offered;
  }
  const std::set<std::string> wanted(spec.tools->begin(), spec.tools->end());
  for (const std::string& name : wanted) {
    const auto found = by_name.find(name);
    if (found == by_name.end()) {
      return fail(ErrorCode::NotFound,
                  "The server has no tool \"" + name + "\"." + agent::hint_for(name, names));
    }
    offered.push_back(*found->second);
  }
  return offered;
}

std::string hash_of(const json::array& tools) {
  std::map<std::string, json::value> sorted;
  for (const json::value& tool : tools) sorted.emplace(name_of(tool), canonical(tool));
  json::array all;
  for (auto& [name, tool] : sorted) all.push_back(std::move(tool));
  return "sha256:" + core::sha256_hex(core::write_json(all));
}

Result<void> check_pin(const ServerSpec& spec, const json::array& tools) {
  if (spec.pin.empty()) return success();
  const std::string hash = hash_of(tools);
  if (hash == spec.pin) return success();
  return fail(
      ErrorCode::Conflict,
      "Its tools are not those that were pinned: they have " + hash + ", the configuration pins " + spec.pin +
          ". Look at them with `eventbridge-agent mcp tools --config FILE`, and when they are what you want, "
          "pin the new hash.");
}

std::string agent_name_of(const ServerSpec& spec, const json::object& tool) {
  std::string name = spec.prefix + core::text_member(tool, "name");
  for (char& c : name) {
    const bool is_allowed = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-';
    if (!is_allowed) c = '_';
  }
  return name;
}

ToolOptions options_of(const ServerSpec& spec, const json::object& tool) {
  ToolOptions options{.effect = Effect::Once, .timeout = spec.timeout};
  options.traits = {.reads_sensitive = spec.is_sensitive, .acts_outside = true, .brings_untrusted = true};
  if (!spec.is_trusted) return options;
  const bool is_open = is_hint(tool, "openWorldHint", true);
  const bool is_read = is_hint(tool, "readOnlyHint", false);
  if (is_read) {
    options.effect = Effect::Read;
  } else if (is_hint(tool, "idempotentHint", false)) {
    options.effect = Effect::Idempotent;
  }
  options.traits.acts_outside = !is_read;
  options.traits.brings_untrusted = is_open;
  return options;
}

Result<std::vector<HeaderParameter>> header_parameters(const json::value& schema) {
  HeaderReader reader;
  if (const json::object* object = schema.if_object()) {
    BOOST_OUTCOME_TRYV(reader.read(*object, 0));
  }
  return std::move(reader.found);
}

std::vector<std::pair<std::string, std::string>> parameter_headers(
    const std::vector<HeaderParameter>& parameters, const json::object& arguments) {
  std::vector<std::pair<std::string, std::string>> headers;
  for (const HeaderParameter& parameter : parameters) {
    const json::value* value = at_path(arguments, parameter.path);
    if (value == nullptr || value->is_null() || value->is_structured()) continue;
    const std::string text = value->is_string() ? std::string(value->get_string()) : core::write_json(*value);
    headers.emplace_back(parameter.header, header_value(text));
  }
  return headers;
}

Result<json::value> to_output(const json::object& result) {
  const json::value* list = result.if_contains("content");
  if (list != nullptr && !list->is_array()) {
    return fail(ErrorCode::Malformed, "The server's result has a content that is no list.");
  }
  const json::array content = list == nullptr ? json::array{} : list->get_array();
  const json::value* failed = result.if_contains("isError");
  if (failed != nullptr && failed->is_bool() && failed->get_bool()) {
    std::string text = text_of(content).substr(0, kMaxErrorText);
    while (!core::is_utf8(text)) text.pop_back();
    return fail(ErrorCode::Conflict, text.empty() ? "The tool failed and did not say why." : text);
  }
  const json::value* structured = result.if_contains("structuredContent");
  const bool has_structured = structured != nullptr && !structured->is_null();
  if (is_all_text(content)) {
    if (has_structured) return *structured;
    const std::string text = text_of(content);
    return json::value(text);
  }
  json::object output{{"content", without_bytes(content)}};
  if (has_structured) output["structuredContent"] = *structured;
  return json::value(std::move(output));
}

}  // namespace ebagent::mcp
