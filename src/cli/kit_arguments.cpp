#include "cli/kit_arguments.hpp"

#include "cli/shared_arguments.hpp"
#include "core/time_format.hpp"

namespace ebagent::cli {
namespace {

CLI::App& add_test(CLI::App& app, TestOptions& options) {
  auto& command = *app.add_subcommand(
      "test", "Run test cases of agents: recorded turns are replayed, tools answered from the record");
  command.add_option("case", options.cases, "Files of cases, as `runs export` writes them")
      ->type_name("FILE")
      ->required();
  command.add_option("--config", options.config, "The configuration of cases that name none")
      ->type_name("FILE")
      ->check(CLI::ExistingFile);
  add_json(command, options.output);
  return command;
}

CLI::App& add_export(CLI::App& runs, RunsExportOptions& options) {
  auto& command = *runs.add_subcommand("export", "Make a test case of a run, for the command test");
  command.add_option("id", options.run_id, "The run's id, or the first characters of it")
      ->type_name("ID")
      ->required();
  auto* cassette =
      command.add_option("--cassette", options.cassette,
                         "Where to put the model's turns; needed of an agent that a language model drives");
  cassette->type_name("FILE");
  command
      .add_option("--test", options.test,
                  "Where to put the case (default: beside the cassette, as NAME.test.json)")
      ->type_name("FILE");
  command
      .add_option("--config", options.config, "The configuration that has the agent (default: the built-in)")
      ->type_name("FILE")
      ->check(CLI::ExistingFile);
  add_data(command, options.data, "The data folder of a server, read beside it");
  add_json(command, options.output);
  return command;
}

CLI::App& add_shadow(CLI::App& app, ShadowOptions& options) {
  auto& command =
      *app.add_subcommand("shadow",
                          "Show what changed agents would do with the events of recorded runs; no tool "
                          "is called");
  command.add_option("--config", options.config, "The changed configuration")
      ->type_name("FILE")
      ->check(CLI::ExistingFile)
      ->required();
  add_data(command, options.data, "The data folder of a server, read beside it");
  auto* agent = command.add_option("--agent", options.agent, "Only runs of this agent")->type_name("NAME");
  command
      .add_option("--archive", options.archive,
                  "Take the events of this archive instead of those of runs; needs --agent")
      ->type_name("NAME")
      ->needs(agent);
  command
      .add_option("--since", options.since,
                  "Only runs that began, or events that happened, at this time or later")
      ->type_name("RFC3339")
      ->check(CLI::Validator{[](std::string& text) {
                               auto time = core::parse_rfc3339(text);
                               return time ? std::string{} : time.error().message;
                             },
                             ""});
  command
      .add_option("--limit", options.limit, "At most so many, the newest runs or the oldest archived events")
      ->check(CLI::Range(1, 1'000))
      ->capture_default_str();
  add_json(command, options.output);
  return command;
}

CLI::App& add_new(CLI::App& app, NewOptions& options) {
  auto& command = *app.add_subcommand("new", "Make a project with an agent, an event, a cassette and a test");
  command.add_option("dir", options.folder, "A folder that does not exist or is empty")
      ->type_name("DIR")
      ->required();
  command.add_option("--language", options.language, "What the agent is written in")
      ->check(CLI::IsMember({"yaml", "cpp"}))
      ->capture_default_str();
  command.add_option("--name", options.name, "The agent's name (default: the folder's)")->type_name("NAME");
  return command;
}

}  // namespace

void add_kit(CLI::App& app, KitOptions& options, const std::string& footer,
             const std::function<void(Command)>& choose) {
  const auto finish = [&](CLI::App& command, auto& chosen) {
    command.footer(footer);
    command.callback([choose, &chosen] { choose(chosen); });
  };
  finish(add_test(app, options.test), options.test);
  auto& command = add_export(*app.get_subcommand("runs"), options.runs_export);
  command.footer(footer);
  command.callback([choose, &options] {
    if (options.runs_export.cassette.empty() && options.runs_export.test.empty())
      throw CLI::RequiredError("--cassette or --test");
    choose(options.runs_export);
  });
  finish(add_shadow(app, options.shadow), options.shadow);
  finish(add_new(app, options.new_project), options.new_project);
}

}  // namespace ebagent::cli
