#include "cli/mcp_section.hpp"

#include <memory>
#include <variant>

#include "mcp/section.hpp"
#include "telemetry/log.hpp"

namespace ebagent::cli {

App::SectionReader mcp_section(const Command& command) {
  telemetry::LogFormat format = telemetry::LogFormat::Text;
  telemetry::LogLevel least = telemetry::LogLevel::Warn;
  if (const auto* serve = std::get_if<ServeOptions>(&command)) {
    if (serve->log_json) format = telemetry::LogFormat::Json;
    least = serve->verbose ? telemetry::LogLevel::Debug : telemetry::LogLevel::Info;
  }
  // The log reads the clock, so the two live together.
  struct Kept {
    SystemClock clock;
    telemetry::Log log;
    Kept(telemetry::LogFormat with, telemetry::LogLevel from) : log(with, from, stderr, clock) {}
  };
  const auto kept = std::make_shared<Kept>(format, least);
  return mcp::section_reader({kept, &kept->clock}, {kept, &kept->log});
}

}  // namespace ebagent::cli
