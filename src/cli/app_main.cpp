#include <csignal>
#include <exception>
#include <iostream>

#include "cli/commands.hpp"
#include "cli/mcp_section.hpp"

namespace ebagent {
namespace {

// One command to one function.
struct RunCommand {
  App& app;
  int operator()(const cli::DemoOptions& options) const { return cli::run_demo(options, app); }
  int operator()(const cli::InvokeOptions& options) const { return cli::run_invoke(options, app); }
  int operator()(const cli::ServeOptions& options) const { return cli::run_serve(options, app); }
  int operator()(const cli::MatchOptions& options) const { return cli::run_match(options); }
  int operator()(const cli::RulesOptions& options) const { return cli::run_rules(options, app); }
  int operator()(const cli::RunsListOptions& options) const { return cli::run_runs_list(options); }
  int operator()(const cli::RunsShowOptions& options) const { return cli::run_runs_show(options); }
  int operator()(const cli::RunsWaitingOptions& options) const { return cli::run_runs_waiting(options); }
  int operator()(const cli::RunsAnswerOptions& options) const { return cli::run_runs_answer(options); }
  int operator()(const cli::RunsCancelOptions& options) const { return cli::run_runs_cancel(options); }
  int operator()(const cli::RunsRerunOptions& options) const { return cli::run_runs_rerun(options); }
  int operator()(const cli::DlqListOptions& options) const { return cli::run_dlq_list(options); }
  int operator()(const cli::DlqShowOptions& options) const { return cli::run_dlq_show(options); }
  int operator()(const cli::DlqRedriveOptions& options) const { return cli::run_dlq_redrive(options); }
  int operator()(const cli::McpOptions& options) const { return cli::run_mcp(options, app); }
  int operator()(const cli::McpToolsOptions& options) const { return cli::run_mcp_tools(options); }
  int operator()(const cli::TestOptions& options) const { return cli::run_test(options, app); }
  int operator()(const cli::RunsExportOptions& options) const { return cli::run_runs_export(options, app); }
  int operator()(const cli::ShadowOptions& options) const { return cli::run_shadow(options, app); }
  int operator()(const cli::NewOptions& options) const { return cli::run_new(options, app); }
  int operator()(const cli::VersionOptions& options) const { return cli::run_version(options); }
};

}  // namespace

int App::main(int argc, char** argv) {
  std::signal(SIGPIPE,
              SIG_IGN);  // a closed pipe or connection is an error of that write, not the end of the program
  const auto parsed = cli::parse_arguments(name(), argc, argv);
  if (const int* exit_code = std::get_if<int>(&parsed)) return *exit_code;
  section("mcp", cli::mcp_section(std::get<cli::Command>(parsed)));
  try {
    const int exit_code = std::visit(RunCommand{*this}, std::get<cli::Command>(parsed));
    std::cout.flush();
    return exit_code;
  } catch (const std::exception& error) {
    std::cerr << "error: " << error.what() << '\n';
    return cli::kFailed;
  }
}

}  // namespace ebagent
