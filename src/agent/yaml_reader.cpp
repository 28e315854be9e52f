#include "agent/yaml_reader.hpp"

#include <algorithm>
#include <charconv>
#include <set>

#include "agent/near_names.hpp"
#include "core/json.hpp"

namespace ebagent::agent {
namespace {

std::string place(const std::string& file, const YAML::Mark& mark) {
  if (mark.is_null()) return file + ": ";
  return file + ":" + std::to_string(mark.line + 1) + ":" + std::to_string(mark.column + 1) + ": ";
}

// Quoted scalars carry the tag "!" and are strings whatever they look like.
bool is_quoted(const YAML::Node& node) {
  return node.Tag() == "!";
}

// A plain scalar that is a JSON number, true, false or null stands for itself.
bool is_json_literal(const std::string& text) {
  if (text == "true" || text == "false" || text == "null") return true;
  if (text.empty() || (text[0] != '-' && (text[0] < '0' || text[0] > '9'))) return false;
  const auto parsed = core::parse_json(text);
  return parsed && parsed.value().is_number();
}

bool is_one_placeholder(const std::string& text) {
  return text.starts_with("<$") && text.find('>') == text.size() - 1;
}

// The text with which a message begins when that is a JSON pointer: up to the first ':' or space.
std::string_view leading_pointer(std::string_view message) {
  if (!message.starts_with('/')) return {};
  return message.substr(0, message.find_first_of(": "));
}

std::string unescaped(std::string_view token) {
  std::string name;
  for (std::size_t i = 0; i < token.size(); ++i) {
    const bool is_escape = token[i] == '~' && i + 1 < token.size();
    name.push_back(is_escape ? (token[++i] == '1' ? '/' : '~') : token[i]);
  }
  return name;
}

// What a pointer names, or the last node on the way to it that there is.
YAML::Node node_at(const YAML::Node& from, std::string_view pointer) {
  YAML::Node node = from;
  while (!pointer.empty()) {
    const auto end = std::min(pointer.find('/', 1), pointer.size());
    const std::string token = unescaped(pointer.substr(1, end - 1));
    pointer.remove_prefix(end);
    const YAML::Node& parent = node;
    std::size_t index = 0;
    const auto number = std::from_chars(token.data(), token.data() + token.size(), index);
    const bool is_index = parent.IsSequence() && number.ec == std::errc() && index < parent.size();
    if (!parent.IsMap() && !is_index) break;
    const YAML::Node child = is_index ? parent[index] : parent[token];
    if (!child.IsDefined()) break;
    node.reset(child);
  }
  return node;
}

}  // namespace

Result<YAML::Node> YamlReader::parse(std::string_view yaml) const {
  if (!core::is_utf8(yaml)) return fail(ErrorCode::Malformed, file_name_ + ": The file is not valid UTF-8.");
  try {
    std::vector<YAML::Node> documents = YAML::LoadAll(std::string(yaml));
    if (documents.empty()) return YAML::Node(YAML::NodeType::Null);
    if (documents.size() > 1)
      return fail(error_at(documents[1], "A second document begins here; keep one a file."));
    return documents.front();
  } catch (const YAML::Exception& error) {
    return fail(ErrorCode::Malformed,
                place(file_name_, error.mark) + "This is no valid YAML: " + error.msg + ".");
  }
}

Error YamlReader::error_at(const YAML::Node& node, std::string_view message, ErrorCode code) const {
  return {code, place(file_name_, node.Mark()) + std::string(message)};
}

Error YamlReader::error_below(const YAML::Node& node, const Error& error) const {
  return error_at(node_at(node, leading_pointer(error.message)), error.message, error.code);
}

Result<void> YamlReader::check_keys(const YAML::Node& node, std::string_view what,
                                    std::initializer_list<std::string_view> known) const {
  return check_keys(node, what, std::vector<std::string_view>(known));
}

Result<void> YamlReader::check_keys(const YAML::Node& node, std::string_view what,
                                    const std::vector<std::string_view>& known) const {
  if (!node.IsMap()) {
    return fail(error_at(node, "Here should be " + std::string(what) + ", a mapping of keys to values."));
  }
  std::set<std::string> seen;
  for (const auto& entry : node) {
    if (!entry.first.IsScalar()) return fail(error_at(entry.first, "A key must be a plain word."));
    const std::string& key = entry.first.Scalar();
    if (std::find(known.begin(), known.end(), key) == known.end()) {
      const std::vector<std::string> names(known.begin(), known.end());
      return fail(error_at(
          entry.first, "\"" + key + "\" is unknown in " + std::string(what) + "." + hint_for(key, names)));
    }
    if (!seen.insert(key).second) return fail(error_at(entry.first, "\"" + key + "\" is given twice."));
  }
  return success();
}

Result<std::string> YamlReader::text(const YAML::Node& node, std::string_view what) const {
  if (!node.IsScalar()) return fail(error_at(node, "\"" + std::string(what) + "\" must be a text."));
  return node.Scalar();
}

Result<int> YamlReader::whole_number(const YAML::Node& node, std::string_view what) const {
  int number = 0;
  if (node.IsScalar()) {
    const std::string& digits = node.Scalar();
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (read.ec == std::errc() && read.ptr == digits.data() + digits.size()) return number;
  }
  return fail(error_at(node, "\"" + std::string(what) + "\" must be a whole number."));
}

Result<std::chrono::milliseconds> YamlReader::duration(const YAML::Node& node, std::string_view what) const {
  using std::chrono::milliseconds;
  struct Unit {
    std::string_view name;
    milliseconds length;
  };
  constexpr Unit kUnits[] = {{"ms", milliseconds(1)},
                             {"s", milliseconds(1'000)},
                             {"m", milliseconds(60'000)},
                             {"h", milliseconds(3'600'000)},
                             {"d", milliseconds(86'400'000)}};
  if (node.IsScalar()) {
    const std::string& written = node.Scalar();
    int count = 0;
    const auto read = std::from_chars(written.data(), written.data() + written.size(), count);
    const std::string_view unit(read.ptr, std::size_t(written.data() + written.size() - read.ptr));
    for (const Unit& known : kUnits) {
      if (read.ec != std::errc() || count < 1 || unit != known.name) continue;
      if (count <= kMaxDuration / known.length) return count * known.length;
    }
  }
  return fail(error_at(
      node, "\"" + std::string(what) +
                "\" must be a duration of at most 366 days with its unit: 250ms, 10s, 5m, 1h or 2d."));
}

Result<double> YamlReader::amount(const YAML::Node& node, std::string_view what) const {
  if (node.IsScalar() && is_json_literal(node.Scalar())) {
    const auto parsed = core::parse_json(node.Scalar());
    if (parsed && parsed.value().is_number()) {
      const double number = parsed.value().to_number<double>();
      if (number >= 0) return number;
    }
  }
  return fail(error_at(node, "\"" + std::string(what) + "\" must be a number of 0 or more."));
}

Result<bool> YamlReader::boolean(const YAML::Node& node, std::string_view what) const {
  if (node.IsScalar() && node.Scalar() == "true") return true;
  if (node.IsScalar() && node.Scalar() == "false") return false;
  return fail(error_at(node, "\"" + std::string(what) + "\" is either true or false."));
}

Result<std::string> YamlReader::required_text(const YAML::Node& node, const char* key,
                                              std::string_view in) const {
  if (node[key]) return text(node[key], key);
  return fail(error_at(node, "\"" + std::string(key) + "\" is missing in " + std::string(in) + "."));
}

Result<std::string> YamlReader::optional_text(const YAML::Node& node, const char* key,
                                              std::string_view fallback) const {
  if (!node[key]) return std::string(fallback);
  return text(node[key], key);
}

Result<boost::json::value> YamlReader::json_value(const YAML::Node& node, std::string_view what) const {
  if (!node.IsDefined()) return boost::json::value(nullptr);
  std::string json;
  Budget budget;
  BOOST_OUTCOME_TRYV(append_json(json, node, Placeholders::AreText, budget, 0));
  auto value = core::parse_json(json);
  if (!value) return fail(error_at(node, "\"" + std::string(what) + "\": " + value.error().message));
  return value;
}

Result<std::vector<YAML::Node>> YamlReader::elements(const YAML::Node& node, std::string_view what) const {
  std::vector<YAML::Node> all;
  if (!node.IsDefined() || node.IsNull()) return all;
  if (!node.IsSequence()) {
    return fail(
        error_at(node, "\"" + std::string(what) + "\" must be a list; begin each entry with \"- \"."));
  }
  for (const auto& element : node) all.push_back(element);
  return all;
}

Result<std::string> YamlReader::json_text(const YAML::Node& node, std::string_view what) const {
  return as_json(node, what, Placeholders::AreText);
}

Result<std::string> YamlReader::value_json(const YAML::Node& node) const {
  std::string json;
  Budget budget;
  BOOST_OUTCOME_TRYV(append_json(json, node, Placeholders::AreText, budget, 0));
  return json;
}

Result<std::string> YamlReader::template_text(const YAML::Node& node, std::string_view what) const {
  return as_json(node, what, Placeholders::StandBare);
}

Result<std::string> YamlReader::as_json(const YAML::Node& node, std::string_view what,
                                        Placeholders placeholders) const {
  if (!node.IsDefined() || node.IsNull()) return std::string();
  if (node.IsScalar()) return node.Scalar();
  if (!node.IsMap())
    return fail(error_at(node, "\"" + std::string(what) + "\" must be a mapping, or JSON as text."));
  std::string json;
  Budget budget;
  BOOST_OUTCOME_TRYV(append_json(json, node, placeholders, budget, 0));
  return json;
}

Result<void> YamlReader::append_json(std::string& out, const YAML::Node& node, Placeholders placeholders,
                                     Budget& budget, int depth) const {
  if (++budget.nodes > kMaxNodes || depth > kMaxDepth) {
    return fail(error_at(node, "This is nested too deeply or too large.", ErrorCode::LimitExceeded));
  }
  if (node.IsMap()) return append_object(out, node, placeholders, budget, depth);
  if (node.IsSequence()) {
    out.push_back('[');
    bool first = true;
    for (const auto& element : node) {
      if (!std::exchange(first, false)) out.push_back(',');
      BOOST_OUTCOME_TRYV(append_json(out, element, placeholders, budget, depth + 1));
    }
    out.push_back(']');
    return success();
  }
  if (node.IsNull()) {
    out += "null";
    return success();
  }
  const std::string& text = node.Scalar();
  const bool stands_bare = placeholders == Placeholders::StandBare && is_one_placeholder(text);
  if (stands_bare || (!is_quoted(node) && is_json_literal(text))) {
    out += text;
  } else {
    core::append_json_string(out, text);
  }
  return success();
}

Result<void> YamlReader::append_object(std::string& out, const YAML::Node& node, Placeholders placeholders,
                                       Budget& budget, int depth) const {
  out.push_back('{');
  std::set<std::string> seen;
  for (const auto& entry : node) {
    if (!entry.first.IsScalar()) return fail(error_at(entry.first, "A key must be a text."));
    const std::string& key = entry.first.Scalar();
    if (!seen.empty()) out.push_back(',');
    if (!seen.insert(key).second) return fail(error_at(entry.first, "\"" + key + "\" is given twice."));
    core::append_json_string(out, key);
    out.push_back(':');
    BOOST_OUTCOME_TRYV(append_json(out, entry.second, placeholders, budget, depth + 1));
  }
  out.push_back('}');
  return success();
}

}  // namespace ebagent::agent
