#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <type_traits>

#include "cli/output.hpp"

// Options that many commands have.
namespace ebagent::cli {

inline void add_json(CLI::App& command, Output& output) {
  command.add_flag_callback(
      "--json", [&output] { output = Output::Json; }, "Print JSON for programs instead of text for people");
}

template <class Path>
void add_data(CLI::App& command, Path& data, const char* what) {
  auto* option = command.add_option("--data", data, what)->type_name("DIR")->envname("EBAGENT_DATA");
  if constexpr (std::is_same_v<Path, std::filesystem::path>) option->capture_default_str();
}

template <class Path>
void add_config(CLI::App& command, Path& config, const char* what) {
  command.add_option("--config", config, what)->type_name("FILE")->check(CLI::ExistingFile);
}

}  // namespace ebagent::cli
