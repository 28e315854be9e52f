#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>

#include "cli/command_line.hpp"

namespace ebagent::cli {
namespace {

void add_run_id(CLI::App& command, std::string& id) {
  command.add_option("id", id, "The run's id, or the first characters of it")->type_name("ID")->required();
}

void add_answer(CLI::App& runs, Options& all, RunsAnswerOptions& options, const char* name,
                const char* what) {
  options.approved = std::string_view{name} == "approve";
  auto& command = *runs.add_subcommand(name, what);
  add_run_id(command, options.run_id);
  command.add_option("--step", options.step, "The call that is meant, when several wait")->type_name("NAME");
  command.add_option("--comment", options.comment, "What the model and the journal are told")
      ->type_name("TEXT");
  add_data(command, options.data, "The data folder of a server");
  add_json(command, options.output);
  all.choose(command, options);
}

// What changes a run.
void add_run_control(CLI::App& runs, Options& all) {
  add_answer(runs, all, all.runs_approve, "approve", "Let a call be made that waits for a person");
  add_answer(runs, all, all.runs_deny, "deny", "Forbid a call that waits for a person");
  {
    auto& options = all.runs_cancel;
    auto& command =
        *runs.add_subcommand("cancel", "End a run that is at work, waits or would be tried again");
    add_run_id(command, options.run_id);
    command.add_option("--reason", options.reason, "Why, for the record")->type_name("TEXT");
    add_data(command, options.data, "The data folder of a server");
    add_json(command, options.output);
    all.choose(command, options);
  }
  {
    auto& options = all.runs_rerun;
    auto& command = *runs.add_subcommand("rerun", "Do a run again, whole or from one of its steps");
    add_run_id(command, options.run_id);
    command.add_option("--from", options.from, "Take over what was completed before this step")
        ->type_name("STEP");
    add_data(command, options.data, "The data folder of a server");
    add_json(command, options.output);
    all.choose(command, options);
  }
}

}  // namespace

void add_runs(CLI::App& app, Options& all) {
  auto& runs = *app.add_subcommand("runs", "What agents did and wait for; works beside a running server");
  runs.require_subcommand(1);
  {
    auto& options = all.runs_list;
    auto& command = *runs.add_subcommand("list", "The runs, newest first");
    command.add_option("--agent", options.agent, "Only runs of this agent")->type_name("NAME");
    command.add_option("--event", options.event_id, "Only runs for this event")->type_name("ID");
    command.add_option("--state", options.state, "Only runs in this state")
        ->check(CLI::IsMember({"running", "waiting", "succeeded", "failed", "cancelled", "skipped"}));
    command.add_option("--limit", options.limit, "At most so many")
        ->check(CLI::Range(1, 10'000))
        ->capture_default_str();
    add_data(command, options.data, "The data folder of a server");
    add_json(command, options.output);
    all.choose(command, options);
  }
  {
    auto& options = all.runs_show;
    auto& command = *runs.add_subcommand("show", "One run: its turns, calls, approvals, times and cost");
    add_run_id(command, options.run_id);
    command.add_flag("--full", options.full, "Print arguments and results whole");
    command.add_flag("--follow", options.follow, "Go on until the run ends");
    add_data(command, options.data, "The data folder of a server");
    add_json(command, options.output);
    all.choose(command, options);
  }
  {
    auto& options = all.runs_waiting;
    auto& command = *runs.add_subcommand("waiting", "The calls that wait for a person");
    command.add_option("--agent", options.agent, "Only runs of this agent")->type_name("NAME");
    add_data(command, options.data, "The data folder of a server");
    add_json(command, options.output);
    all.choose(command, options);
  }
  add_run_control(runs, all);
}

void add_dlq(CLI::App& app, Options& all) {
  auto& dlq =
      *app.add_subcommand("dlq", "The dead-letter queue: deliveries that were given up, with the reason");
  dlq.require_subcommand(1);
  {
    auto& options = all.dlq_list;
    auto& command = *dlq.add_subcommand("list", "The dead letters, newest first");
    command.add_option("--limit", options.limit, "At most so many")
        ->check(CLI::Range(1, 10'000))
        ->capture_default_str();
    add_data(command, options.data, "The data folder of a server");
    add_json(command, options.output);
    all.choose(command, options);
  }
  {
    auto& options = all.dlq_show;
    auto& command = *dlq.add_subcommand("show", "One dead letter with its event");
    command.add_option("id", options.id, "Its number, as `dlq list` shows it")->type_name("N")->required();
    add_data(command, options.data, "The data folder of a server");
    add_json(command, options.output);
    all.choose(command, options);
  }
  {
    auto& options = all.dlq_redrive;
    auto& command = *dlq.add_subcommand(
        "redrive", "Deliver dead letters again; a running server picks them up within a second");
    auto* ids =
        command.add_option("id", options.ids, "Their numbers, as `dlq list` shows them")->type_name("N");
    auto* every = command.add_flag("--all", options.all, "All of them");
    ids->excludes(every);
    add_data(command, options.data, "The data folder of a server");
    add_json(command, options.output);
    command.footer(kExitCodes);
    command.callback([&all, &options] {
      if (options.ids.empty() && !options.all) throw CLI::RequiredError("a number, or --all,");
      all.chosen = options;
    });
  }
}

}  // namespace ebagent::cli
