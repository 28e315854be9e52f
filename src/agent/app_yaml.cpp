#include "agent/app_yaml.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <system_error>

#include "agent/flow_yaml.hpp"
#include "agent/near_names.hpp"
#include "agent/yaml_reader.hpp"
#include "models/models.hpp"

namespace ebagent::agent {
namespace {

constexpr std::array<std::string_view, 3> kOwnSections = {"agents", "rules", "settings"};

// Turns the nodes of an agents.yaml into agents, rules and settings of a registry.
class AppReader {
 public:
  AppReader(std::string_view file_name, Registry& registry, AppSettings& settings, const Sections& sections)
      : yaml_(file_name), registry_(registry), settings_(settings), sections_(sections) {}

  Result<void> read(std::string_view text) {
    BOOST_OUTCOME_TRY(auto root, yaml_.parse(text));
    if (root.IsNull()) return success();
    std::vector<std::string_view> known(kOwnSections.begin(), kOwnSections.end());
    for (const auto& [key, reader] : sections_) known.emplace_back(key);
    BOOST_OUTCOME_TRYV(yaml_.check_keys(root, "agents.yaml", known));
    if (root["settings"]) {
      BOOST_OUTCOME_TRYV(read_settings(root["settings"]));
    }
    for (const auto& [key, reader] : sections_) {
      if (!root[key]) continue;
      const YAML::Node section = root[key];
      BOOST_OUTCOME_TRY(const auto json, yaml_.value_json(section));
      if (const auto read = reader(json); !read) return fail(yaml_.error_below(section, read.error()));
    }
    BOOST_OUTCOME_TRY(auto agents, yaml_.elements(root["agents"], "agents"));
    for (const YAML::Node& agent : agents) {
      BOOST_OUTCOME_TRYV(read_agent(agent));
    }
    BOOST_OUTCOME_TRY(auto rules, yaml_.elements(root["rules"], "rules"));
    for (const YAML::Node& rule : rules) {
      BOOST_OUTCOME_TRYV(read_rule(rule));
    }
    return success();
  }

 private:
  Result<void> read_settings(const YAML::Node& node) {
    BOOST_OUTCOME_TRYV(yaml_.check_keys(node, "the settings", {"hop_limit", "idempotency_expiry_seconds"}));
    if (const auto hops = node["hop_limit"]) {
      BOOST_OUTCOME_TRY(settings_.hop_limit, yaml_.whole_number(hops, "hop_limit"));
      if (settings_.hop_limit < 0) return fail(yaml_.error_at(hops, "\"hop_limit\" must be 0 or more."));
    }
    if (const auto expiry = node["idempotency_expiry_seconds"]) {
      BOOST_OUTCOME_TRY(auto seconds, yaml_.whole_number(expiry, "idempotency_expiry_seconds"));
      if (seconds < 1)
        return fail(yaml_.error_at(expiry, "\"idempotency_expiry_seconds\" must be 1 or more."));
      settings_.idempotency_expiry = std::chrono::seconds(seconds);
    }
    return success();
  }

  Result<void> read_agent(const YAML::Node& node) {
    BOOST_OUTCOME_TRYV(yaml_.check_keys(
        node, "an agent",
        {"name", "description", "model", "instructions", "tools", "limits", "flow", "playbook", "respond"}));
    AgentSpec spec;
    BOOST_OUTCOME_TRY(spec.name, required_text(node, "name", "an agent"));
    BOOST_OUTCOME_TRY(spec.description, optional_text(node, "description", ""));
    BOOST_OUTCOME_TRY(spec.model, optional_text(node, "model", "playbook"));
    BOOST_OUTCOME_TRY(spec.instructions, optional_text(node, "instructions", ""));
    BOOST_OUTCOME_TRY(spec.tools, read_tools(node["tools"]));
    if (node["limits"]) {
      BOOST_OUTCOME_TRYV(read_limits(node["limits"], spec.limits));
    }
    BOOST_OUTCOME_TRY(spec.flow, read_flow(yaml_, node["flow"]));
    BOOST_OUTCOME_TRY(auto entries, yaml_.elements(node["playbook"], "playbook"));
    for (const YAML::Node& entry : entries) {
      BOOST_OUTCOME_TRY(auto call, read_entry(entry, spec));
      spec.playbook.calls.push_back(std::move(call));
    }
    BOOST_OUTCOME_TRY(spec.playbook.respond, read_answers(node["respond"]));
    auto model = models::make_model(spec);
    if (!model) return fail(yaml_.error_at(node, model.error().message));
    auto added = registry_.add(Agent{std::move(spec), nullptr, std::move(model).value()});
    if (!added) return fail(yaml_.error_at(node, added.error().message));
    return success();
  }

  Result<std::vector<ToolUse>> read_tools(const YAML::Node& node) {
    std::vector<ToolUse> tools;
    BOOST_OUTCOME_TRY(auto elements, yaml_.elements(node, "tools"));
    for (const YAML::Node& element : elements) {
      BOOST_OUTCOME_TRY(auto name, yaml_.text(element, "tools"));
      if (!name.starts_with("agent:") && !registry_.tools().contains(name)) {
        return fail(yaml_.error_at(
            element, "There is no tool \"" + name + "\"." + hint_for(name, registry_.tool_names())));
      }
      tools.emplace_back(std::move(name));
    }
    return tools;
  }

  Result<void> read_limits(const YAML::Node& node, Limits& limits) {
    BOOST_OUTCOME_TRYV(yaml_.check_keys(node, "the limits", {"turns", "tool_calls", "seconds"}));
    if (node["turns"]) {
      BOOST_OUTCOME_TRY(limits.turns, yaml_.whole_number(node["turns"], "turns"));
    }
    if (node["tool_calls"]) {
      BOOST_OUTCOME_TRY(limits.tool_calls, yaml_.whole_number(node["tool_calls"], "tool_calls"));
    }
    if (node["seconds"]) {
      BOOST_OUTCOME_TRY(auto seconds, yaml_.whole_number(node["seconds"], "seconds"));
      limits.seconds = std::chrono::seconds(seconds);
    }
    return success();
  }

  Result<PlaybookEntry> read_entry(const YAML::Node& node, const AgentSpec& agent) {
    BOOST_OUTCOME_TRYV(
        yaml_.check_keys(node, "a playbook entry", {"name", "tool", "when", "input", "on_error"}));
    PlaybookEntry entry;
    BOOST_OUTCOME_TRY(entry.tool, required_text(node, "tool", "a playbook entry"));
    const auto allowed = names_of(agent.tools);
    if (std::find(allowed.begin(), allowed.end(), entry.tool) == allowed.end()) {
      return fail(yaml_.error_at(node["tool"], "Tool \"" + entry.tool + "\" is not in the tools of agent \"" +
                                                   agent.name + "\"; add it there." +
                                                   hint_for(entry.tool, allowed)));
    }
    BOOST_OUTCOME_TRY(entry.name, optional_text(node, "name", entry.tool));
    BOOST_OUTCOME_TRY(entry.when, yaml_.json_text(node["when"], "when"));
    BOOST_OUTCOME_TRY(entry.input, yaml_.template_text(node["input"], "input"));
    BOOST_OUTCOME_TRY(auto on_error, optional_text(node, "on_error", "fail"));
    if (on_error != "fail" && on_error != "continue") {
      return fail(yaml_.error_at(node["on_error"], "\"on_error\" is either fail or continue."));
    }
    entry.on_error = on_error == "continue" ? OnError::Continue : OnError::Fail;
    BOOST_OUTCOME_TRYV(compiles(node, Playbook{{entry}, {}}));
    return entry;
  }

  Result<std::vector<PlaybookAnswer>> read_answers(const YAML::Node& node) {
    std::vector<PlaybookAnswer> answers;
    if (node.IsDefined() && node.IsScalar()) {
      answers.push_back({"", node.Scalar()});
      BOOST_OUTCOME_TRYV(compiles(node, Playbook{{}, answers}));
      return answers;
    }
    BOOST_OUTCOME_TRY(auto elements, yaml_.elements(node, "respond"));
    for (const YAML::Node& element : elements) {
      BOOST_OUTCOME_TRYV(yaml_.check_keys(element, "an answer", {"when", "text"}));
      PlaybookAnswer answer;
      BOOST_OUTCOME_TRY(answer.when, yaml_.json_text(element["when"], "when"));
      BOOST_OUTCOME_TRY(answer.text, required_text(element, "text", "an answer"));
      BOOST_OUTCOME_TRYV(compiles(element, Playbook{{}, {answer}}));
      answers.push_back(std::move(answer));
    }
    return answers;
  }

  // Compiles a part of a playbook by itself, so that an error is reported at its line.
  Result<void> compiles(const YAML::Node& node, Playbook part) {
    AgentSpec spec;
    spec.playbook = std::move(part);
    if (auto model = models::make_model(spec); !model)
      return fail(yaml_.error_at(node, model.error().message));
    return success();
  }

  Result<void> read_rule(const YAML::Node& node) {
    BOOST_OUTCOME_TRYV(yaml_.check_keys(node, "a rule", {"name", "pattern", "schedule", "agents", "state"}));
    AppRule rule;
    BOOST_OUTCOME_TRY(rule.agents, read_rule_agents(node));
    BOOST_OUTCOME_TRY(rule.pattern, yaml_.json_text(node["pattern"], "pattern"));
    BOOST_OUTCOME_TRY(rule.schedule, optional_text(node, "schedule", ""));
    const std::string fallback = rule.agents.empty() ? "" : registry_.free_rule_name(rule.agents.front());
    BOOST_OUTCOME_TRY(rule.name, optional_text(node, "name", fallback));
    BOOST_OUTCOME_TRY(auto state, optional_text(node, "state", "ENABLED"));
    if (state != "ENABLED" && state != "DISABLED") {
      return fail(yaml_.error_at(node["state"], "\"state\" is either ENABLED or DISABLED."));
    }
    rule.enabled = state == "ENABLED";
    const char* key = node["pattern"] ? "pattern" : node["schedule"] ? "schedule" : nullptr;
    if (auto added = registry_.add(std::move(rule)); !added) {
      return fail(yaml_.error_at(key == nullptr ? node : node[key], added.error().message));
    }
    return success();
  }

  Result<std::vector<std::string>> read_rule_agents(const YAML::Node& rule) {
    std::vector<std::string> agents;
    const YAML::Node node = rule["agents"];
    if (!node.IsDefined())
      return fail(yaml_.error_at(rule, "\"agents\" is missing in a rule; add agents: [NAME]."));
    BOOST_OUTCOME_TRY(auto elements, yaml_.elements(node, "agents"));
    for (const YAML::Node& element : elements) {
      BOOST_OUTCOME_TRY(auto name, yaml_.text(element, "agents"));
      if (registry_.agent(name) == nullptr) {
        return fail(yaml_.error_at(
            element, "There is no agent \"" + name + "\"." + hint_for(name, registry_.agent_names())));
      }
      agents.push_back(std::move(name));
    }
    return agents;
  }

  Result<std::string> required_text(const YAML::Node& node, const char* key, std::string_view in) {
    if (!node[key]) {
      return fail(
          yaml_.error_at(node, "\"" + std::string(key) + "\" is missing in " + std::string(in) + "."));
    }
    return yaml_.text(node[key], key);
  }

  Result<std::string> optional_text(const YAML::Node& node, const char* key, std::string_view fallback) {
    if (!node[key]) return std::string(fallback);
    return yaml_.text(node[key], key);
  }

  YamlReader yaml_;
  Registry& registry_;
  AppSettings& settings_;
  const Sections& sections_;
};

}  // namespace

Result<std::string> read_config_file(const std::filesystem::path& file) {
  std::error_code error;
  const auto size = std::filesystem::file_size(file, error);
  if (error == std::errc::no_such_file_or_directory) {
    return fail(ErrorCode::NotFound, "There is no configuration file " + file.string() + ".");
  }
  if (error)
    return fail(ErrorCode::Io,
                "The configuration file " + file.string() + " cannot be read: " + error.message() + ".");
  if (size > kMaxConfigBytes) {
    return fail(ErrorCode::LimitExceeded, "The configuration file " + file.string() + " has more than " +
                                              std::to_string(kMaxConfigBytes) +
                                              " bytes; is it the right one?");
  }
  std::ifstream in(file, std::ios::binary);
  std::string text(std::size_t(size), '\0');
  in.read(text.data(), std::streamsize(size));
  if (!in) return fail(ErrorCode::Io, "The configuration file " + file.string() + " cannot be read.");
  return text;
}

bool is_own_section(std::string_view key) {
  return std::ranges::find(kOwnSections, key) != kOwnSections.end();
}

Result<void> read_section(std::string_view yaml, std::string_view file_name, const std::string& key,
                          const std::function<Result<void>(std::string_view json)>& reader) {
  try {
    const YamlReader file(file_name);
    BOOST_OUTCOME_TRY(const YAML::Node root, file.parse(yaml));
    if (!root.IsMap()) return success();
    const YAML::Node section = root[key];
    if (!section.IsDefined()) return success();
    BOOST_OUTCOME_TRY(const auto json, file.value_json(section));
    if (const auto read = reader(json); !read) return fail(file.error_below(section, read.error()));
    return success();
  } catch (const YAML::Exception& error) {
    return fail(ErrorCode::Malformed, std::string(file_name) + ": " + error.what());
  }
}

Result<void> load_yaml(std::string_view yaml, std::string_view file_name, Registry& registry,
                       AppSettings& settings, const Sections& sections) {
  try {
    return AppReader(file_name, registry, settings, sections).read(yaml);
  } catch (const YAML::Exception& error) {
    return fail(ErrorCode::Malformed, std::string(file_name) + ": " + error.what());
  }
}

}  // namespace ebagent::agent
