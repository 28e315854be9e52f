#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "cli/kit_options.hpp"
#include "cli/output.hpp"
#include "watch/bucket_watcher.hpp"

namespace ebagent::cli {

// How a command ends, for scripts to tell apart.
enum ExitCode : int {
  kOk = 0,
  kFailed = 1,    // it was tried and did not work
  kUsage = 2,     // the command line is wrong
  kBadInput = 3,  // a file, event, pattern or configuration that was given is wrong
};

struct DemoOptions {
  std::optional<std::filesystem::path> data;  // kept afterwards when given
  Output output = Output::People;
};

struct InvokeOptions {
  std::string event_file;  // "-" is standard input
  std::optional<std::filesystem::path> data;
  std::optional<std::filesystem::path> config;
  std::vector<watch::WatchedBucket> buckets;
  std::string agent;  // empty: the agents that the rules name
  Output output = Output::People;
};

struct ServeOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 4010;  // 0: any free one
  std::filesystem::path data = kDefaultData;
  std::optional<std::filesystem::path> config;
  std::vector<watch::WatchedBucket> buckets;
  watch::ExistingFiles existing = watch::ExistingFiles::Ignore;
  std::string region = "us-east-1";
  std::string account = "000000000000";
  unsigned workers = 32;
  std::uint64_t keep_seconds = 7 * 86'400;             // 0: for ever
  std::uint64_t keep_bytes = std::uint64_t{10} << 30;  // 0: without a bound
  std::optional<std::filesystem::path> access_keys;
  std::optional<std::filesystem::path> tls_certificate;  // with tls_key, or neither
  std::optional<std::filesystem::path> tls_key;
  std::size_t max_connections = 4'096;
  std::size_t max_requests = 2'048;
  std::uint64_t max_request_bytes = std::uint64_t{64} << 20;
  std::vector<std::string> aws_endpoints;             // [SERVICE=]URL or [SERVICE=]aws
  std::optional<std::filesystem::path> file_targets;  // folder below which file: targets may write
  bool allow_http_targets = false;                    // needed only when `host` is no loopback address
  bool allow_reset = false;
  bool answer_after_delivery = false;
  bool log_json = false;
  bool verbose = false;
};

struct MatchOptions {
  std::string pattern;  // JSON text, or @FILE
  std::string event;    // JSON text, @FILE, or "-" for standard input
  std::string cases;    // a file of cases instead
  bool explain = false;
  Output output = Output::People;
};

struct RulesOptions {
  std::optional<std::filesystem::path> data;
  std::optional<std::filesystem::path> config;
  Output output = Output::People;
};

struct RunsListOptions {
  std::filesystem::path data = kDefaultData;
  std::string agent, event_id, state;
  std::size_t limit = 50;
  Output output = Output::People;
};
struct RunsShowOptions {
  std::filesystem::path data = kDefaultData;
  std::string run_id;
  bool full = false;
  bool follow = false;
  Output output = Output::People;
};

struct RunsWaitingOptions {
  std::filesystem::path data = kDefaultData;
  std::string agent;
  Output output = Output::People;
};
struct RunsAnswerOptions {
  std::filesystem::path data = kDefaultData;
  std::string run_id;
  std::string step;  // empty: the only one that waits
  std::string comment;
  bool approved = false;
  Output output = Output::People;
};
struct RunsCancelOptions {
  std::filesystem::path data = kDefaultData;
  std::string run_id;
  std::string reason;
  Output output = Output::People;
};
struct RunsRerunOptions {
  std::filesystem::path data = kDefaultData;
  std::string run_id;
  std::optional<std::string> from;
  Output output = Output::People;
};

struct DlqListOptions {
  std::filesystem::path data = kDefaultData;
  std::size_t limit = 50;
  Output output = Output::People;
};
struct DlqShowOptions {
  std::filesystem::path data = kDefaultData;
  std::int64_t id = 0;
  Output output = Output::People;
};
struct DlqRedriveOptions {
  std::filesystem::path data = kDefaultData;
  std::vector<std::int64_t> ids;
  bool all = false;
  Output output = Output::People;
};

struct McpOptions {
  std::filesystem::path data = kDefaultData;
  std::string endpoint = "http://127.0.0.1:4010";
  std::string region = "us-east-1";
  std::optional<std::filesystem::path> config;
  bool read_only = false;
  bool allow_run = false;
};
struct McpToolsOptions {
  std::filesystem::path config;
  Output output = Output::People;
};

struct VersionOptions {
  Output output = Output::People;
};

using Command =
    std::variant<DemoOptions, InvokeOptions, ServeOptions, MatchOptions, RulesOptions, RunsListOptions,
                 RunsShowOptions, RunsWaitingOptions, RunsAnswerOptions, RunsCancelOptions, RunsRerunOptions,
                 DlqListOptions, DlqShowOptions, DlqRedriveOptions, McpOptions, McpToolsOptions, TestOptions,
                 RunsExportOptions, ShadowOptions, NewOptions, VersionOptions>;

// Reads the command line. Gives the command to run, or the exit code of a command line that asked for help
// (printed to standard output) or is wrong (explained on standard error).
[[nodiscard]] std::variant<Command, int> parse_arguments(const std::string& program, int argc,
                                                         const char* const* argv);

}  // namespace ebagent::cli
