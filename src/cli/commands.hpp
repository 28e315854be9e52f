#pragma once

#include "cli/options.hpp"
#include "ebagent/app.hpp"

// The commands of the binary, one file each. Each prints its result to standard output, errors to standard
// error, and returns its exit code.
namespace ebagent::cli {

int run_demo(const DemoOptions& options, App& app);
int run_invoke(const InvokeOptions& options, App& app);
int run_serve(const ServeOptions& options, App& app);
int run_match(const MatchOptions& options);
int run_rules(const RulesOptions& options, App& app);
int run_runs_list(const RunsListOptions& options);
int run_runs_show(const RunsShowOptions& options);
int run_runs_waiting(const RunsWaitingOptions& options);
int run_runs_answer(const RunsAnswerOptions& options);
int run_runs_cancel(const RunsCancelOptions& options);
int run_runs_rerun(const RunsRerunOptions& options);
int run_dlq_list(const DlqListOptions& options);
int run_dlq_show(const DlqShowOptions& options);
int run_dlq_redrive(const DlqRedriveOptions& options);
int run_mcp(const McpOptions& options, App& app);
int run_mcp_tools(const McpToolsOptions& options);
int run_test(const TestOptions& options, App& app);
int run_runs_export(const RunsExportOptions& options, App& app);
int run_shadow(const ShadowOptions& options, App& app);
int run_new(const NewOptions& options, App& app);
int run_version(const VersionOptions& options);

}  // namespace ebagent::cli
