#pragma once

#include <yaml-cpp/yaml.h>

#include <map>
#include <string>
#include <vector>

#include "agent/yaml_reader.hpp"
#include "ebagent/app.hpp"
#include "ebagent/model_settings.hpp"
#include "ebagent/result.hpp"

namespace ebagent::agent {

// Adds named models; see ModelSettings for what each key means.
//
//   models:
//     sonnet:
//       provider: bedrock                   # bedrock, anthropic, openai
//       model: eu.anthropic.claude-sonnet-4-20250514-v1:0
//       region: eu-central-1                # url, api_key: env:NAME or file:PATH
//       max_tokens: 4096                    # temperature, timeout: 2m, attempts, stream, cache_prompt
//       guardrail_id: abc123                # guardrail_version
//       cassette: {file: cassettes/sonnet.json, mode: replay}   # live, record; seen from this file
[[nodiscard]] Result<void> read_models(const YAML::Node& node, const YamlReader& yaml,
                                       std::map<std::string, ModelSettings>& models);

// Adds prices in US dollars for a million tokens, by the models' names, in which "*" stands for any text; the longest that
// fits counts.
//
//   prices:
//     "*claude-sonnet-4*": {input: 3, output: 15, cache_read: 0.3, cache_write: 3.75}
[[nodiscard]] Result<void> read_prices(const YAML::Node& node, const YamlReader& yaml,
                                       std::map<std::string, Price>& prices);

}  // namespace ebagent::agent
