#pragma once

#include <boost/json/value.hpp>
#include <chrono>
#include <optional>
#include <string>

namespace ebagent {

// Where the turns of a model come from.
enum class CassetteMode {
  Live,    // from its service; the cassette is left alone
  Record,  // from its service, and each is put on the cassette
  Replay,  // from the cassette alone; nothing is asked of the service
};

// A file of recorded turns; see docs/testing-agents.md. The environment variable EBAGENT_CASSETTE_MODE (live, record,
// replay) goes before `mode`.
struct CassetteSettings {
  std::string file =
      {};  // empty: no cassette. Relative paths are the reader's to complete: in YAML from the file's folder
  CassetteMode mode = CassetteMode::Replay;

  bool operator==(const CassetteSettings&) const = default;
};

// How a named model is reached: what `models:` of an agents.yaml says. An agent names a model by this name, or by
// PROVIDER:MODEL for one that needs nothing but defaults ("bedrock:eu.anthropic.claude-sonnet-4-20250514-v1:0",
// "anthropic:claude-sonnet-4-5", "openai:gpt-4o").
struct ModelSettings {
  std::string provider = {};  // bedrock, anthropic, openai (any compatible server)
  std::string model = {};     // as the service names it
  std::string url = {};     // of the service; empty: the provider's own. A path that it has is kept in front
  std::string region = {};  // bedrock; empty: AWS_REGION, AWS_DEFAULT_REGION
  // Where the key is: env:NAME or file:PATH (absolute); never the key itself. Empty: the provider's usual variable
  // (AWS_BEARER_TOKEN_BEDROCK or AWS credentials, ANTHROPIC_API_KEY, OPENAI_API_KEY).
  std::string api_key = {};
  int max_tokens = 4'096;  // of one turn
  std::optional<double> temperature = {};
  std::chrono::seconds timeout{120};  // of one turn, and of a silence within one that streams
  int attempts =
      4;  // of one turn: failures that may pass are tried again, as the service asks or with backoff
  bool stream = true;
  bool cache_prompt = true;       // where the service wants to be told: cachePoint, cache_control
  std::string guardrail_id = {};  // bedrock
  std::string guardrail_version = {};
  // What else the service is to be told, as it spells it; null: nothing. Of anthropic and openai members of the request
  // ({"thinking": {...}}, {"reasoning_effort": "low"}), of bedrock its additionalModelRequestFields.
  boost::json::value extra = nullptr;
  CassetteSettings cassette = {};

  bool operator==(const ModelSettings&) const = default;
};

// US dollars for a million tokens.
struct Price {
  double input = 0;
  double output = 0;
  double cache_read = 0;
  double cache_write = 0;

  bool operator==(const Price&) const = default;
};

}  // namespace ebagent
