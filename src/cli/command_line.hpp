#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <type_traits>

#include "cli/kit_arguments.hpp"
#include "cli/options.hpp"
#include "cli/shared_arguments.hpp"

namespace ebagent::cli {

inline constexpr const char* kExitCodes =
    "Exit codes: 0 done; 1 it was tried and failed; 2 wrong command line; 3 wrong input (event, pattern, "
    "configuration).";

// Every command's options have a home here while the command line is read.
struct Options {
  DemoOptions demo;
  InvokeOptions invoke;
  ServeOptions serve;
  MatchOptions match;
  RulesOptions rules;
  RunsListOptions runs_list;
  RunsShowOptions runs_show;
  RunsWaitingOptions runs_waiting;
  RunsAnswerOptions runs_approve;
  RunsAnswerOptions runs_deny;
  RunsCancelOptions runs_cancel;
  RunsRerunOptions runs_rerun;
  DlqListOptions dlq_list;
  DlqShowOptions dlq_show;
  DlqRedriveOptions dlq_redrive;
  McpOptions mcp;
  McpToolsOptions mcp_tools;
  KitOptions kit;
  VersionOptions version;
  Command chosen;

  template <class T>
  void choose(CLI::App& command, const T& options) {
    command.callback([this, &options] { chosen = options; });
    command.footer(kExitCodes);
  }
};

// `runs ...` and `dlq ...`.
void add_runs(CLI::App& app, Options& all);
void add_dlq(CLI::App& app, Options& all);

}  // namespace ebagent::cli
