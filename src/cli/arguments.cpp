#include <CLI/CLI.hpp>
#include <iostream>
#include <string_view>

#include "cli/command_line.hpp"

namespace ebagent::cli {
namespace {

watch::WatchedBucket read_bucket(const std::string& text) {
  const auto equals = text.find('=');
  if (equals == std::string::npos || equals == 0 || equals + 1 == text.size()) {
    throw CLI::ValidationError("--bucket",
                               "\"" + text + "\" is not of the form NAME=DIR, as in uploads=/srv/uploads");
  }
  return {text.substr(0, equals), text.substr(equals + 1)};
}

void add_buckets(CLI::App& command, std::vector<watch::WatchedBucket>& buckets, const char* what) {
  command
      .add_option_function<std::vector<std::string>>(
          "--bucket",
          [&buckets](const std::vector<std::string>& texts) {
            for (const auto& text : texts) buckets.push_back(read_bucket(text));
          },
          what)
      ->type_name("NAME=DIR")
      ->take_all()
      ->expected(1, -1)
      ->allow_extra_args(false);
}

void add_demo(CLI::App& app, Options& all) {
  auto& options = all.demo;
  auto& command = *app.add_subcommand(
      "demo", "Put the four kinds of event on a bus and show what the example agents did");
  add_data(command, options.data,
           "Keep what the demo makes here (default: a temporary folder, removed at the end)");
  add_json(command, options.output);
  all.choose(command, options);
}

void add_invoke(CLI::App& app, Options& all) {
  auto& options = all.invoke;
  auto& command =
      *app.add_subcommand("invoke", "Run the agents that one event concerns and print their answer");
  command.add_option("event", options.event_file, "A file with the event as JSON, or - for standard input")
      ->type_name("FILE|-")
      ->required();
  command.add_option("--agent", options.agent, "Run this agent, whatever the rules say")->type_name("NAME");
  add_config(command, options.config, "Agents and rules to use (default: the built-in examples)");
  add_data(command, options.data,
           "Keep runs and results here, so that the same event again is not done twice (default: a temporary "
           "folder)");
  add_buckets(command, options.buckets,
              "Let the folder DIR stand for the S3 bucket NAME (may be given again)");
  add_json(command, options.output);
  all.choose(command, options);
}

void add_serve(CLI::App& app, Options& all) {
  auto& options = all.serve;
  auto& command =
      *app.add_subcommand("serve", "Serve the EventBridge API and run agents on the events put to it");
  command
      .add_option("--host", options.host,
                  "Address to listen on; one that other machines reach needs --access-keys")
      ->capture_default_str();
  command.add_option("--port", options.port, "Port to listen on; 0 takes any free one")
      ->check(CLI::Range(0, 65'535))
      ->capture_default_str();
  add_data(command, options.data, "Where events, rules and runs are kept");
  add_config(command, options.config,
             "Agents and rules; the rules are put on the default bus (default: the built-in example agents, "
             "no rules)");
  add_buckets(command, options.buckets,
              "Watch the folder DIR as the S3 bucket NAME: a file put into it becomes an Object Created "
              "event (may be given again)");
  command.add_flag_callback(
      "--existing", [&options] { options.existing = watch::ExistingFiles::Report; },
      "Also make events for the files that the buckets' folders hold already, each version once");
  command
      .add_option("--region", options.region, "Region of callers that name none, of schedules and of buckets")
      ->envname("AWS_REGION")
      ->capture_default_str();
  command
      .add_option("--account", options.account,
                  "Account of callers that name none, of schedules and of buckets")
      ->check(CLI::Validator{[](std::string& text) {
                               const bool ok = text.size() == 12 &&
                                               text.find_first_not_of("0123456789") == std::string::npos;
                               return ok ? std::string{} : "an account is 12 digits";
                             },
                             "12 DIGITS"})
      ->capture_default_str();
  command
      .add_option(
          "--keep", options.keep_seconds,
          "How long delivered events and ended runs are kept, as in 12h or 30d; 0 keeps them for ever")
      ->transform(CLI::AsNumberWithUnit(
          std::map<std::string, std::uint64_t>{{"s", 1}, {"m", 60}, {"h", 3'600}, {"d", 86'400}},
          CLI::AsNumberWithUnit::DEFAULT, "DURATION"))
      ->default_str("7d");
  command
      .add_option("--keep-size", options.keep_bytes,
                  "Above this size the oldest of them go earlier, as in 500MB or 10GB; 0 sets no bound")
      ->transform(CLI::AsSizeValue(false))
      ->default_str("10GB");
  command
      .add_option(
          "--access-keys", options.access_keys,
          "Who may call: a file of lines `ACCESS_KEY_ID SECRET [ACCOUNT]`; every signature is verified then")
      ->type_name("FILE");
  auto* certificate = command
                          .add_option("--tls-cert", options.tls_certificate,
                                      "Serve HTTPS with this certificate (PEM, the chain behind it)")
                          ->type_name("FILE");
  auto* key =
      command.add_option("--tls-key", options.tls_key, "The certificate's key (PEM)")->type_name("FILE");
  certificate->needs(key);
  key->needs(certificate);
  command
      .add_option("--max-connections", options.max_connections,
                  "Connections open at once; more are answered 503")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  command
      .add_option("--max-requests", options.max_requests,
                  "Requests under way at once; more are answered ThrottlingException")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  command
      .add_option("--max-request-bytes", options.max_request_bytes,
                  "Bytes of requests and answers held at once, as in 64MB; beyond, ThrottlingException")
      ->transform(CLI::AsSizeValue(false))
      ->check(CLI::Range(std::uint64_t{4} << 20, std::uint64_t{1} << 40))
      ->default_str("64MB");
  command
      .add_option("--aws-endpoint", options.aws_endpoints,
                  "Where targets in AWS services are reached: [SERVICE=]URL, or [SERVICE=]aws for AWS "
                  "itself; SERVICE is "
                  "SQS, SNS, LAMBDA, SFN, LOGS, KINESIS or FIREHOSE (may be given again)")
      ->type_name("[SERVICE=]URL")
      ->take_all()
      ->expected(1, -1)
      ->allow_extra_args(false);
  command
      .add_option("--file-targets", options.file_targets,
                  "Let rules append events to files below DIR, as targets file:///DIR/NAME")
      ->type_name("DIR")
      ->check(CLI::ExistingDirectory);
  command.add_flag("--allow-http-targets", options.allow_http_targets,
                   "Let rules send events to http and https URLs though the server listens to the network");
  command.add_flag("--allow-reset", options.allow_reset,
                   "For tests: POST /_eventbridge/reset forgets all events, runs, rules and buses");
  command.add_flag("--answer-after-delivery", options.answer_after_delivery,
                   "For tests: PutEvents answers once the first attempt of every delivery is done");
  command.add_option("--workers", options.workers, "Deliveries attempted at the same time")
      ->check(CLI::Range(1, 4'096))
      ->capture_default_str();
  command.add_flag("--log-json", options.log_json, "Log JSON lines for programs instead of text for people");
  command.add_flag("--verbose", options.verbose, "Also log each request and each attempt");
  all.choose(command, options);
}

void add_match(CLI::App& app, Options& all) {
  auto& options = all.match;
  auto& command = *app.add_subcommand("match", "Tell whether an event pattern matches an event, and why not");
  auto* pattern = command.add_option("--pattern", options.pattern, "The event pattern: JSON, or @FILE")
                      ->type_name("JSON|@FILE");
  auto* event =
      command.add_option("--event", options.event, "The event: JSON, @FILE, or - for standard input")
          ->type_name("JSON|@FILE|-");
  command.add_flag("--explain", options.explain,
                   "Tell of each field what the pattern asks and what the event has");
  auto* cases = command
                    .add_option("--cases", options.cases,
                                "Run a file of cases with known answers and print each disagreement")
                    ->type_name("FILE")
                    ->check(CLI::ExistingFile);
  pattern->needs(event)->excludes(cases);
  event->needs(pattern)->excludes(cases);
  add_json(command, options.output);
  command.footer(std::string{"Without a match the exit code is 1.\n"} + kExitCodes);
  command.callback([&all, &options] {
    if (options.pattern.empty() && options.cases.empty())
      throw CLI::RequiredError("--pattern and --event, or --cases");
    all.chosen = options;
  });
}

void add_rules(CLI::App& app, Options& all) {
  auto& options = all.rules;
  auto& command = *app.add_subcommand(
      "rules", "List the rules of a data folder (also beside a running server) or of a configuration");
  auto* data = command.add_option("--data", options.data, "The data folder of a server")
                   ->type_name("DIR")
                   ->envname("EBAGENT_DATA");
  auto* config = command.add_option("--config", options.config, "A configuration")
                     ->type_name("FILE")
                     ->check(CLI::ExistingFile);
  data->excludes(config);
  add_json(command, options.output);
  all.choose(command, options);
}

void add_mcp(CLI::App& app, Options& all) {
  auto& options = all.mcp;
  auto& mcp = *app.add_subcommand(
      "mcp",
      "Offer rules, events, runs, dead letters and agents to an MCP client, on standard input and output");
  add_data(mcp, options.data, "The data folder of a server, read beside it");
  mcp.add_option("--endpoint", options.endpoint, "The server that events and rules are put to")
      ->type_name("URL")
      ->capture_default_str();
  mcp.add_option("--region", options.region, "Region of the calls to the server")
      ->envname("AWS_REGION")
      ->capture_default_str();
  add_config(mcp, options.config, "Agents to list and to run (default: the built-in examples)");
  mcp.add_flag("--read-only", options.read_only, "Leave out the tools that change what the server has");
  mcp.add_flag("--allow-run", options.allow_run,
               "Also offer run_agent, which runs agents in this process: their tools act");
  auto& tools = *mcp.add_subcommand(
      "tools", "List the tools of the MCP servers of a configuration, and the hashes to pin them with");
  tools.add_option("--config", all.mcp_tools.config, "The configuration")
      ->type_name("FILE")
      ->check(CLI::ExistingFile)
      ->required();
  add_json(tools, all.mcp_tools.output);
  tools.footer(kExitCodes);
  mcp.footer(kExitCodes);
  mcp.callback([&all, &tools] {
    if (tools.parsed()) {
      all.chosen = all.mcp_tools;
    } else {
      all.chosen = all.mcp;
    }
  });
}

void add_version(CLI::App& app, Options& all) {
  auto& command = *app.add_subcommand("version", "Print the version");
  add_json(command, all.version.output);
  all.choose(command, all.version);
}

bool has_command(const CLI::App& app, const std::string& name) {
  return !app.get_subcommands([&name](const CLI::App* command) { return command->get_name() == name; })
              .empty();
}

}  // namespace

std::variant<Command, int> parse_arguments(const std::string& program, int argc, const char* const* argv) {
  CLI::App app{"A runtime for agents that react to AWS events.", program};
  app.require_subcommand(1);
  app.footer(kExitCodes);
  app.get_formatter()->column_width(34);
  Options all;
  add_demo(app, all);
  add_invoke(app, all);
  add_serve(app, all);
  add_match(app, all);
  add_rules(app, all);
  add_runs(app, all);
  add_dlq(app, all);
  add_mcp(app, all);
  add_kit(app, all.kit, kExitCodes, [&all](Command command) { all.chosen = std::move(command); });
  add_version(app, all);
  if (argc > 1 && argv[1][0] != '-' && !has_command(app, argv[1])) {
    std::cerr << argv[1] << " is no command of " << program << "; run with --help for the commands.\n";
    return int{kUsage};
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const bool asked_for_help = error.get_exit_code() == 0;
    app.exit(error, std::cout, std::cerr);
    return asked_for_help ? int{kOk} : int{kUsage};
  }
  return all.chosen;
}

}  // namespace ebagent::cli
