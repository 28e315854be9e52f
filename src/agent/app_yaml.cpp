#include "agent/app_yaml.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <system_error>

#include "agent/agent_yaml.hpp"
#include "agent/model_settings_yaml.hpp"
#include "agent/near_names.hpp"
#include "agent/yaml_reader.hpp"
#include "models/models.hpp"

namespace ebagent::agent {
namespace {

constexpr std::array<std::string_view, 5> kOwnSections = {"agents", "models", "rules", "settings", "tools"};

// Turns the nodes of an agents.yaml into agents, rules and settings of a registry.
class AppReader {
 public:
  AppReader(std::string_view file_name, Registry& registry, AppSettings& settings, const ConfigPorts& ports)
      : yaml_(file_name), registry_(registry), settings_(settings), ports_(ports) {}

  Result<void> read(std::string_view text) {
    BOOST_OUTCOME_TRY(auto root, yaml_.parse(text));
    if (root.IsNull()) return success();
    std::vector<std::string_view> known(kOwnSections.begin(), kOwnSections.end());
    for (const auto& [key, reader] : ports_.sections) known.emplace_back(key);
    BOOST_OUTCOME_TRYV(yaml_.check_keys(root, "agents.yaml", known));
    if (root["settings"]) {
      BOOST_OUTCOME_TRYV(read_settings(root["settings"]));
    }
    if (root["models"]) {
      BOOST_OUTCOME_TRYV(read_models(root["models"], yaml_, settings_.models));
      BOOST_OUTCOME_TRYV(check_models(root["models"]));
    }
    for (const auto& [key, reader] : ports_.sections) {
      if (!root[key]) continue;
      const YAML::Node section = root[key];
      BOOST_OUTCOME_TRY(const auto json, yaml_.value_json(section));
      if (const auto read = reader(json); !read) return fail(yaml_.error_below(section, read.error()));
    }
    BOOST_OUTCOME_TRY(auto tools, yaml_.elements(root["tools"], "tools"));
    for (const YAML::Node& tool : tools) {
      BOOST_OUTCOME_TRYV(read_declared_tool(tool));
    }
    BOOST_OUTCOME_TRY(auto agents, yaml_.elements(root["agents"], "agents"));
    for (const YAML::Node& agent : agents) {
      BOOST_OUTCOME_TRYV(add_agent(agent));
    }
    BOOST_OUTCOME_TRY(auto rules, yaml_.elements(root["rules"], "rules"));
    for (const YAML::Node& rule : rules) {
      BOOST_OUTCOME_TRYV(read_rule(rule));
    }
    return success();
  }

 private:
  // Makes each by itself, so that an error is reported at its line and not at an agent's.
  Result<void> check_models(const YAML::Node& models) {
    for (const auto& entry : models) {
      AgentSpec of;
      of.model = entry.first.as<std::string>();
      if (auto made = ports_.find_model(of, settings_); !made) {
        return fail(yaml_.error_at(entry.first, "Model \"" + of.model + "\": " + made.error().message));
      }
    }
    return success();
  }

  Result<void> read_settings(const YAML::Node& node) {
    BOOST_OUTCOME_TRYV(
        yaml_.check_keys(node, "the settings", {"hop_limit", "idempotency_expiry_seconds", "prices"}));
    if (node["prices"]) {
      BOOST_OUTCOME_TRYV(read_prices(node["prices"], yaml_, settings_.prices));
    }
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

  Result<void> read_declared_tool(const YAML::Node& node) {
    if (ports_.declarations == nullptr) {
      return fail(
          yaml_.error_at(node, "This program takes no declared tools: it did not call add_declared_tools().",
                         ErrorCode::Unsupported));
    }
    BOOST_OUTCOME_TRY(auto tool, ports_.declarations->read(node, yaml_));
    auto added = registry_.add(std::move(tool));
    if (!added) return fail(yaml_.error_at(node, added.error().message));
    return success();
  }

  Result<void> add_agent(const YAML::Node& node) {
    BOOST_OUTCOME_TRY(auto spec, read_agent(node, yaml_, registry_));
    auto model = ports_.find_model(spec, settings_);
    if (!model) return fail(yaml_.error_at(node, model.error().message));
    auto added = registry_.add(Agent{std::move(spec), nullptr, std::move(model).value()});
    if (!added) return fail(yaml_.error_at(node, added.error().message));
    return success();
  }

  Result<void> read_rule(const YAML::Node& node) {
    BOOST_OUTCOME_TRYV(yaml_.check_keys(node, "a rule", {"name", "pattern", "schedule", "agents", "state"}));
    AppRule rule;
    BOOST_OUTCOME_TRY(rule.agents, read_rule_agents(node));
    BOOST_OUTCOME_TRY(rule.pattern, yaml_.json_text(node["pattern"], "pattern"));
    BOOST_OUTCOME_TRY(rule.schedule, yaml_.optional_text(node, "schedule", ""));
    const std::string fallback = rule.agents.empty() ? "" : registry_.free_rule_name(rule.agents.front());
    BOOST_OUTCOME_TRY(rule.name, yaml_.optional_text(node, "name", fallback));
    BOOST_OUTCOME_TRY(auto state, yaml_.optional_text(node, "state", "ENABLED"));
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

  YamlReader yaml_;
  Registry& registry_;
  AppSettings& settings_;
  const ConfigPorts& ports_;
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
                       AppSettings& settings, const ConfigPorts& ports) {
  try {
    return AppReader(file_name, registry, settings, ports).read(yaml);
  } catch (const YAML::Exception& error) {
    return fail(ErrorCode::Malformed, std::string(file_name) + ": " + error.what());
  }
}

}  // namespace ebagent::agent
