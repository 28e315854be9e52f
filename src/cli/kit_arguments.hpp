#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>

#include "cli/options.hpp"

namespace ebagent::cli {

// Where the options of test, `runs export`, shadow and new live while the command line is read.
struct KitOptions {
  TestOptions test;
  RunsExportOptions runs_export;
  ShadowOptions shadow;
  NewOptions new_project;
};

// Adds these commands; `runs` is there already. `options` outlives the reading of the command line.
void add_kit(CLI::App& app, KitOptions& options, const std::string& footer,
             const std::function<void(Command)>& choose);

}  // namespace ebagent::cli
