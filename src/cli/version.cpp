#include <boost/json.hpp>
#include <iostream>

#include "cli/commands.hpp"
#include "core/json.hpp"

namespace ebagent::cli {

int run_version(const VersionOptions& options) {
  if (options.output == Output::Json) {
    std::cout << core::write_json(
                     boost::json::object{{"name", "eventbridge-agent"}, {"version", EBAGENT_VERSION}})
              << '\n';
  } else {
    std::cout << "eventbridge-agent " << EBAGENT_VERSION << '\n';
  }
  return 0;
}

}  // namespace ebagent::cli
