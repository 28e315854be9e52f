#include "agent/model_settings_yaml.hpp"

#include <algorithm>
#include <filesystem>
#include <string_view>
#include <utility>

#include "models/cassette.hpp"

namespace ebagent::agent {
namespace {

Result<void> read_int(const YAML::Node& node, const char* key, const YamlReader& yaml, int& into) {
  if (!node[key]) return success();
  BOOST_OUTCOME_TRY(into, yaml.whole_number(node[key], key));
  if (into < 1) return fail(yaml.error_at(node[key], "\"" + std::string(key) + "\" must be 1 or more."));
  return success();
}

Result<void> read_bool(const YAML::Node& node, const char* key, const YamlReader& yaml, bool& into) {
  if (!node[key]) return success();
  BOOST_OUTCOME_TRY(into, yaml.boolean(node[key], key));
  return success();
}

Result<void> read_key(const YAML::Node& node, const YamlReader& yaml, std::string& into) {
  BOOST_OUTCOME_TRY(into, yaml.optional_text(node, "api_key", ""));
  if (into.empty() || into.starts_with("env:") || into.starts_with("file:")) return success();
  return fail(yaml.error_at(node["api_key"],
                            "\"api_key\" says where the key is, env:NAME or file:PATH; the key itself "
                            "never stands in a configuration."));
}

Result<void> read_cassette(const YAML::Node& node, const YamlReader& yaml, CassetteSettings& into) {
  BOOST_OUTCOME_TRYV(yaml.check_keys(node, "a cassette", {"file", "mode"}));
  BOOST_OUTCOME_TRY(into.file, yaml.required_text(node, "file", "a cassette"));
  if (into.file.empty()) return fail(yaml.error_at(node["file"], "\"file\" must not be empty."));
  // As seen from the configuration.
  into.file = (std::filesystem::path(yaml.file_name()).parent_path() / into.file).string();
  BOOST_OUTCOME_TRY(const auto mode, yaml.optional_text(node, "mode", "replay"));
  auto known = models::cassette_mode_of(mode);
  if (!known) return fail(yaml.error_at(node["mode"], known.error().message));
  into.mode = known.value();
  return success();
}

Result<ModelSettings> read_model(const YAML::Node& node, const YamlReader& yaml) {
  BOOST_OUTCOME_TRYV(yaml.check_keys(
      node, "a model",
      {"provider", "model", "url", "region", "api_key", "max_tokens", "temperature", "timeout", "attempts",
       "stream", "cache_prompt", "guardrail_id", "guardrail_version", "extra", "cassette"}));
  ModelSettings settings;
  BOOST_OUTCOME_TRY(settings.provider, yaml.required_text(node, "provider", "a model"));
  BOOST_OUTCOME_TRY(settings.model, yaml.required_text(node, "model", "a model"));
  BOOST_OUTCOME_TRY(settings.url, yaml.optional_text(node, "url", ""));
  BOOST_OUTCOME_TRY(settings.region, yaml.optional_text(node, "region", ""));
  BOOST_OUTCOME_TRYV(read_key(node, yaml, settings.api_key));
  BOOST_OUTCOME_TRYV(read_int(node, "max_tokens", yaml, settings.max_tokens));
  BOOST_OUTCOME_TRYV(read_int(node, "attempts", yaml, settings.attempts));
  BOOST_OUTCOME_TRYV(read_bool(node, "stream", yaml, settings.stream));
  BOOST_OUTCOME_TRYV(read_bool(node, "cache_prompt", yaml, settings.cache_prompt));
  if (node["temperature"]) {
    BOOST_OUTCOME_TRY(settings.temperature, yaml.amount(node["temperature"], "temperature"));
  }
  if (const auto timeout = node["timeout"]) {
    BOOST_OUTCOME_TRY(auto length, yaml.duration(timeout, "timeout"));
    if (length < std::chrono::seconds(1))
      return fail(yaml.error_at(timeout, "\"timeout\" must be one second or more."));
    settings.timeout = std::chrono::floor<std::chrono::seconds>(length);
  }
  BOOST_OUTCOME_TRY(settings.guardrail_id, yaml.optional_text(node, "guardrail_id", ""));
  BOOST_OUTCOME_TRY(settings.guardrail_version, yaml.optional_text(node, "guardrail_version", ""));
  if (node["cassette"]) {
    BOOST_OUTCOME_TRYV(read_cassette(node["cassette"], yaml, settings.cassette));
  }
  if (node["extra"]) {
    BOOST_OUTCOME_TRY(settings.extra, yaml.json_value(node["extra"], "extra"));
  }
  return settings;
}

Result<Price> read_price(const YAML::Node& node, const YamlReader& yaml) {
  Price price;
  const auto read = [&](const char* key, double& into) -> Result<void> {
    if (!node[key]) return success();
    BOOST_OUTCOME_TRY(into, yaml.amount(node[key], key));
    return success();
  };
  for (const char* key : {"input", "output"}) {
    if (!node[key]) return fail(yaml.error_at(node, "\"" + std::string(key) + "\" is missing in a price."));
  }
  BOOST_OUTCOME_TRYV(read("input", price.input));
  BOOST_OUTCOME_TRYV(read("output", price.output));
  // What is not said costs as input does: too much counted ends a run early, too little lets it go on.
  price.cache_read = price.cache_write = price.input;
  BOOST_OUTCOME_TRYV(read("cache_read", price.cache_read));
  BOOST_OUTCOME_TRYV(read("cache_write", price.cache_write));
  return price;
}

}  // namespace

Result<void> read_models(const YAML::Node& node, const YamlReader& yaml,
                         std::map<std::string, ModelSettings>& models) {
  if (!node.IsMap()) return fail(yaml.error_at(node, "\"models\" must be a mapping of names to models."));
  for (const auto& entry : node) {
    BOOST_OUTCOME_TRY(auto name, yaml.text(entry.first, "models"));
    if (name.empty() || name.find(':') != std::string::npos || name == "playbook") {
      return fail(yaml.error_at(entry.first,
                                "\"" + name +
                                    "\" is no name for a model: it must not be playbook or have a colon, "
                                    "which stands in PROVIDER:MODEL."));
    }
    BOOST_OUTCOME_TRY(auto model, read_model(entry.second, yaml));
    if (!models.emplace(name, std::move(model)).second) {
      return fail(
          yaml.error_at(entry.first, "There are two models named \"" + name + "\"; names are unique."));
    }
  }
  return success();
}

Result<void> read_prices(const YAML::Node& node, const YamlReader& yaml,
                         std::map<std::string, Price>& prices) {
  if (!node.IsMap()) return fail(yaml.error_at(node, "\"prices\" must be a mapping of models to prices."));
  for (const auto& entry : node) {
    BOOST_OUTCOME_TRY(auto model, yaml.text(entry.first, "prices"));
    BOOST_OUTCOME_TRYV(
        yaml.check_keys(entry.second, "a price", {"input", "output", "cache_read", "cache_write"}));
    BOOST_OUTCOME_TRY(prices[model], read_price(entry.second, yaml));
  }
  return success();
}

}  // namespace ebagent::agent
