#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "ebagent/app.hpp"
#include "ebagent/result.hpp"
#include "tools/local_services.hpp"

// The example project, and what runs when no configuration is given: uploads, alarms, orders and schedules,
// each with an agent that does real work on local stand-ins.
namespace ebagent::operations {

struct Options {
  std::filesystem::path data_dir;                          // where the stand-ins keep what they are given
  std::map<std::string, std::filesystem::path> buckets;    // buckets that are folders elsewhere
  std::map<std::string, std::filesystem::path> databases;  // backed up besides the services' own, by name
  std::shared_ptr<tools::EventStatistics> statistics;      // what reports count; none: what the agents logged
  enum class Samples {
    None,
    Install
  } samples = Samples::Install;  // stock, a customer, a group, files in two buckets
};

// Adds the built-in tools and the project's own over the services to an app; for agents of other
// configurations too.
[[nodiscard]] Result<void> add_tools(App& app, const Options& options);

// Adds these tools and the project's agents and rules (agents.yaml and order-processor).
[[nodiscard]] Result<void> set_up(App& app, const Options& options);

// Makes them what an app starts with: the tools and the order-processor in any case, agents.yaml and the
// samples when no other configuration is given.
void install(App& app);

// A whole app: set_up on a new one.
[[nodiscard]] Result<App> make_app(const Options& options, AppPorts ports = {});

// agents.yaml as it was when this was built.
[[nodiscard]] std::string_view agents_yaml();

}  // namespace ebagent::operations
