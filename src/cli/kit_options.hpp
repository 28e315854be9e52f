#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cli/output.hpp"

// Options of the commands for those who build agents.
namespace ebagent::cli {

struct TestOptions {
  std::vector<std::filesystem::path> cases;
  std::optional<std::filesystem::path> config;  // of cases that name none
  Output output = Output::People;
};

struct RunsExportOptions {
  std::filesystem::path data = kDefaultData;
  std::optional<std::filesystem::path> config;  // that has the agent
  std::string run_id;
  std::filesystem::path cassette;  // of an agent driven by a model; empty: none
  std::filesystem::path test;      // the case; empty: beside the cassette
  Output output = Output::People;
};

struct ShadowOptions {
  std::filesystem::path data = kDefaultData;
  std::filesystem::path config;
  std::string agent;    // empty: those of the runs
  std::string archive;  // empty: the runs themselves
  std::string since;    // an RFC 3339 time, or empty
  std::size_t limit = 20;
  Output output = Output::People;
};

struct NewOptions {
  std::filesystem::path folder;
  std::string language = "yaml";
  std::string name;  // empty: the folder's
};

}  // namespace ebagent::cli
